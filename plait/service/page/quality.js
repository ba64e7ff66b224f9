// Quality: what the catalogue lacks, what nearly stands twice, what the log is made of.
import { cards, get } from "./api.js";
import { el, heading } from "./dom.js";
import { bar, tile } from "./tiles.js";

export const NAME = "Quality";
const LACKS = { image: "No picture", audio: "No sound", description: "No description", title: "No title" };

export async function render(root, _, signal) {
  const found = await get("/v1/quality", {}, signal);
  const ids = [...Object.values(found.lacking).flatMap((one) => one.items.slice(0, 6)), ...found.duplicates.pairs.flat()];
  const items = await cards(ids, signal);
  const share = (count) => (found.items ? `${count} · ${((100 * count) / found.items).toFixed(0)} %` : "0");
  const events = Object.values(found.events);
  root.append(heading("Data quality", `${found.items.toLocaleString("en")} items, ${found.users.toLocaleString("en")} users with events.`),
    el("div", { class: "columns even" },
      el("section", { class: "panel", "aria-label": "Missing" }, el("h2", { text: "What items lack" }),
        el("ul", { class: "bars wide" }, Object.entries(LACKS).map(([name, label]) => bar(label, found.lacking[name].count, found.items, share(found.lacking[name].count))))),
      el("section", { class: "panel", "aria-label": "Events" }, el("h2", { text: "Events by type" }),
        events.length ? el("ul", { class: "bars wide" }, Object.entries(found.events).map(([name, count]) => bar(name, count, Math.max(...events), count.toLocaleString("en")))) : el("p", { class: "nothing", text: "No events yet." }))),
    el("section", { "aria-label": "Near duplicates" }, el("h2", { text: "Near duplicates" }), el("p", { class: "count", text: pairsSaid(found.duplicates.count) }),
      ...found.duplicates.pairs.map((pair) => el("ul", { class: "tiles pair" }, pair.map((id) => tile(items.get(id), id))))),
    ...Object.entries(LACKS).filter(([name]) => found.lacking[name].count).map(([name, label]) =>
      el("section", { "aria-label": label }, el("h2", { text: label }), el("ul", { class: "tiles" }, found.lacking[name].items.slice(0, 6).map((id) => tile(items.get(id), id))))));
}

const pairsSaid = (count) => (count ? `${count} pairs of items are nearly the same.` : "No two items are nearly the same.");
