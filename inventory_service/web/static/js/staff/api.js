/** The staff's part of the service: questions and words with a key. */

import { parsed, problemOf, reach } from "../api.js";

const CONFIRMATIONS = "/v1/staff/confirmations";

/** Asks with this key. */
export function createApi(secret) {
  async function ask(path, { headers = {}, signal = null, ...more } = {}) {
    const all = { Accept: "application/json", Authorization: `Bearer ${secret}`, ...headers };
    const response = await reach(path, all, signal, more);
    if (!response.ok) throw await problemOf(response);
    return parsed(response);
  }

  function get(path, parameters, signal) {
    return ask(`${path}?${new URLSearchParams(parameters)}`, { signal });
  }

  async function confirm({ key, body }) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
    const made = await ask(CONFIRMATIONS, { method: "POST", headers, body: JSON.stringify(body) });
    return { id: made.id, product: made.product };
  }

  async function undo(id) {
    await ask(`${CONFIRMATIONS}/${encodeURIComponent(id)}/undo`, { method: "POST" });
    return { undone: true };
  }

  return {
    me: () => ask("/v1/staff/me"),
    checks: (store_id) => get("/v1/staff/checks", { store_id }),
    position: (store_id, identity, signal) => get("/v1/staff/position", { store_id, ...identity }, signal),
    /** Takes an entry of the ledger one step on, and tells what has changed of it. */
    send: (entry) => (entry.id === null ? confirm(entry) : undo(entry.id)),
  };
}
