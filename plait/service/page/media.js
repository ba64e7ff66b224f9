// Media: pictures and sounds of items. An element cannot send a key: with one they are fetched, and held as blobs.
import { fetchWithKey, key } from "./key.js";

const held = [];

// Returns an address that an element can show: the given one where no key is asked for.
export async function mediaAddress(address) {
  if (!key()) return address;
  const answer = await fetchWithKey(address);
  if (!answer.ok) throw new Error(`The service answered ${answer.status}.`);
  const blob = URL.createObjectURL(await answer.blob());
  held.push(blob);
  return blob;
}

// Lets an element show an address, and returns the element; what cannot be had is left empty.
export function showing(element, address) {
  if (key()) mediaAddress(address).then((blob) => (element.src = blob), () => null);
  else element.src = address;
  return element;
}

// Lets go of what the view before this one held.
export const releaseMedia = () => held.splice(0).forEach((blob) => URL.revokeObjectURL(blob));
