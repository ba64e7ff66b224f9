// Chart: one line over time, drawn by hand.
import { el, fill, svg } from "./dom.js";

const WIDTH = 280, HEIGHT = 72;

// Returns a panel and how to show it the values so far; null is "not known" and breaks the line.
export function chart(title, lead, shown, { most } = {}) {
  const value = el("strong", { text: "–" });
  const place = el("div", { class: "line" });
  const panel = el("section", { class: "panel chart", "aria-label": title }, el("h3", { text: title }), value, place, el("p", { text: lead }));
  return {
    panel,
    draw(values) {
      const known = values.filter((one) => one !== null);
      value.textContent = known.length ? shown(known.at(-1)) : "–";
      fill(place, drawing(values, most ?? Math.max(...known, 0), `${title}: ${value.textContent}`));
    },
  };
}

function drawing(values, most, label) {
  const x = (i) => 4 + (i * (WIDTH - 8)) / Math.max(1, values.length - 1);
  const y = (one) => HEIGHT - 6 - (most > 0 ? (one / most) * (HEIGHT - 14) : 0);
  const line = values.map((one, i) => (one === null ? "" : `${i && values[i - 1] !== null ? "L" : "M"}${x(i).toFixed(1)} ${y(one).toFixed(1)}`)).join("");
  const made = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    svg("path", { class: "floor", d: `M0 ${HEIGHT - 6}H${WIDTH}` }), svg("path", { class: "drawn", d: line }));
  const last = values.findLastIndex((one) => one !== null);
  if (last >= 0) made.append(svg("circle", { class: "last", cx: x(last), cy: y(values[last]), r: 3 }));
  return made;
}
