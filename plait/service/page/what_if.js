// What if: a history is made up, and the list follows; nothing is written.
import { cards, get, send } from "./api.js";
import { el, fill, heading, later, newest, notes, problem, say } from "./dom.js";
import { rankedRow, show } from "./ranked_list.js";
import { cover, nameOf } from "./tiles.js";

export const NAME = "What if";

export async function render(root, argument, signal) {
  let history = argument ? argument.split(",").filter(Boolean) : [];
  const items = new Map();
  const edited = el("ol", { class: "history", "aria-label": "History, oldest first" });
  const list = el("ol", { class: "ranking" });
  const told = el("div", {});

  const follow = newest(signal, async (mine) => {
    if (!history.length) return void (fill(list), fill(told, el("p", { class: "nothing", text: "Add an item that somebody might have liked." })));
    try {
      const found = await send("POST", "/v1/recommendations", { history, limit: 10, explain: "en" }, mine);
      const known = await cards(found.items.map((one) => one.item_id), mine);
      fill(told, notes(found.notes));
      show(list, found.items.map((one) => rankedRow(one, known.get(one.item_id))));
    } catch (error) {
      if (error.name === "AbortError") throw error;
      fill(told, problem(error));
    }
  });
  const change = (next, what, focus) => {
    history = next;
    draw();
    say(what);
    edited.children[focus]?.querySelector("button")?.focus();
    return follow();
  };
  const draw = () => fill(edited, history.map((id, place) => historyRow(id, items.get(id), place, history, change)));
  const add = (item) => (items.set(item.item_id, item), change([...history.filter((id) => id !== item.item_id), item.item_id], `${nameOf(item, item.item_id)} added`, -1));

  for (const [id, item] of await cards(history, signal)) items.set(id, item);
  root.append(heading("What if somebody liked these?", "Change the history; the list follows. Nothing is written down."),
    el("div", { class: "columns" },
      el("section", { "aria-label": "History" }, el("h2", { text: "History" }), edited, finder(add, signal)),
      el("section", { "aria-label": "Recommendations" }, el("h2", { text: "Then this suits them" }), told, list)));
  draw();
  await follow();
}

function historyRow(id, item, place, history, change) {
  const title = nameOf(item, id);
  const moved = (to) => {
    const next = history.filter((_, i) => i !== place);
    next.splice(to, 0, id);
    return next;
  };
  const button = (text, label, call, disabled) => el("button", { type: "button", class: "quiet", text, "aria-label": `${label} ${title}`, disabled, on: { click: call } });
  return el("li", { "data-item": id }, el("span", { class: "picture tiny" }, cover(item, id)), el("span", { class: "grow", text: title }),
    button("↑", "Earlier:", () => change(moved(place - 1), `${title} moved up`, place - 1), place === 0),
    button("↓", "Later:", () => change(moved(place + 1), `${title} moved down`, place + 1), place === history.length - 1),
    button("×", "Remove", () => change(history.filter((_, i) => i !== place), `${title} removed`, Math.max(0, place - 1)), false));
}

function finder(add, signal) {
  const input = el("input", { id: "find-item", type: "search", autocomplete: "off", placeholder: "a word of its title" });
  const found = el("ul", { class: "found", "aria-label": "Items to add" });
  const look = newest(signal, async (mine) => {
    const page = await get("/v1/items", { query: input.value, limit: 6 }, mine);
    fill(found, page.items.map((item) => {
      const title = nameOf(item, item.item_id);
      return el("li", {}, el("button", { type: "button", "data-add": item.item_id, on: { click: () => add(item) } }, el("span", { class: "picture tiny" }, cover(item, item.item_id)), `Add ${title}`));
    }));
  });
  input.addEventListener("input", later(200, look));
  look();
  return el("form", { on: { submit: (event) => event.preventDefault() } }, el("div", { class: "field" }, el("label", { for: "find-item", text: "Add an item" }), input), found);
}
