// User: what a taste is made of, what suits it and why; what one does changes the list before one's eyes.
import { cards, get, record, userPath } from "./api.js";
import { el, fill, heading, newest, notes, problem, say } from "./dom.js";
import { keepFreshness } from "./freshness.js";
import { rankedRow, show } from "./ranked_list.js";
import { bar, link, nameOf } from "./tiles.js";
import { userPicker } from "./user_picker.js";

export const NAME = "User";

export async function render(root, argument, signal) {
  const chosen = argument || (await get("/v1/users", { limit: 1 }, signal)).users[0] || "";
  const list = el("ol", { class: "ranking" });
  const told = el("div", {});
  const profile = el("section", { class: "profile", "aria-label": "Profile" });
  root.append(
    heading(chosen ? `For ${chosen}` : "Nobody yet", "What suits them, why, and what it is made of."),
    userPicker(chosen, (id) => (location.hash = `#/user/${encodeURIComponent(id)}`)),
    el("div", { class: "columns" }, el("section", { "aria-label": "Recommendations", "aria-live": "off" }, el("h2", { text: "Recommended" }), told, list), profile));
  if (!chosen) return;
  const refresh = newest(signal, (mine) => load(chosen, { list, told, profile, refresh: () => refresh() }, mine));
  await refresh();
}

async function load(user, places, signal) {
  const [found, profile] = await Promise.all([
    get(`${userPath(user)}/recommendations`, { limit: 10, explain: "en" }, signal),
    get(`${userPath(user)}/profile`, {}, signal),
  ]);
  const ids = [...found.items, ...profile.recent].map((one) => one.item_id).concat(profile.interests.flatMap((one) => one.items));
  const items = await cards(ids, signal);
  const act = async (id, event, title) => {
    try {
      const began = performance.now();
      await record(user, id, event, found.recommendation_id);
      await places.refresh();
      keepFreshness(performance.now() - began);
      say(`${title}: ${event} recorded, the list has changed`);
    } catch (error) {
      fill(places.told, problem(error));
    }
  };
  const focused = document.activeElement?.closest?.(".ranked") ? [...places.list.children].indexOf(document.activeElement.closest(".ranked")) : -1;
  fill(places.told, notes(found.notes));
  show(places.list, found.items.map((one) => rankedRow(one, items.get(one.item_id), act)));
  // The row one acted on may be gone: the one in its place takes the focus.
  if (focused >= 0) places.list.children[Math.min(focused, places.list.children.length - 1)]?.querySelector("h3 a").focus({ preventScroll: true });
  showProfile(places.profile, profile, items);
}

function showProfile(root, profile, items) {
  const named = (id) => el("a", { href: link(id), text: nameOf(items.get(id), id) });
  const most = Math.max(...profile.recent.map((one) => one.attention), 0);
  const attention = profile.recent.slice(0, 12).map((one) => {
    const row = bar("", one.attention, most, `${(100 * one.attention).toFixed(0)} %`);
    row.querySelector(".name").append(named(one.item_id), el("small", { text: ` ${one.event}` }));
    return row;
  });
  fill(root,
    el("h2", { text: "What the taste is made of" }), el("p", { class: "count", text: `${profile.events} events` }), notes(profile.notes),
    el("h3", { text: "Attention on recent events" }), attention.length ? el("ul", { class: "bars attention" }, attention) : el("p", { class: "nothing", text: "Nothing yet." }),
    profile.interests.length > 0 && el("h3", { text: "Interests" }),
    ...profile.interests.map((one) => el("ul", { class: "interest" }, one.items.map((id) => el("li", {}, named(id))))));
}
