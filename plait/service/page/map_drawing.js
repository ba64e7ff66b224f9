// Map drawing: points, a user's history as rings, interests as stars among their items.
import { el } from "./dom.js";

const COLOURS = ["#0f8a7e", "#d9622b", "#6a6fd0", "#b8881a", "#c2477f", "#4b8fd6", "#6d9a3a", "#8d6a58"];
const OTHER = "#8a8f98";
export const colourOf = (place) => COLOURS[place] || OTHER;

export function legendOf(groups) {
  const named = groups.slice(0, COLOURS.length).map(([name, members], place) => [name || "none", members.length, colourOf(place)]);
  const rest = groups.slice(COLOURS.length).reduce((sum, [, members]) => sum + members.length, 0);
  if (rest) named.push(["others", rest, OTHER]);
  return el("ul", {}, named.map(([name, count, colour]) => {
    const dot = el("span", { class: "dot", "aria-hidden": "true" });
    dot.style.background = colour;
    return el("li", {}, dot, `${name} `, el("small", { text: String(count) }));
  }));
}

export function placeOn(canvas, { x, y, zoom }, point) {
  const { width, height } = canvas.getBoundingClientRect();
  const reach = (Math.min(width, height) / 2 - 24) * zoom;
  const wide = (width / 2 - 24) * zoom;
  return [width / 2 + (point.x + x) * wide, height / 2 - (point.y + y) * reach];
}

export function drawMap(canvas, state) {
  const { width, height } = canvas.getBoundingClientRect();
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const ink = getComputedStyle(canvas).color;
  const busy = state.recent.length > 0;
  for (const one of state.points || []) dot(pen, placeOn(canvas, state.view, one), 4.5, one.colour, busy ? 0.35 : 0.85);
  for (const one of state.recent) ring(pen, placeOn(canvas, state.view, one), 5 + 22 * Math.sqrt(one.attention), ink, one.colour);
  for (const members of state.interests) star(pen, members.map((one) => placeOn(canvas, state.view, one)), ink);
  if (state.hover) ring(pen, placeOn(canvas, state.view, state.hover), 8, ink, state.hover.colour);
}

function dot(pen, [x, y], size, colour, opacity) {
  pen.globalAlpha = opacity;
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.fill();
  pen.globalAlpha = 1;
}

function ring(pen, place, size, ink, colour) {
  dot(pen, place, 5, colour, 1);
  pen.strokeStyle = ink;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(...place, size, 0, 7);
  pen.stroke();
}

// The middle of an interest, with a line to each of its items.
function star(pen, places, ink) {
  const x = places.reduce((sum, one) => sum + one[0], 0) / places.length;
  const y = places.reduce((sum, one) => sum + one[1], 0) / places.length;
  pen.strokeStyle = ink;
  pen.globalAlpha = 0.45;
  for (const one of places) {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(...one);
    pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.fillStyle = ink;
  pen.beginPath();
  for (let i = 0; i < 10; i += 1) {
    const size = i % 2 ? 4 : 10, angle = (i * Math.PI) / 5 - Math.PI / 2;
    pen.lineTo(x + size * Math.cos(angle), y + size * Math.sin(angle));
  }
  pen.fill();
}
