// The page: which view is shown, and in which colours.
import { el, fill, heading, problem, say } from "./dom.js";
import { askAgain, firstKey } from "./key.js";
import { releaseMedia } from "./media.js";
import { silence } from "./sound.js";
import * as coldStart from "./cold_start.js";
import * as item from "./item.js";
import * as map from "./map.js";
import * as models from "./models.js";
import * as quality from "./quality.js";
import * as search from "./search.js";
import * as user from "./user.js";
import * as whatIf from "./what_if.js";

const VIEWS = { search, item, user, "what-if": whatIf, map, "cold-start": coldStart, models, quality };
const main = document.getElementById("main");
let leaving = new AbortController();
let first = true;

function parts() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { name: name in VIEWS ? name : "search", argument: decode(rest.join("/")) };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function show() {
  leaving.abort();
  leaving = new AbortController();
  silence();
  releaseMedia();
  // The first view has just been asked for.
  if (!first) askAgain();
  const { name, argument } = parts();
  const view = VIEWS[name];
  const signal = leaving.signal;
  document.title = `${view.NAME} · Plait`;
  for (const link of document.querySelectorAll("#views a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const root = el("div", { class: "view", "data-view": name });
  fill(main, root);
  try {
    await view.render(root, argument, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (!root.querySelector("h1")) root.append(heading(view.NAME));
    root.append(problem(error));
  }
  if (signal.aborted) return;
  root.dataset.ready = "";
  if (!first) root.querySelector("h1")?.focus({ preventScroll: true });
  if (!first) scrollTo(0, 0);
  if (!first) say(view.NAME);
  first = false;
}

function navigation() {
  const list = document.getElementById("views");
  for (const [name, view] of Object.entries(VIEWS)) {
    if (view.HIDDEN) continue;
    list.append(el("li", {}, el("a", { href: `#/${name}`, "data-view": name, text: view.NAME })));
  }
}

function theme() {
  const button = document.getElementById("theme");
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => (button.textContent = dark() ? "Light" : "Dark");
  const kept = localStorage.getItem("plait-theme");
  if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
  button.setAttribute("aria-description", "Changes the colours of the page");
  button.addEventListener("click", () => {
    const next = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("plait-theme", next);
    name();
    dispatchEvent(new Event("plait-theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
}

document.querySelector(".skip").addEventListener("click", (event) => {
  // The hash names the view, so that the link must not change it.
  event.preventDefault();
  main.focus();
});
navigation();
theme();
addEventListener("hashchange", show);
await firstKey();
show();
