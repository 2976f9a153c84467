/** From attributes and a place to addresses. */

export const PLACES = ["near", "lat", "lon"];

/** A person's position to about 100 m: near enough to sort stores, too coarse to tell the house. */
export function coarse({ latitude, longitude }) {
  return { lat: latitude.toFixed(3), lon: longitude.toFixed(3) };
}

/** The place that the host page names, or null. */
export function placeIn(element) {
  const [near, lat, lon] = PLACES.map((name) => element.getAttribute(name));
  if (lat && lon) return { lat, lon };
  return near ? { near } : null;
}

export function wholeIn(element, name, usual) {
  return Number.parseInt(element.getAttribute(name), 10) || usual;
}

/** What our own page understands too. */
export function wanted(element, place, usualRadius_m) {
  const name = element.hasAttribute("gtin") ? "gtin" : "product";
  return { [name]: element.getAttribute(name) ?? "", ...place, radius_m: wholeIn(element, "radius-m", usualRadius_m) };
}

/** The lookup of it; any number of retailers stands in one attribute. */
export function lookup(api, element, asked) {
  const query = new URLSearchParams({ ...asked, limit: wholeIn(element, "limit", 3) });
  for (const name of ["retailer", "key"]) {
    const values = element.getAttribute(name)?.match(/[^\s,]+/g) ?? [];
    for (const value of values) query.append(name, value);
  }
  return `${api}/v1/availability?${query}`;
}
