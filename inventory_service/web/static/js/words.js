/** What the answer means, in plain words. Pure: data in, text out. */

import { ago, newer, old } from "./time.js";

const WORDS = {
  in_stock: "In stock",
  limited_availability: "Limited",
  out_of_stock: "Out of stock",
  unknown: "Unknown",
};
const BANDS = { "0": "none", "1-2": "1 or 2", "3+": "3 or more" };
const METHODS = {
  buy: "Buy online, pick up here",
  reserve: "Reserve online, pay here",
  ship_to_store: "Order online, sent to this store",
};
const READY = { same_day: "same day", next_day: "next day", multi_week: "in several weeks" };

export function word(availability) {
  return WORDS[availability] ?? WORDS.unknown;
}

/** The same name for its badge, icon and colour. */
export function look(availability) {
  return availability in WORDS ? availability : "unknown";
}

export function likely(result) {
  return result.availability === "in_stock" || result.availability === "limited_availability";
}

/** How sure the word is: for an empty shelf that is the probability that nothing stands there. */
export function certainty(result) {
  if (result.probability === null || result.probability === undefined) return null;
  const sure = result.availability === "out_of_stock" ? 1 - result.probability : result.probability;
  return sure >= 0.975 ? "nearly certain" : `about ${Math.round(sure * 100)}% sure`;
}

/** The line under the word: how fresh, or honestly that nobody knows. */
export function freshness(result, now) {
  const heard = newer(result.as_of, result.covered_at);
  return look(result.availability) === "unknown" ? `Not known: last report is ${old(heard, now)}` : `updated ${ago(heard, now)}`;
}

/** "1 or 2 left", where the word alone does not say it. */
export function leftWords(result) {
  return result.availability === "limited_availability" && result.quantity_band === "1-2" ? "1 or 2 left" : null;
}

/** One line of evidence: who said what; when is said beside it. */
export function evidenceWords(evidence) {
  const count = evidence.quantity ?? BANDS[evidence.quantity_band];
  const from = evidence.source ? ` from ${evidence.source}` : "";
  switch (evidence.kind) {
    case "confirmation":
      return saw(evidence, count, "Staff saw it on the shelf", "Staff saw an empty shelf", "Staff counted");
    case "shopper":
      return saw(evidence, count, "A shopper found it", "A shopper did not find it", "A shopper counted");
    case "sale":
      return `A sale${from}`;
    case "delivery":
      return `A delivery${from}`;
    default:
      return `Stock record${from}: ${count ?? "no count"}`;
  }
}

function saw(evidence, count, yes, no, counted) {
  if (evidence.seen === true) return yes;
  if (evidence.seen === false || evidence.quantity_band === "0") return no;
  return count === undefined ? yes : `${counted} ${count}`;
}

/** "Buy online, pick up here · ready same day", or null where the store does not offer it. */
export function pickupWords(pickup) {
  const method = METHODS[pickup?.method];
  if (!method) return null;
  const days = /^(\d)_day$/.exec(pickup.sla ?? "")?.[1];
  const ready = READY[pickup.sla] ?? (days && `in ${days} days`);
  return ready ? `${method} · ready ${ready}` : method;
}

export function productName(product) {
  if (product.name) return product.name;
  return product.gtin ? `Product ${printed(product.gtin)}` : `Product no. ${product.id}`;
}

/** The digits as they stand under the bars: a GTIN without the zeros that fill it up to 14. */
export function printed(gtin) {
  const digits = gtin.replace(/^0{1,6}/, "");
  return gtin.slice(-([8, 12, 13, 14].find((length) => length >= digits.length) ?? 14));
}

/** "Pfizer · 300691085301": what tells two products of one name apart. */
export function productNote(product) {
  return [product.brand, product.gtin && printed(product.gtin)].filter(Boolean).join(" · ");
}

/** A fault as a whole sentence beside its box: "is not known" comes from the service as "This is not known." */
export function sentence(detail) {
  const begun = /^[a-z]/.test(detail) ? `This ${detail}` : detail;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** The digits of a typed barcode, or null: 8, 12, 13 or 14 of them, spaces and hyphens aside. */
export function barcodeIn(text) {
  const digits = text.replace(/[\s-]/g, "");
  return /^(\d{8}|\d{12,14})$/.test(digits) ? digits : null;
}

/** GTINs that each retailer gives out for itself, and coupons: GS1 prefixes 02, 04, 05, 2, 98 and 99. */
export function restrictedGtin(gtin) {
  return /^0(0[245]|2|9[89])/.test(gtin.padStart(14, "0"));
}

/** The answer in one line. `near` and `beyond` are distances in words. */
export function verdict(answer, near, beyond, within) {
  const best = answer.results.find(likely);
  if (best) return `${best.probability >= 0.75 ? "Very likely" : "Perhaps"} on a shelf ${near} away`;
  if (answer.nearest_beyond) return `Not within ${within}, but ${beyond} away`;
  if (answer.results.some((each) => look(each.availability) === "unknown")) return "Nobody has told us lately";
  return answer.results.length ? `Out of stock within ${within}` : `No store within ${within} lists it`;
}

/** The sentence under it. */
export function summary(answer, within, place) {
  const area = `within ${within} of ${place}`;
  const count = answer.results.length;
  const good = answer.results.filter(likely).length;
  if (count === 0) return `No store ${area} has ever told us about this product.`;
  if (count === 1) return `The one store listed ${area} ${good ? "is likely" : "is not known"} to have it.`;
  if (good === count) return `All ${count} stores listed ${area} are likely to have it.`;
  return `${good || "None"} of the ${count} stores listed ${area} ${good > 1 ? "are" : "is"} likely to have it.`;
}
