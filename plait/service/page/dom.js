// Elements made and filled; text is always set as text, so that nothing of the catalogue is ever read as markup.

export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  setProps(made, props);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, props = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  setProps(made, props);
  made.append(...children);
  return made;
}

function setProps(made, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, call] of Object.entries(value)) made.addEventListener(event, call);
    else if (name === "text") made.textContent = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
}

// What a screen reader is told, and nobody else.
export function say(text) {
  const place = document.getElementById("said");
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

// Puts children in the place of what was there.
export function fill(root, ...children) {
  root.replaceChildren(...children.flat().filter(Boolean));
  return root;
}

export function heading(title, lead) {
  return el("div", { class: "heading" }, el("h1", { tabindex: "-1", text: title }), lead && el("p", { class: "lead", text: lead }));
}

export function problem(error) {
  return el("p", { class: "problem", role: "alert", text: error.message });
}

export function notes(lines) {
  return lines && lines.length ? el("ul", { class: "notes" }, lines.map((line) => el("li", { text: line }))) : null;
}

export function later(milliseconds, call) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...given), milliseconds);
  };
}

// Runs the newest call alone: a former one is aborted, and what it would have shown is never shown.
export function newest(signal, work) {
  let running = null;
  return async (...given) => {
    running?.abort();
    const mine = (running = new AbortController());
    try {
      await work(AbortSignal.any([mine.signal, signal]), ...given);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
}
