// Map moving: drag, wheel, arrow keys; the item under the pointer is named, a click goes to it.
import { placeOn } from "./map_drawing.js";
import { link } from "./tiles.js";

const STEP = 0.12, NEAR = 12;
const KEYS = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

export function movable(canvas, state, redraw, tip, signal) {
  const listen = (name, call, options = {}) => canvas.addEventListener(name, call, { signal, ...options });
  let held = null, moved = 0;
  const zoom = (by) => {
    state.view.zoom = Math.min(20, Math.max(0.6, state.view.zoom * by));
    redraw();
  };
  listen("pointerdown", (event) => {
    held = [event.clientX, event.clientY];
    moved = 0;
    canvas.setPointerCapture(event.pointerId);
  });
  listen("pointermove", (event) => {
    if (!held) return hover(event);
    const { width, height } = canvas.getBoundingClientRect();
    const across = event.clientX - held[0], down = event.clientY - held[1];
    moved += Math.abs(across) + Math.abs(down);
    state.view.x += across / ((width / 2 - 24) * state.view.zoom);
    state.view.y -= down / ((Math.min(width, height) / 2 - 24) * state.view.zoom);
    held = [event.clientX, event.clientY];
    redraw();
  });
  listen("pointerup", () => {
    if (held && moved < 5 && state.hover) location.hash = link(state.hover.item_id);
    held = null;
  });
  listen("pointercancel", () => (held = null));
  listen("pointerleave", () => name(null));
  // Only with Ctrl, or once the map has the focus: a page that one scrolls must not stop at the map.
  listen("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
  }, { passive: false });
  listen("keydown", (event) => {
    if (event.key in KEYS) {
      state.view.x += KEYS[event.key][0] / state.view.zoom;
      state.view.y += KEYS[event.key][1] / state.view.zoom;
    } else if (event.key === "+" || event.key === "=") zoom(1.3);
    else if (event.key === "-") zoom(1 / 1.3);
    else if (event.key === "0") Object.assign(state.view, { x: 0, y: 0, zoom: 1 });
    else return;
    event.preventDefault();
    redraw();
  });

  function hover(event) {
    const box = canvas.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    let best = null, least = NEAR;
    for (const one of state.points) {
      const [x, y] = placeOn(canvas, state.view, one);
      const far = Math.hypot(x - at[0], y - at[1]);
      if (far < least) (best = one), (least = far);
    }
    name(best);
  }

  function name(one) {
    if (one === state.hover) return;
    state.hover = one;
    tip.hidden = !one;
    if (one) {
      const [x, y] = placeOn(canvas, state.view, one);
      tip.textContent = `${one.title || one.item_id}${one.group ? ` · ${one.group}` : ""}`;
      tip.style.left = `${Math.min(x + 12, canvas.clientWidth - 160)}px`;
      tip.style.top = `${y + 12}px`;
    }
    canvas.style.cursor = one ? "pointer" : "grab";
    redraw();
  }
}
