// Models: which one answers, and how the service does while one looks.
import { get, send } from "./api.js";
import { chart } from "./chart.js";
import { el, fill, heading, notes, problem, say } from "./dom.js";
import { freshness } from "./freshness.js";
import { fetchWithKey } from "./key.js";
import { buckets, parse, quantile } from "./metrics.js";

export const NAME = "Models";
const EVERY = 2000, KEPT = 60;
const milliseconds = (one) => `${one < 10 ? one.toFixed(1) : one.toFixed(0)} ms`;
const percent = (one) => `${(100 * one).toFixed(1)} %`;

export async function render(root, _, signal) {
  const table = el("section", { "aria-label": "Models" });
  const charts = {
    ctr: chart("Clicks per showing", "Of what was shown and written down.", percent),
    fresh: chart("Freshness", "From an event to the list that knows it, in this page.", milliseconds),
    recall: chart("Recall of the index", "Of the ten nearest, on 32 questions.", percent, { most: 1 }),
    fast: chart("Latency, median", "Of requests since the last look.", milliseconds),
    slow: chart("Latency, 95 of 100", "Of requests since the last look.", milliseconds),
    changes: chart("Not yet in a snapshot", "Changes that live beside the index.", (one) => one.toFixed(0)),
  };
  root.append(heading("Models and live charts", "What answers, and how well."), table,
    el("section", { "aria-label": "Live" }, el("h2", { text: "Live" }), el("div", { class: "charts" }, Object.values(charts).map((one) => one.panel))));
  await showModels(table, signal);
  await watch(charts, signal);
}

async function watch(charts, signal) {
  const series = Object.fromEntries(Object.keys(charts).map((name) => [name, []]));
  let before = [];
  const look = async () => {
    const [live, text] = await Promise.all([get("/v1/live", {}, signal), fetchWithKey("/metrics", { signal }).then((answer) => answer.text())]);
    const now = buckets(parse(text));
    const within = (share) => ((found) => (found === null ? null : 1000 * found))(quantile(before, now, share));
    const seen = { ctr: live.shown ? live.clicked / live.shown : null, recall: live.recall, changes: live.changes, fast: within(0.5), slow: within(0.95) };
    before = now;
    for (const [name, value] of Object.entries(seen)) series[name] = [...series[name], value].slice(-KEPT);
    series.fresh = freshness();
    for (const [name, one] of Object.entries(charts)) one.draw(series[name]);
  };
  await look();
  // A look that fails is left out: the next one may not.
  const timer = setInterval(() => document.hidden || look().catch(() => null), EVERY);
  signal.addEventListener("abort", () => clearInterval(timer));
}

async function showModels(root, signal, said = null) {
  const { models } = await get("/v1/models", {}, signal);
  const move = (path) => async () => {
    try {
      const moved = await send("POST", path);
      say(`Model ${moved.model} answers`);
      await showModels(root, signal, notes(moved.notes));
    } catch (error) {
      await showModels(root, signal, problem(error));
    }
  };
  const row = (one) => el("tr", { "data-model": one.number }, el("th", { scope: "row", text: `Model ${one.number}` }),
    el("td", { text: one.current ? "Answers now" : one.problem || "Ready" }), el("td", { text: told(one) }),
    el("td", {}, one.current ? null : el("button", { type: "button", text: "Promote", "aria-label": `Promote model ${one.number}`, disabled: Boolean(one.problem), on: { click: move(`/v1/models/${one.number}/promote`) } })));
  fill(root, el("div", { class: "subheading" }, el("h2", { text: "Models" }), el("button", { type: "button", text: "Roll back", on: { click: move("/v1/models/rollback") } })), said,
    models.length ? el("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": "Table of models" }, el("table", {}, el("thead", {}, el("tr", {}, ["Model", "State", "Measured at its birth", "Change"].map((name) => el("th", { scope: "col", text: name })))), el("tbody", {}, models.map(row))))
      : el("p", { class: "nothing", text: "Nothing is trained yet: answers come from content and popularity." }));
}

function told(one) {
  const measured = Object.entries(one.metrics || one.measured || {}).filter(([, value]) => typeof value === "number");
  return measured.slice(0, 3).map(([name, value]) => `${name} ${value.toFixed(3)}`).join(", ") || "–";
}
