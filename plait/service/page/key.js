// Key: asked for where the service wants one, kept until the tab is closed, sent with every request.
import { el, fill } from "./dom.js";

const KEPT = "plait-key";
const button = document.getElementById("key");
let asking = null;
let dismissed = false;

export const key = () => sessionStorage.getItem(KEPT) || "";

// Asks before anything is asked of the service, if it wants a key and there is none.
export async function firstKey() {
  button.addEventListener("click", () => askForKey("").then((given) => given && dispatchEvent(new Event("hashchange"))));
  const ready = await fetch("/ready").then((answer) => answer.json()).catch(() => ({}));
  button.hidden = !ready.keyed;
  if (ready.keyed && !key()) await askForKey("");
}

// Who would not give a key is asked again in the next view, not by each request of this one.
export const askAgain = () => (dismissed = false);

// Does what fetch does, with the key; where the key is missing or wrong, another one is asked for.
export async function fetchWithKey(path, options = {}) {
  for (;;) {
    const sent = key();
    const headers = sent ? { ...options.headers, Authorization: `Bearer ${sent}` } : options.headers;
    const answer = await fetch(path, { ...options, headers });
    if (answer.status !== 401) return answer;
    button.hidden = false;
    if (sent === key() && (dismissed || !(await askForKey(sent && "The service does not know this key.")))) return answer;
  }
}

// Returns whether a key was given.
function askForKey(problem) {
  return (asking ||= new Promise((done) => {
    const input = el("input", { id: "key-given", type: "password", autocomplete: "off", required: true, pattern: "[!-~]+", title: "A key has no blanks" });
    const later = el("button", { type: "button", class: "quiet", text: "Not now", on: { click: () => dialog.close() } });
    const dialog = el("dialog", { "aria-labelledby": "key-title" });
    const submit = (event) => (event.preventDefault(), sessionStorage.setItem(KEPT, input.value), dialog.close("given"));
    fill(dialog, el("form", { on: { submit } },
      el("h2", { id: "key-title", text: "This service asks for a key" }),
      problem && el("p", { class: "problem", role: "alert", text: problem }),
      el("div", { class: "field" }, el("label", { for: "key-given", text: "Key" }), input),
      el("p", { class: "hint", text: "It is kept until this tab is closed." }),
      el("div", { class: "row" }, el("button", { class: "primary", text: "Use it" }), later)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      asking = null;
      dismissed = dialog.returnValue !== "given";
      done(!dismissed);
    });
    document.body.append(dialog);
    dialog.showModal();
  }));
}
