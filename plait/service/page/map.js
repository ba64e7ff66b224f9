// Map: the catalogue on a plane, with a user's history and interests on it; a list says the same without a pointer.
import { get, userPath } from "./api.js";
import { el, fill, heading, say } from "./dom.js";
import { link } from "./tiles.js";
import { userPicker } from "./user_picker.js";
import { colourOf, drawMap, legendOf } from "./map_drawing.js";
import { movable } from "./map_moving.js";

export const NAME = "Map";

export async function render(root, argument, signal) {
  const state = { view: { x: 0, y: 0, zoom: 1 }, hover: null, recent: [], interests: [] };
  const canvas = el("canvas", { tabindex: "0", role: "img", "aria-label": "Map of the catalogue. Arrow keys move it, plus and minus zoom; the list below says the same.", class: "map" });
  const tip = el("div", { class: "tip", "aria-hidden": "true", hidden: true });
  const side = el("div", { class: "legend" }), list = el("div", { class: "listed" }), told = el("p", { class: "count" });
  const colouring = el("select", { id: "colour-by" });
  const redraw = () => canvas.isConnected && drawMap(canvas, state);
  const load = async () => {
    Object.assign(state, await get("/v1/map", { by: colouring.value }, signal));
    state.groups = groupsOf(state.points);
    if (!colouring.options.length) fill(colouring, state.columns.map((name) => el("option", { value: name, text: name, selected: name === state.by })));
    fill(side, legendOf(state.groups));
    fill(list, listOf(state));
    redraw();
  };
  const showUser = async (id) => {
    if (!id) return;
    const found = await get(`${userPath(id)}/profile`, {}, signal);
    const placed = new Map(state.points.map((one) => [one.item_id, one]));
    state.recent = found.recent.filter((one) => placed.has(one.item_id)).map((one) => ({ ...placed.get(one.item_id), attention: one.attention }));
    state.interests = found.interests.map((one) => one.items.map((item) => placed.get(item)).filter(Boolean)).filter((one) => one.length);
    told.textContent = `${id}: ${state.recent.length} recent items, ${state.interests.length} interests`;
    say(told.textContent);
    redraw();
  };
  colouring.addEventListener("change", load);
  root.append(heading("Map of the catalogue", "Items that are alike lie near one another."),
    el("div", { class: "controls" }, el("div", { class: "field" }, el("label", { for: "colour-by", text: "Coloured by" }), colouring), userPicker(argument, showUser, "With a user's taste")),
    told, el("div", { class: "mapped" }, el("div", { class: "board" }, canvas, tip), side),
    el("details", {}, el("summary", { text: "The map as a list" }), list));
  await load();
  movable(canvas, state, redraw, tip, signal);
  new ResizeObserver(redraw).observe(canvas);
  addEventListener("plait-theme", redraw, { signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
  await showUser(argument);
}

// The values that colour, the most frequent first, each with its items.
function groupsOf(points) {
  const groups = new Map();
  for (const one of points) groups.set(one.group, [...(groups.get(one.group) || []), one]);
  const sorted = [...groups].sort((a, b) => b[1].length - a[1].length);
  sorted.forEach(([, members], place) => members.forEach((one) => (one.colour = colourOf(place))));
  return sorted;
}

function listOf(state) {
  return state.groups.map(([name, members]) => el("section", {}, el("h3", { text: `${name || "none"} (${members.length})` }),
    el("ul", {}, members.map((one) => el("li", {}, el("a", { href: link(one.item_id), text: one.title || one.item_id }))))));
}
