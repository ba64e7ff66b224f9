// Cold start: an item nobody has met is described, and shows at once what it is like and whom it suits.
import { cards, send, sendForm } from "./api.js";
import { el, fill, heading, later, newest, notes, problem, say } from "./dom.js";
import { dropZone } from "./drop.js";
import { audienceList } from "./item.js";
import { partBars, tiles } from "./tiles.js";

export const NAME = "Cold start";

export function render(root, _, signal) {
  const state = { title: "", description: "", image: null, audio: null };
  const near = el("div", {}, el("p", { class: "nothing", text: "Describe an item to see its neighbours." }));
  const suits = el("div", {}, el("p", { class: "nothing", text: "And whom it suits." }));
  const run = newest(signal, (mine) => follow(state, near, suits, mine));
  const soon = later(300, run);
  const field = (name, label, input) => {
    input.addEventListener("input", () => ((state[name] = input.value), soon()));
    return el("div", { class: "field" }, el("label", { for: input.id, text: label }), input);
  };
  root.append(heading("An item nobody has met", "Its words, picture and sound are enough to place it."),
    el("div", { class: "columns cold" },
      el("form", { on: { submit: (event) => (event.preventDefault(), run()) } },
        field("title", "Title", el("input", { id: "new-title", autocomplete: "off", placeholder: "Tidal" })),
        field("description", "Description", el("textarea", { id: "new-description", rows: 5, placeholder: "Surf and gulls at low water" })),
        dropZone("image", "Picture", (file) => ((state.image = file), run())), dropZone("audio", "Sound", (file) => ((state.audio = file), run()), { records: true })),
      el("div", {},
        el("section", { "aria-label": "Neighbours" }, el("h2", { text: "Neighbours" }), near),
        el("section", { "aria-label": "Audience" }, el("h2", { text: "Audience" }), suits))));
}

async function follow(state, near, suits, signal) {
  const { title, description, image, audio } = state;
  if (!title.trim() && !description.trim() && !image && !audio) return;
  try {
    const fields = { title, description, limit: 9 };
    const found = image || audio ? await sendForm("/v1/cold-start", fields, { image, audio }, signal) : await send("POST", "/v1/cold-start", fields, signal);
    const items = await cards(found.similar.map((one) => one.item_id), signal);
    fill(near, notes(found.notes), tiles(found.similar, items, (one) => partBars(one.parts, 3)));
    fill(suits, audienceList(found.audience));
    say(`${found.similar.length} neighbours, ${found.audience.length} users`);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    fill(near, problem(error));
  }
}
