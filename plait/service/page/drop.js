// Drop zone: a picture or a sound is dropped, chosen or recorded, shown, and taken away again.
import { el, fill, say } from "./dom.js";
import { startRecording } from "./sound.js";

export function dropZone(name, label, changed, { records = false } = {}) {
  const id = `file-${name}`;
  const input = el("input", { type: "file", id, accept: name === "image" ? "image/*" : "audio/*", class: "visually-hidden" });
  const shown = el("div", { class: "dropped" });
  const zone = el("div", { class: "drop", role: "group", "aria-label": label },
    input, el("label", { for: id, class: "button" }, name === "image" ? "Choose a picture" : "Choose a sound"),
    records && navigator.mediaDevices ? recordButton((file) => take(file)) : null,
    el("span", { class: "hint", text: "or drop it here" }), shown);

  function take(file) {
    if (shown.dataset.address) URL.revokeObjectURL(shown.dataset.address);
    shown.dataset.address = file ? URL.createObjectURL(file) : "";
    if (!file) {
      input.value = "";
      fill(shown);
      input.focus();
    } else {
      const preview = name === "image"
        ? el("img", { src: shown.dataset.address, alt: `Chosen picture ${file.name}` })
        : el("audio", { src: shown.dataset.address, controls: true, "aria-label": `Chosen sound ${file.name}` });
      const remove = el("button", { type: "button", class: "quiet", text: "Remove", "aria-label": `Remove the ${label.toLowerCase()}` });
      remove.addEventListener("click", () => take(null));
      fill(shown, preview, remove);
      say(`${label} taken: ${file.name}`);
    }
    zone.classList.toggle("full", Boolean(file));
    changed(file);
  }

  input.addEventListener("change", () => input.files[0] && take(input.files[0]));
  zone.addEventListener("dragover", (event) => (event.preventDefault(), zone.classList.add("over")));
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  return zone;
}

function recordButton(done) {
  const button = el("button", { type: "button", class: "record", text: "Record" });
  let recording = null;
  const ready = (file) => {
    recording = null;
    button.textContent = "Record";
    done(file);
  };
  button.addEventListener("click", async () => {
    if (recording) return recording.stop();
    try {
      recording = await startRecording(ready);
      button.textContent = "Stop";
      say("Recording");
    } catch {
      button.textContent = "No microphone";
      say("There is no microphone, or it may not be used");
    }
  });
  return button;
}
