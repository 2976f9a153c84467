/** The question as a value, and its one home: the page's address. */

import { restrictedGtin } from "./words.js";

export const DEFAULT_LIMIT = 10;
const MOST = 50;

/**
 * The question in an address. Either `gtin` or `product`, else `text` as typed; either `lat` and `lon` (with the
 * `place` they were chosen as, where known), else `near` as typed. `radius_m` null: the page's own choice.
 */
export function fromAddress(search) {
  const given = new URLSearchParams(search);
  const point = pointOf(given);
  return {
    gtin: text(given, "gtin"),
    product: text(given, "product"),
    text: text(given, "q"),
    near: point ? null : text(given, "near"),
    lat: point?.lat ?? null,
    lon: point?.lon ?? null,
    place: point ? text(given, "place") : null,
    radius_m: whole(given, "radius_m"),
    limit: Math.min(whole(given, "limit") ?? DEFAULT_LIMIT, MOST),
  };
}

/** The address of a question, from which anybody gets the same one back. */
export function toAddress(question) {
  const entries = { ...askedOf(question), ...(question.place ? { place: question.place } : {}) };
  if (question.limit === DEFAULT_LIMIT) delete entries.limit;
  return `/?${new URLSearchParams(entries)}`;
}

/** The parameters of the lookup. */
export function askedOf(question) {
  const wanted = question.gtin ? { gtin: question.gtin } : { product: question.product };
  const where = question.near ? { near: question.near } : { lat: question.lat, lon: question.lon };
  return { ...wanted, ...where, radius_m: question.radius_m, limit: question.limit };
}

export function complete(question) {
  return Boolean((question.gtin || question.product) && (question.near || question.lat !== null));
}

/** How to ask for a found product: by its GTIN, which others share, unless only its retailer uses that number. */
export function identityOf(product) {
  const shared = product.gtin && !restrictedGtin(product.gtin);
  return shared ? { gtin: product.gtin, product: null } : { gtin: null, product: String(product.id) };
}

/** A person's position to about 100 m: near enough to sort stores, too coarse to tell the house. */
export function coarse(degrees) {
  return Math.round(degrees * 1000) / 1000;
}

/** More stores of the same question, or null where there cannot be any. */
export function withMore(question, shown) {
  if (shown < question.limit || question.limit >= MOST) return null;
  return { ...question, limit: Math.min(question.limit + 20, MOST) };
}

function text(given, name) {
  return given.get(name)?.trim() || null;
}

function whole(given, name) {
  const value = given.get(name) ?? "";
  return /^[1-9]\d{0,6}$/.test(value) ? Number(value) : null;
}

function pointOf(given) {
  const [lat, lon] = [given.get("lat"), given.get("lon")].map((value) => (value?.trim() ? Number(value) : Number.NaN));
  return Number.isFinite(lat) && Number.isFinite(lon) ? { lat, lon } : null;
}
