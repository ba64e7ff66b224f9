// A shop of two pages: recommendations from the shop's own server; what is seen goes to Plait, from all who allow it.
const asked = new URLSearchParams(location.search);
const plaitAt = asked.get("plait") || "http://127.0.0.1:8000";
const user = asked.get("user") ?? "anna"; // "" for a visitor whom nobody knows

function collect() {
  const script = document.createElement("script");
  script.src = `${plaitAt}/v1/collect.js`;
  script.dataset.user = user;
  script.dataset.key = asked.get("key") || "";
  script.dataset.consent = "required";
  // What was answered on an earlier page holds on this one, and is said again.
  script.onload = () => localStorage.getItem("shop.consent") === "yes" && window.plait.consent(true);
  document.head.append(script);
}

function answer(given) {
  localStorage.setItem("shop.consent", given ? "yes" : "no");
  window.plait.consent(given);
}

function pageOf(item, recommendation) {
  const address = new URLSearchParams(asked);
  address.set("item", item.item_id);
  address.set("title", item.title);
  address.set("recommendation", recommendation);
  return `item.html?${address}`;
}

function card(item, recommendation) {
  const place = document.createElement("li");
  place.dataset.plaitItem = item.item_id;
  place.dataset.plaitRecommendation = recommendation;
  const link = document.createElement("a");
  link.href = pageOf(item, recommendation);
  link.textContent = item.title;
  const like = document.createElement("button");
  like.textContent = "I like it";
  like.onclick = () => window.plait.track("like", item.item_id);
  place.append(link, " ", like);
  return place;
}

async function list(shown) {
  const answer = await fetch(`/recommendations?user=${encodeURIComponent(user)}`);
  const { items, recommendation_id } = await answer.json();
  shown.replaceChildren(...items.map(item => card(item, recommendation_id)));
}

function item() {
  document.body.dataset.plaitView = asked.get("item");
  document.body.dataset.plaitRecommendation = asked.get("recommendation");
  document.querySelector("h1").textContent = asked.get("title");
}

document.querySelector("#yes").onclick = () => answer(true);
document.querySelector("#no").onclick = () => answer(false);
collect();
const shown = document.querySelector("#shown");
if (shown) list(shown);
else item();
