/** Sends what waits, one by one and in order; rests while the service cannot take it, and never gives up by itself. */

import { Problem } from "../api.js";
import { sentence } from "../words.js";

const FIRST_REST_S = 2;
const LONGEST_REST_S = 60;
const LONGEST_ASKED_S = 600;
const MOST_FAILURES = 5;
const PATIENCE_MS = 20_000;
const TRY_LATER = new Set([0, 408, 425, 429, 502, 503, 504]);

/**
 * `send(entry)` gives the changes of an entry that the service took, or throws a Problem. `onPhase(phase)` with `idle`,
 * `sending`, `offline`, `resting` or `stopped` (the key is not valid any more).
 */
export function createSender({ ledger, owner, send, onPhase }) {
  let wanted = false;
  let running = false;
  let stopped = false;
  let failures = 0;
  let timer = 0;

  /** Sends what there is, now. */
  async function kick() {
    wanted = true;
    if (running || stopped) return;
    clearTimeout(timer);
    running = true;
    while (wanted) {
      wanted = false;
      await alone(drain);
    }
    running = false;
  }

  async function drain() {
    for (let entry = ledger.next(owner); entry && !stopped; entry = ledger.next(owner)) {
      if (!navigator.onLine) return onPhase("offline");
      onPhase("sending");
      if (!(await pass(entry))) return;
    }
    if (!stopped) onPhase("idle");
  }

  /** Whether the next may be tried. */
  async function pass(entry) {
    ledger.change(entry.key, { tried: true });
    try {
      ledger.change(entry.key, await send(entry));
      failures = 0;
      return true;
    } catch (error) {
      return failed(entry, error instanceof Problem ? error : new Problem(0, error.message));
    }
  }

  function failed(entry, problem) {
    if (stopped) return false;
    if (problem.status === 401) return stop();
    if (TRY_LATER.has(problem.status)) return rest(problem.retryAfterS);
    if (problem.status === 500 && entry.failures + 1 < MOST_FAILURES) {
      ledger.change(entry.key, { failures: entry.failures + 1 });
      return rest(null);
    }
    ledger.change(entry.key, { refused: reason(problem) });
    return true;
  }

  /** At least as long as the service asked for, null where it did not say. */
  function rest(asked_s) {
    const own_s = Math.min(FIRST_REST_S * 2 ** failures, LONGEST_REST_S);
    const pause_s = Math.max(own_s, Math.min(asked_s ?? 0, LONGEST_ASKED_S));
    failures += 1;
    timer = setTimeout(kick, pause_s * 1000);
    onPhase(navigator.onLine ? "resting" : "offline");
    return false;
  }

  function stop() {
    end();
    onPhase("stopped");
    return false;
  }

  function end() {
    stopped = true;
    clearTimeout(timer);
    window.removeEventListener("online", kick);
    document.removeEventListener("visibilitychange", seen);
  }

  /** Timers sleep while the phone does. */
  function seen() {
    if (document.visibilityState === "visible") kick();
  }

  window.addEventListener("online", kick);
  window.addEventListener("offline", kick);
  document.addEventListener("visibilitychange", seen);
  return { kick, end };
}

/** Not beside another tab of this device, unless that one seems to be asleep: to send twice does no harm. */
async function alone(work) {
  if (!navigator.locks) return work();
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await navigator.locks.request("nearshelf-staff-sending", { signal: patience }, work);
  } catch {
    return work();
  }
}

function reason(problem) {
  return problem.faults.map((fault) => sentence(fault.detail)).join(" ") || problem.message;
}
