// Metrics: the text that Prometheus reads, read by the page.

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

// Returns [{name, labels, value}].
export function parse(text) {
  return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => LINE.exec(line)).filter(Boolean)
    .map(([, name, labels, value]) => ({ name, labels: Object.fromEntries([...(labels || "").matchAll(LABEL)].map(([, key, said]) => [key, said])), value: Number(value) }));
}

// Returns the counts up to each bound, of all routes of the API together.
export function buckets(samples) {
  const sums = new Map();
  for (const { name, labels, value } of samples) {
    if (name !== "plait_request_seconds_bucket" || !labels.route?.startsWith("/v1/")) continue;
    const bound = Number(labels.le.replace("+Inf", "Infinity"));
    sums.set(bound, (sums.get(bound) || 0) + value);
  }
  return [...sums].sort((a, b) => a[0] - b[0]);
}

// Returns the bound below which a share of the requests between two readings lies, null where there were none.
export function quantile(before, now, share) {
  const former = new Map(before);
  const counts = now.map(([bound, count]) => [bound, count - (former.get(bound) || 0)]);
  const all = counts.at(-1)?.[1] || 0;
  if (!all) return null;
  let low = 0, under = 0;
  for (const [bound, count] of counts) {
    if (count >= share * all) return bound === Infinity ? low : low + ((share * all - under) / Math.max(1, count - under)) * (bound - low);
    (low = bound), (under = count);
  }
  return low;
}
