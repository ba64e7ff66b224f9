// Search: words, a picture, a sound, weighed as one likes; what is found comes as one types.
import { cards, get, send, sendForm } from "./api.js";
import { el, fill, heading, later, newest, notes, problem, say } from "./dom.js";
import { dropZone } from "./drop.js";
import { partBars, tiles } from "./tiles.js";

export const NAME = "Search";
const STRANDS = { text: "Words", image: "Picture", audio: "Sound", lexical: "Same words" };
const LIMIT = 18;

export async function render(root, argument, signal) {
  const state = { text: argument, image: null, audio: null, weights: {} };
  const results = el("section", { "aria-label": "Results", "aria-busy": "false" });
  const count = el("h2", { class: "count" });
  const run = newest(signal, (mine) => find(state, results, count, mine));
  const soon = later(220, run);
  const words = el("input", { type: "search", id: "words", value: argument, autocomplete: "off", placeholder: "rain on a tin roof", enterkeyhint: "search" });
  words.addEventListener("input", () => ((state.text = words.value), soon()));
  const media = (name, file) => ((state[name] = file), run());
  root.append(
    heading("Find by words, picture or sound"),
    el("form", { class: "searching", role: "search", on: { submit: (event) => (event.preventDefault(), run()) } },
      el("div", { class: "field wide" }, el("label", { for: "words", text: "Words" }), words),
      dropZone("image", "Picture", (file) => media("image", file)),
      dropZone("audio", "Sound", (file) => media("audio", file), { records: true }),
      sliders(state, soon)),
    count, results);
  await run();
}

function sliders(state, changed) {
  const rows = Object.entries(STRANDS).map(([name, label]) => {
    const shown = el("output", { for: `weight-${name}`, text: "auto" });
    const input = el("input", { type: "range", id: `weight-${name}`, min: "0", max: "2", step: "0.1", value: "1" });
    input.addEventListener("input", () => {
      state.weights[name] = Number(input.value);
      shown.textContent = Number(input.value).toFixed(1);
      changed();
    });
    return el("div", { class: "slider" }, el("label", { for: `weight-${name}`, text: label }), input, shown);
  });
  const reset = el("button", { type: "button", class: "quiet", text: "As learnt" });
  reset.addEventListener("click", () => {
    state.weights = {};
    for (const row of rows) (row.querySelector("input").value = "1"), (row.querySelector("output").textContent = "auto");
    changed();
  });
  return el("details", { class: "weights" }, el("summary", { text: "What counts how much" }), el("div", { class: "sliders" }, rows, reset));
}

// With one slider moved the others count 1, as they show.
const weightsOf = (moved) =>
  Object.keys(moved).length ? Object.fromEntries(Object.keys(STRANDS).map((name) => [name, moved[name] ?? 1])) : undefined;

async function find(state, results, count, signal) {
  results.setAttribute("aria-busy", "true");
  try {
    const text = state.text.trim();
    if (!text && !state.image && !state.audio) return await browse(results, count, signal);
    const fields = { text, limit: LIMIT, weights: weightsOf(state.weights) };
    const found = state.image || state.audio
      ? await sendForm("/v1/search", fields, { image: state.image, audio: state.audio }, signal)
      : await send("POST", "/v1/search", fields, signal);
    const items = await cards(found.items.map((one) => one.item_id), signal);
    count.textContent = found.items.length ? `The ${found.items.length} nearest` : "Nothing found";
    fill(results, notes(found.notes), tiles(found.items, items, (one) => partBars(one.parts)));
    say(count.textContent);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    count.textContent = "";
    fill(results, problem(error));
  } finally {
    results.setAttribute("aria-busy", "false");
  }
}

async function browse(results, count, signal) {
  const page = await get("/v1/items", { limit: LIMIT }, signal);
  const items = new Map(page.items.map((item) => [item.item_id, item]));
  count.textContent = `${page.total.toLocaleString("en")} items in the catalogue`;
  fill(results, tiles(page.items, items));
}
