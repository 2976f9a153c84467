/** The stream of changes to one answer: heard while somebody looks, left alone for a while where it breaks. */

const HELD_MS = 20_000;
const MOST_BREAKS = 3;
const REST_MS = 60_000;
const LONGEST_REST_MS = 16 * 60_000;

/**
 * `onAnswer(answer, etag)` for each answer that is told, the present one first; `onProblem()` when the service has ended
 * the stream for good, and asking will tell why. `EventSource` comes back by itself after a break; after a refusal, or too
 * many breaks between which no stream held for long, nothing is heard for a rest, which is twice as long each time.
 */
export function createListener({ onAnswer, onProblem }) {
  let source = null;
  let breaks = 0;
  let rest_ms = REST_MS;
  let rests_until = 0;
  let holding = 0;

  function leave() {
    clearTimeout(holding);
    source?.close();
    source = null;
  }

  function held() {
    breaks = 0;
    rest_ms = REST_MS;
  }

  function rest() {
    leave();
    breaks = 0;
    rests_until = Date.now() + rest_ms * (1 + Math.random() / 2);
    rest_ms = Math.min(2 * rest_ms, LONGEST_REST_MS);
  }

  /** Being offline is nobody's fault, and being back is noticed. */
  function broken() {
    clearTimeout(holding);
    if (!navigator.onLine) return leave();
    breaks += 1;
    if (source.readyState === EventSource.CLOSED || breaks > MOST_BREAKS) rest();
  }

  function ended() {
    rest();
    onProblem();
  }

  /** Hears of the answer to a question with these parameters, unless one is heard, nobody looks, or it has to rest. */
  function listen(parameters) {
    const seen = document.visibilityState === "visible";
    if (source || !seen || !("EventSource" in window) || Date.now() < rests_until) return;
    source = new EventSource(`/v1/availability/stream?${new URLSearchParams(parameters)}`);
    source.addEventListener("open", () => (holding = setTimeout(held, HELD_MS)));
    source.addEventListener("availability", ({ data, lastEventId }) => onAnswer(JSON.parse(data), lastEventId));
    source.addEventListener("problem", ended);
    source.addEventListener("error", broken);
  }

  return { listen, leave };
}
