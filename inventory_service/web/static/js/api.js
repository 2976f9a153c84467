/** The service's HTTP interface: plain questions in, parsed answers or a Problem out. */

const DEADLINE_MS = 12_000;

/** What went wrong, in the service's own words. `status` 0 means that no answer came at all. */
export class Problem extends Error {
  constructor(status, detail, faults = [], retryAfterS = null) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.faults = faults;
    this.retryAfterS = retryAfterS;
  }
}

/** Products whose name, brand or barcode fits the text; without a text the first of all. */
export async function searchProducts(text, signal) {
  return (await get("/v1/products", text ? { q: text } : {}, { signal })).body.results;
}

/** Towns and postcodes that fit the text. */
export async function searchPlaces(text, signal) {
  return (await get("/v1/places", { q: text }, { signal })).body.results;
}

/** `{body, etag}`; `body` is null where the answer with that `etag` still holds. */
export function askAvailability(parameters, etag, signal) {
  return get("/v1/availability", parameters, { signal, etag });
}

/** How right our answers were in the last so many days. */
export async function askAccuracy(days) {
  return (await get("/v1/accuracy", { days }, {})).body;
}

/** A shopper's word: `{store_id, product, found, device}`. */
export async function sendReport(report) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const response = await reach("/v1/reports", headers, null, { method: "POST", body: JSON.stringify(report) });
  if (!response.ok) throw await problemOf(response);
}

async function get(path, parameters, { signal, etag }) {
  const headers = { Accept: "application/json" };
  // Asked by hand, because an answer revalidated by the browser's cache would carry the `answered_at` of its first day.
  if (etag) headers["If-None-Match"] = etag;
  const response = await reach(`${path}?${new URLSearchParams(parameters)}`, headers, signal);
  if (response.status === 304) return { body: null, etag };
  if (!response.ok) throw await problemOf(response);
  return { body: await parsed(response), etag: response.headers.get("ETag") };
}

async function reach(url, headers, signal, more = {}) {
  const late = AbortSignal.timeout(DEADLINE_MS);
  try {
    return await fetch(url, { headers, cache: "no-store", credentials: "omit", signal: anyOf(signal, late), ...more });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, late.aborted ? "The service took too long to answer." : "The service could not be reached.");
  }
}

function anyOf(signal, other) {
  if (!signal) return other;
  return AbortSignal.any ? AbortSignal.any([signal, other]) : signal;
}

async function parsed(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The service's answer could not be read.");
  }
}

async function problemOf(response) {
  const retryAfterS = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const body = await response.json().catch(() => ({}));
  const detail = body.detail || body.title || `The service answered with an error (${response.status}).`;
  return new Problem(response.status, detail, faultsOf(body), Number.isNaN(retryAfterS) ? null : retryAfterS);
}

/** Pointers come as `gtin`, `/gtin` or `#/gtin`. */
function faultsOf(body) {
  const errors = Array.isArray(body.errors) ? body.errors : [];
  return errors.map((each) => ({
    field: String(each.pointer ?? "").replace(/^#?\/?/, ""),
    detail: String(each.detail ?? body.detail ?? ""),
  }));
}

export { parsed, problemOf, reach };
