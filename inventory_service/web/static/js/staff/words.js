/** What staff said and what waits, in plain words. Pure: data in, text out. */

import { printed, productName } from "../words.js";

export const ANSWERS = [
  { said: "seen", word: "Yes", note: "It is there", look: "in_stock" },
  { said: "low", word: "Low", note: "1 or 2 left", look: "limited_availability" },
  { said: "none", word: "No", note: "The shelf is empty", look: "out_of_stock" },
];
const SHELF = Object.fromEntries(ANSWERS.map(({ said, word }) => [said, word]));
const MOST_DIGITS = 5;

/** "Low", or "Counted 12". */
export function saidWords({ shelf, quantity }) {
  return shelf ? SHELF[shelf] : `Counted ${quantity}`;
}

/** How a code reads before its product is known. */
export function identityWords({ gtin, item_id, scan }) {
  if (gtin) return printed(gtin);
  return item_id ? `Item ${item_id}` : scan;
}

/** "Aisle 7" where the store only says "7". */
export function aisleWords(aisle) {
  return aisle && (/^\d+\w?$/.test(aisle) ? `Aisle ${aisle}` : aisle);
}

/** The name of what was found, or the words of what was asked for where it has none. */
export function subjectName({ product, identity }) {
  if (product?.name || product?.gtin) return productName(product);
  return identity.product ? `Product no. ${identity.product}` : identityWords(identity);
}

/** `{count}`, or `{code}` where a hand scanner typed into the box, or `{fault}`. */
export function readCount(text) {
  const typed = text.trim();
  if (/^\d+$/.test(typed) && typed.length <= MOST_DIGITS) return { count: Number(typed) };
  if (/^\d{8,}$/.test(typed)) return { code: typed };
  return { fault: typed ? `A count is a whole number of at most ${MOST_DIGITS} digits.` : "How many are there?" };
}

/** The line that is always there: whether all is sent. `phase` is the sender's. */
export function sentWords(count, phase) {
  if (count === 0) return phase === "offline" ? "Offline" : "All sent";
  if (phase === "sending") return `Sending ${count}…`;
  const waiting = `${count} not sent yet`;
  return phase === "offline" ? `Offline: ${waiting}` : waiting;
}

/** How far one entry of the ledger is. */
export function stateWords(entry) {
  if (entry.refused) return "Refused";
  if (entry.undone) return "Undone";
  if (entry.undo) return "Being undone";
  return entry.id === null ? "Not sent yet" : "Sent";
}
