// Item: its facts, and four ways to go on from it.
import { cards, forget, get, itemPath, send } from "./api.js";
import { el, fill, heading, notes, problem, say } from "./dom.js";
import { fetchWithKey } from "./key.js";
import { showing } from "./media.js";
import { bar, cover, nameOf, partBars, tiles } from "./tiles.js";

export const NAME = "Item";
export const HIDDEN = true;
const LIMIT = 6;

const WAYS = [
  ["Similar", "Alike in all that is known of them", (id, signal) => get(`${itemPath(id)}/similar`, { limit: LIMIT }, signal)],
  ["Looks alike", "By the picture alone", (id, signal) => send("POST", "/v1/search", { like: [id], weights: { image: 1 }, limit: LIMIT }, signal)],
  ["Bought together", "What the same people took", (id, signal) => get(`${itemPath(id)}/similar`, { kind: "bought-together", limit: LIMIT }, signal)],
  ["Next", "What is liked after it", (id, signal) => get(`${itemPath(id)}/similar`, { kind: "next", limit: LIMIT }, signal)],
];

export async function render(root, id, signal) {
  const response = await fetchWithKey(itemPath(id), { signal });
  if (!response.ok) throw new Error(`There is no item ${id}.`);
  const etag = response.headers.get("ETag");
  const item = await response.json();
  root.append(facts(item), ...WAYS.map(([name]) => el("section", { "aria-label": name, "data-way": name })), el("section", { "aria-label": "Audience" }), editor(item, etag));
  const ways = WAYS.filter(([name]) => name !== "Looks alike" || item.media.image.length);
  await Promise.all([...ways.map((way) => showWay(root, way, id, signal)), audience(root, id, signal)]);
}

function facts(item) {
  const known = { Id: item.item_id, Categories: item.categories.join(", "), ...item.attributes };
  const rows = Object.entries(known).filter(([, value]) => value !== "" && value?.length !== 0);
  return el("article", { class: "facts" },
    el("div", { class: "picture" }, cover(item, item.item_id)),
    el("div", {}, heading(nameOf(item, item.item_id), item.description),
      item.media.audio.map((address) => showing(el("audio", { controls: true, preload: "none", "aria-label": `Sound of ${nameOf(item, item.item_id)}` }), address)),
      el("dl", {}, rows.map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", { text: Array.isArray(value) ? value.join(", ") : String(value) }))))));
}

async function showWay(root, [name, lead, ask], id, signal) {
  const section = root.querySelector(`[data-way="${name}"]`);
  const head = el("div", { class: "subheading" }, el("h2", { text: name }), el("p", { text: lead }));
  try {
    const found = await ask(id, signal);
    const others = found.items.filter((one) => one.item_id !== id);
    const items = await cards(others.map((one) => one.item_id), signal);
    fill(section, head, others.length ? tiles(others, items, (one) => partBars(one.parts, 3)) : el("p", { class: "nothing", text: "Nothing yet." }), others.length ? null : notes(found.notes));
  } catch (error) {
    if (!signal.aborted) fill(section, head, problem(error));
  }
}

async function audience(root, id, signal) {
  const section = root.querySelector('[aria-label="Audience"]');
  const head = el("div", { class: "subheading" }, el("h2", { text: "Audience" }), el("p", { text: "Whom it suits, of those who have not met it" }));
  try {
    fill(section, head, audienceList((await get(`${itemPath(id)}/audience`, { limit: 8 }, signal)).audience));
  } catch (error) {
    if (!signal.aborted) fill(section, head, problem(error));
  }
}

export function audienceList(found) {
  if (!found.length) return el("p", { class: "nothing", text: "Nobody yet." });
  const most = Math.max(...found.map((one) => one.score));
  return el("ul", { class: "bars people" }, found.map((one) => {
    const row = bar("", one.score, most, one.score.toFixed(3));
    row.querySelector(".name").append(el("a", { href: `#/user/${encodeURIComponent(one.user_id)}`, text: one.user_id }));
    return row;
  }));
}

function editor(item, etag) {
  const title = el("input", { id: "edit-title", value: item.title });
  const description = el("textarea", { id: "edit-description", rows: 4 });
  description.value = item.description;
  const outcome = el("p", { role: "status" });
  const headers = etag ? { "If-Match": etag } : {};
  const save = async (event) => {
    event.preventDefault();
    try {
      await send("PATCH", itemPath(item.item_id), { title: title.value, description: description.value }, undefined, headers);
      forget(item.item_id);
      dispatchEvent(new HashChangeEvent("hashchange"));
      say("Saved");
    } catch (error) {
      fill(outcome, problem(error));
    }
  };
  return el("details", { class: "editor" }, el("summary", { text: "Edit or remove" }),
    el("form", { on: { submit: save } },
      el("div", { class: "field" }, el("label", { for: "edit-title", text: "Title" }), title),
      el("div", { class: "field" }, el("label", { for: "edit-description", text: "Description" }), description),
      el("div", { class: "row" }, el("button", { class: "primary", text: "Save" }), removal(item, outcome)), outcome));
}

// Asks twice: a removed item is gone from every list at once.
function removal(item, outcome) {
  const button = el("button", { type: "button", class: "danger", text: "Remove" });
  button.addEventListener("click", async () => {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = "Really remove it";
      return;
    }
    try {
      await send("DELETE", itemPath(item.item_id));
      forget(item.item_id);
      location.hash = "#/search";
    } catch (error) {
      fill(outcome, problem(error));
    }
  });
  return button;
}
