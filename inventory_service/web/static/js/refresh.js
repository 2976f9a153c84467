/** Time passing: words grow older on the page, and the question is quietly asked again. */

const TICK_MS = 15_000;
const ASK_AGAIN_MS = 60_000;
const ASK_ON_RETURN_MS = 10_000;

/** The service's clock: its `answered_at` plus what has passed here since. */
export function serviceClock() {
  let ahead_ms = 0;
  return {
    now: () => Date.now() + ahead_ms,
    set: (iso) => (ahead_ms = Date.parse(iso) - Date.now()),
  };
}

/** Calls `onTick()` often, and `onDue()` a minute after each question, both only while the page is seen. */
export function createRefresher({ onTick, onDue }) {
  let asked_at = Date.now();
  let timer = 0;

  const seen = () => document.visibilityState === "visible";

  function asked() {
    asked_at = Date.now();
    clearTimeout(timer);
    timer = setTimeout(again, ASK_AGAIN_MS);
  }

  function again() {
    if (!seen()) return;
    asked();
    onDue();
  }

  function back() {
    if (!seen()) return;
    onTick();
    if (Date.now() - asked_at >= ASK_ON_RETURN_MS) again();
  }

  setInterval(() => seen() && onTick(), TICK_MS);
  document.addEventListener("visibilitychange", back);
  window.addEventListener("focus", back);
  window.addEventListener("pageshow", back);
  window.addEventListener("online", again);
  return { asked };
}
