/** Time passing: words grow older on the page, and the question is quietly asked again. */

const TICK_MS = 15_000;
const SOON_MS = 1_500;
const LATER_MS = 60_000;
const LOOKS_FOR_MS = 120_000;

/** The service's clock: its `answered_at` plus what has passed here since. */
export function serviceClock() {
  let ahead_ms = 0;
  return {
    now: () => Date.now() + ahead_ms,
    set: (iso) => (ahead_ms = Date.parse(iso) - Date.now()),
  };
}

/**
 * Calls `onTick()` often, and `onDue()` when it is time to ask again, both only while the page is seen: soon after each
 * answer while somebody looks at it, so that news from the shelf is there at once; each minute when nobody has touched
 * the page for a while, and after a failure. Tell it when a question is `asked()`, and `answered()` or `failed()`.
 */
export function createRefresher({ onTick, onDue }) {
  let looked_at = Date.now();
  let asked_at = 0;
  let timer = 0;

  const seen = () => document.visibilityState === "visible";

  function asked() {
    asked_at = Date.now();
    clearTimeout(timer);
  }

  function wait(pause_ms) {
    clearTimeout(timer);
    timer = setTimeout(again, pause_ms);
  }

  function again() {
    if (seen()) onDue();
  }

  function looking() {
    const idle = Date.now() - looked_at > LOOKS_FOR_MS;
    looked_at = Date.now();
    if (idle) again();
  }

  function back() {
    if (!seen()) return;
    looked_at = Date.now();
    onTick();
    if (Date.now() - asked_at >= SOON_MS) again();
  }

  setInterval(() => seen() && onTick(), TICK_MS);
  for (const touch of ["pointerdown", "keydown", "scroll"]) window.addEventListener(touch, looking, { passive: true });
  document.addEventListener("visibilitychange", back);
  window.addEventListener("focus", back);
  window.addEventListener("pageshow", back);
  window.addEventListener("online", again);
  return {
    asked,
    answered: () => wait(Date.now() - looked_at > LOOKS_FOR_MS ? LATER_MS : SOON_MS),
    failed: () => wait(LATER_MS),
  };
}
