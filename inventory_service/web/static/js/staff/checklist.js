/** The check list as it was last heard, without what was said meanwhile. */

import { isUnsent } from "./ledger.js";

const SAID_LATELY_MS = 3_600_000;
const NOWHERE = "The check list cannot be fetched just now.";

/** `onChange()` when there is news; `onInvalid()` where the key is refused. */
export function createCheckList({ onChange, onInvalid }) {
  let source = null;
  let results = null;
  let note = null;

  function begin(api, store_id) {
    source = { api, store_id };
    results = null;
    return refresh();
  }

  async function refresh() {
    const asked = source;
    note = "Looking…";
    onChange();
    try {
      const heard = (await asked.api.checks(asked.store_id)).results;
      if (asked !== source) return;
      [results, note] = [heard, null];
    } catch (problem) {
      if (asked !== source) return;
      if (problem.status === 401) return onInvalid();
      note = results ? `${NOWHERE} This is the last one.` : NOWHERE;
    }
    onChange();
  }

  /** `{results, note}` for the owner of the key; `entries` are the ledger's. */
  function list(entries, owner) {
    const said = entries.filter((entry) => entry.owner === owner && !entry.undo && !entry.refused && lately(entry));
    const done = new Set(said.map((entry) => entry.product?.id ?? entry.identity.product));
    return { note, results: results && results.filter((check) => !done.has(check.product.id)) };
  }

  return { begin, refresh, list, products: () => (results ?? []).map((check) => check.product) };
}

function lately(entry) {
  return isUnsent(entry) || Date.now() - Date.parse(entry.said_at) < SAID_LATELY_MS;
}
