// Tiles: how an item looks wherever it stands, and the bars that say what makes its score.
import { el, svg } from "./dom.js";
import { showing } from "./media.js";
import { playButton } from "./sound.js";

export const nameOf = (item, id) => item?.title || (item ? `Untitled ${id}` : id);
export const link = (id) => `#/item/${encodeURIComponent(id)}`;

export function cover(item, id) {
  const address = item?.media.image[0];
  if (address) return showing(el("img", { class: "cover", alt: "", loading: "lazy", width: 200, height: 200 }), address);
  return el("span", { class: "cover empty", "aria-hidden": "true" }, item?.media.audio.length ? wave(id) : initials(item, id));
}

function initials(item, id) {
  const words = (item?.title || id).trim().split(/\s+/);
  return words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
}

// A still of a sound: bars whose heights follow from the id, so that an item always looks the same.
function wave(id) {
  let state = [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 2147483647, 7);
  const bars = Array.from({ length: 13 }, (_, i) => {
    state = (state * 48271) % 2147483647;
    const height = 8 + (state % 40) * Math.sin(((i + 1) / 14) * Math.PI);
    return svg("rect", { x: 6 + i * 7, y: 50 - height / 2, width: 3.5, height, rx: 1.75 });
  });
  return svg("svg", { viewBox: "0 0 100 100", class: "wave" }, ...bars);
}

export function tile(item, id, ...below) {
  const title = nameOf(item, id);
  const sound = item?.media.audio[0];
  return el("li", { class: "tile", "data-item": id },
    el("div", { class: "picture" }, el("a", { href: link(id), tabindex: "-1", "aria-hidden": "true" }, cover(item, id)), sound && playButton(sound, title)),
    el("h3", {}, el("a", { href: link(id), text: title })),
    ...below);
}

export function tiles(ranked, items, below = () => null) {
  return el("ul", { class: "tiles" }, ranked.map((one) => tile(items.get(one.item_id), one.item_id, below(one))));
}

const WORDS = {
  text: "Words", image: "Picture", audio: "Sound", lexical: "Same words", user: "Your taste", content: "Content", cf: "People like you",
  items: "Goes with", sequence: "What comes next", taste: "First taste", cold: "New", popularity: "Popularity", friends: "Friends",
  bias: "Base", boost: "Featured", fatigue: "Seen often", support: "People", lift: "Lift",
};
export const wordOf = (part) => WORDS[part] || part.replaceAll("_", " ");

export function bar(name, value, most, shown = value.toFixed(2)) {
  const inner = el("span", { class: value < 0 ? "bar minus" : "bar" });
  inner.style.width = `${most ? Math.min(100, (100 * Math.abs(value)) / most) : 0}%`;
  return el("li", {}, el("span", { class: "name", text: name }), el("span", { class: "track", "aria-hidden": "true" }, inner), el("span", { class: "value", text: shown }));
}

// Parts as bars, the largest first; parts of no weight are left out. The base is the same for all items: it stands
// last, and the others are not measured by it.
export function partBars(parts, shown = 4) {
  const told = Object.entries(parts).filter(([name, value]) => name !== "bias" && Math.abs(value) > 5e-4).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const most = Math.max(...told.map(([, value]) => Math.abs(value)), 0);
  const rest = told.slice(shown);
  if (parts.bias) rest.push(["bias", parts.bias]);
  const list = (some) => el("ul", { class: "bars" }, some.map(([name, value]) => bar(wordOf(name), value, most)));
  return el("div", { class: "parts" }, list(told.slice(0, shown)),
    rest.length > 0 && el("details", {}, el("summary", { text: `${rest.length} more` }), list(rest)));
}

export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
