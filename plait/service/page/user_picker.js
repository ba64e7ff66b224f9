// User picker: an id is typed, or picked from those that hold what was typed.
import { get } from "./api.js";
import { el, fill, later } from "./dom.js";

export function userPicker(value, chosen, label = "User") {
  const known = el("datalist", { id: "known-users" });
  const input = el("input", { id: "user-id", list: "known-users", value, autocomplete: "off", spellcheck: "false" });
  const offer = later(150, async () => {
    const found = await get("/v1/users", { query: input.value, limit: 20 }).catch(() => ({ users: [] }));
    fill(known, found.users.map((id) => el("option", { value: id })));
  });
  input.addEventListener("input", offer);
  input.addEventListener("focus", offer);
  const submit = (event) => {
    event.preventDefault();
    if (input.value.trim()) chosen(input.value.trim());
  };
  return el("form", { class: "picker", on: { submit } }, el("div", { class: "field" }, el("label", { for: "user-id", text: label }), input, known), el("button", { class: "primary", text: "Show" }));
}
