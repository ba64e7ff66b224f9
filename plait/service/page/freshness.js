// Freshness: how long it took from an event to the list that knows it, as this page saw it.

const KEY = "plait-freshness";
const MOST = 40;

export const freshness = () => JSON.parse(sessionStorage.getItem(KEY) || "[]");

export function keepFreshness(milliseconds) {
  sessionStorage.setItem(KEY, JSON.stringify([...freshness(), milliseconds].slice(-MOST)));
}
