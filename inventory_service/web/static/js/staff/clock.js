/** The time to say that something was seen: this device's, unless it is plainly wrong. */

const WRONG_MS = 60_000;

export function createClock() {
  let ahead_ms = 0;
  return {
    now: () => Date.now() + ahead_ms,
    /** Takes the service's time, an HTTP date or null; whole seconds, so small differences say nothing. */
    hear(date) {
      const difference_ms = Date.parse(date ?? "") - Date.now();
      if (!Number.isNaN(difference_ms)) ahead_ms = Math.abs(difference_ms) > WRONG_MS ? difference_ms : 0;
    },
  };
}
