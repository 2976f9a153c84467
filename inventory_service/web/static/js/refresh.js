/** Time passing: words grow older on the page, and the question is quietly asked again. */

const TICK_MS = 15_000;
const SOON_MS = 1_500;
const LATER_MS = 60_000;

/** The service's clock: its `answered_at` plus what has passed here since. */
export function serviceClock() {
  let ahead_ms = 0;
  return {
    now: () => Date.now() + ahead_ms,
    set: (iso) => (ahead_ms = Date.parse(iso) - Date.now()),
  };
}

/**
 * Calls `onTick()` often, and `onDue()` when it is time to ask again, both only while the page is seen: a minute after
 * the last that was heard of the answer, and when somebody comes back to the page; `onUnseen()` when nobody sees it any
 * more. Tell it when a question is `asked()`, and `answered()` (a stream's word counts as well) or `failed()`.
 */
export function createRefresher({ onTick, onDue, onUnseen }) {
  let asked_at = 0;
  let asking = false;
  let timer = 0;

  const seen = () => document.visibilityState === "visible";

  function asked() {
    asked_at = Date.now();
    asking = true;
    clearTimeout(timer);
  }

  function wait(pause_ms) {
    clearTimeout(timer);
    timer = setTimeout(again, pause_ms);
  }

  function later() {
    asking = false;
    wait(LATER_MS);
  }

  function again() {
    if (seen()) onDue();
  }

  function changed() {
    if (seen()) back();
    else onUnseen();
  }

  function back() {
    onTick();
    if (!asking) wait(Math.max(0, asked_at + SOON_MS - Date.now()));
  }

  setInterval(() => seen() && onTick(), TICK_MS);
  document.addEventListener("visibilitychange", changed);
  window.addEventListener("pagehide", onUnseen);
  window.addEventListener("pageshow", (event) => event.persisted && changed());
  window.addEventListener("online", again);
  return { asked, answered: later, failed: later };
}
