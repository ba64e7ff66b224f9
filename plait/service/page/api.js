// The service, asked in its own words; items are fetched together and kept while the page is open.
import { fetchWithKey } from "./key.js";

async function answerOf(response) {
  if (response.ok) return response.json();
  let said = `The service answered ${response.status}.`;
  try {
    said = (await response.json()).error.message;
  } catch {
    // No JSON: the status has to do.
  }
  throw new Error(said);
}

export async function get(path, params = {}, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== "") query.append(name, one);
  }
  const text = query.toString();
  return answerOf(await fetchWithKey(text ? `${path}?${text}` : path, { signal }));
}

export async function send(method, path, body, signal, headers = {}) {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers } };
  return answerOf(await fetchWithKey(path, { method, signal, ...json }));
}

export async function sendForm(path, fields, files, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== "") form.append(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  for (const [name, file] of Object.entries(files)) if (file) form.append(name, file, file.name || name);
  return answerOf(await fetchWithKey(path, { method: "POST", body: form, signal }));
}

export const itemPath = (id) => `/v1/items/${encodeURIComponent(id)}`;
export const userPath = (id) => `/v1/users/${encodeURIComponent(id)}`;

const MOST = 100;
const held = new Map();

export async function cards(ids, signal) {
  const missing = [...new Set(ids)].filter((id) => !held.has(id));
  for (let start = 0; start < missing.length; start += MOST) {
    const found = await get("/v1/cards", { item_id: missing.slice(start, start + MOST) }, signal);
    for (const item of found.items) held.set(item.item_id, item);
  }
  return new Map(ids.map((id) => [id, held.get(id)]));
}

export const forget = (id) => held.delete(id);

// Serves also where the page does not come from this machine and randomUUID is not there.
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function record(user_id, item_id, event, recommendation_id = "") {
  return send("POST", "/v1/events", { events: [{ user_id, item_id, event, event_id: newId(), recommendation_id }] });
}
