// Ranked list: recommendations with their reasons, and what one may do with each; what moves is seen to move.
import { el } from "./dom.js";
import { cover, link, nameOf, partBars, reducedMotion } from "./tiles.js";
import { playButton } from "./sound.js";

const ACTIONS = { like: "Like", click: "Click", hide: "Hide" };

export function rankedRow(one, item, act) {
  const title = nameOf(item, one.item_id);
  const sound = item?.media.audio[0];
  const buttons = act && Object.entries(ACTIONS).map(([event, label]) => {
    const button = el("button", { type: "button", class: `act ${event}`, text: label, "aria-label": `${label} ${title}` });
    button.addEventListener("click", () => act(one.item_id, event, title));
    return button;
  });
  return el("li", { class: "ranked", "data-item": one.item_id },
    el("span", { class: "rank", text: String(one.rank) }),
    el("div", { class: "picture small" }, cover(item, one.item_id), sound && playButton(sound, title)),
    el("div", { class: "said" }, el("h3", {}, el("a", { href: link(one.item_id), text: title })), one.sentence && el("p", { class: "why", text: one.sentence }),
      buttons && el("div", { class: "row", role: "group", "aria-label": `What you think of ${title}` }, buttons)),
    partBars(one.parts, 3));
}

// Shows `rows` in `list`; those that were there already move to their new places, new ones come in softly.
export function show(list, rows) {
  const before = new Map([...list.children].map((row) => [row.dataset.item, row.getBoundingClientRect().top]));
  list.replaceChildren(...rows);
  if (reducedMotion() || !before.size) return;
  for (const row of rows) {
    const from = before.get(row.dataset.item);
    const frames = from === undefined
      ? [{ opacity: 0 }, { opacity: 1 }]
      : [{ transform: `translateY(${from - row.getBoundingClientRect().top}px)` }, { transform: "none" }];
    row.animate(frames, { duration: 420, easing: "cubic-bezier(.2, .8, .2, 1)" });
    if (from === undefined) row.classList.add("fresh");
  }
}
