// What visitors see and do, sent to the service that this script came from; docs/collect.md.
(() => {
  const page = document, me = page.currentScript, set = me.dataset, to = me.src.replace("collect.js", "collect");
  const seconds = () => Date.now() / 1e3, mark = "plait.event.", name = "plait.user";
  const uid = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
  let on = set.consent !== "required", user = set.user, timer, busy, wait = 5e3;
  // Each event waits in a place of its own, the oldest first: tabs that write at once take nothing from one another.
  let box = {};
  try { box = localStorage; } catch {}
  const places = () => Object.keys(box).filter(key => key.startsWith(mark)).sort();
  const put = (key, text) => { try { box[key] = text; } catch { box = { [key]: text }; } };
  const drop = keys => keys.forEach(key => delete box[key]);
  // No more at once than a page that is left may send.
  const batch = () => {
    let size = 0;
    return on ? places().slice(0, 100).filter((key, i) => (size += box[key].length) < 2e4 || !i) : [];
  };
  const packed = keys => `{"key":${JSON.stringify(set.key || "")},"events":[${keys.map(key => box[key])}]}`;
  // Sent events stay until they are known to be recorded; the service counts each event_id once.
  const flush = async () => {
    clearTimeout(timer); timer = 0;
    const keys = batch();
    if (busy || !keys.length) return;
    busy = 1;
    let done;
    try {
      const { ok, status } = await fetch(to, { method: "POST", body: packed(keys), keepalive: true, credentials: "omit" });
      done = ok || (status < 500 && ![408, 429].includes(status));
    } catch {}
    busy = 0;
    if (done) drop(keys);
    wait = done ? 5e3 : Math.min(2 * wait, 3e5);
    if (places().length) later(done ? 10 : wait / 2);
  };
  const later = wait => { timer ||= setTimeout(flush, wait); };
  const who = () => {
    if (!user && !(user = box[name])) put(name, user = "anonymous-" + uid());
    return user;
  };
  const track = (event, item, value, element) => {
    if (!on) return;
    const event_id = uid(), recommendation_id = element?.dataset.plaitRecommendation;
    const sent = { event_id, user_id: who(), event, value, timestamp: seconds(), recommendation_id };
    sent[event === "search" ? "query" : "item_id"] = item;
    drop(places().slice(0, -499));
    put(mark + Date.now() + event_id, JSON.stringify(sent));
    later(1e3);
  };
  // An impression is half of an element in sight for a second, once for each element and item.
  const timers = new Map(), seen = new WeakMap();
  const fresh = element => seen.get(element) !== element.dataset.plaitItem;
  const stop = element => { clearTimeout(timers.get(element)); timers.delete(element); };
  const show = element => {
    const item = element.dataset.plaitItem;
    stop(element); eyes.unobserve(element); seen.set(element, item);
    track("impression", item, void 0, element);
  };
  const eyes = new IntersectionObserver(all => all.forEach(({ target, intersectionRatio: part }) => {
    stop(target);
    if (part >= 0.5 && on && !page.hidden) timers.set(target, setTimeout(show, 1e3, target));
  }), { threshold: 0.5 });
  const find = () => page.querySelectorAll("[data-plait-item]").forEach(element => fresh(element) && eyes.observe(element));
  const again = () => { timers.forEach(clearTimeout); timers.clear(); eyes.disconnect(); find(); };
  // A view is the item of the page, with the seconds for which the page was visible.
  let began, dwell;
  const watch = () => { began = page.hidden ? 0 : seconds(); };
  const rest = () => { dwell += began && seconds() - began; began = 0; };
  const clear = () => { dwell = 0; watch(); };
  const leave = () => {
    rest();
    const body = page.body, item = body?.dataset.plaitView;
    if (item && dwell > 0) track("view", item, dwell, body);
    dwell = 0;
    const keys = batch();
    if (keys.length) navigator.sendBeacon(to, packed(keys));
  };
  clear();
  addEventListener("pagehide", leave);
  addEventListener("online", flush);
  page.addEventListener("visibilitychange", () => {
    if (page.hidden) { rest(); flush(); } else watch();
    again();
  });
  page.addEventListener("click", ({ target }) => {
    const element = target.closest?.("[data-plait-item]");
    if (element) track("click", element.dataset.plaitItem, void 0, element);
  }, true);
  const start = () => {
    new MutationObserver(all => {
      // An element that shows another item now is looked at anew.
      all.forEach(({ type, target }) => { if (type === "attributes") { stop(target); eyes.unobserve(target); } });
      find();
    }).observe(page.body, { childList: true, subtree: true, attributeFilter: ["data-plait-item"] });
    find(); flush();
  };
  window.plait = {
    track, flush,
    consent: given => {
      if (given && !on) clear();
      on = given;
      if (!given) { user = set.user; drop([...places(), name]); }
      again(); flush();
    },
  };
  page.readyState === "loading" ? addEventListener("DOMContentLoaded", start) : start();
})();
