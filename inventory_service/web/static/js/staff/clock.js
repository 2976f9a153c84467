/** The time to say that something was seen: this device's, unless it is plainly wrong. */

const WRONG_MS = 60_000;

export function createClock() {
  let ahead_ms = 0;
  return {
    now: () => Date.now() + ahead_ms,
    /** Takes the service's time, as it has just come; it is in whole seconds, so small differences say nothing. */
    hear(iso) {
      const difference_ms = Date.parse(iso) - Date.now();
      ahead_ms = Math.abs(difference_ms) > WRONG_MS ? difference_ms : 0;
    },
  };
}
