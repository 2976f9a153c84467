/** When to ask, of what, and what becomes of the answer. */

import { advise } from "./advice.js";
import { ask } from "./asking.js";
import { localeFor, speaker } from "./language.js";
import { createPanel } from "./panel.js";
import { PLACES, coarse, lookup, placeIn, wanted, wholeIn } from "./question.js";
import STYLE from "./style.css";

const MINUTE_MS = 60_000;
const SHOWN = sheetOf(STYLE);
const GONE = sheetOf(":host{display:none}");

/** The widget in `root`, the shadow of `element`; `home` is the service that the script came from. */
export function createWidget(element, root, home) {
  let words, panel, answer, asking, seen, due_at, timer;
  /** Where a person said they are: it outlives a change of product. */
  let place;
  const watch = new IntersectionObserver((entries) => {
    seen = entries.pop().isIntersecting;
    wake();
  });
  const where = () => place ?? placeIn(element);
  const api = () => (element.getAttribute("api") ?? home).replace(/\/$/, "");

  /** As new, but for what a person has typed. */
  function begin() {
    end();
    answer = null;
    due_at = 0;
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("online", online);
    const typed = panel?.input.value || element.getAttribute("near");
    words = speaker(localeFor(element), element.getAttribute("units"));
    panel = createPanel(words, {
      level: Math.min(wholeIn(element, "heading-level", 2), 6),
      rows: Math.min(wholeIn(element, "limit", 3), 3),
      onPlace: (near) => from({ near }),
      onLocate: locate,
    });
    panel.input.value = typed ?? "";
    root.adoptedStyleSheets = [SHOWN];
    root.replaceChildren(panel.room);
    if (where()) panel.show("");
    watch.observe(panel.room);
  }

  function end() {
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", online);
    watch.disconnect();
    clearTimeout(timer);
    asking?.abort();
  }

  function from(found) {
    place = found;
    answer = null;
    run();
  }

  function locate() {
    asking?.abort();
    panel.show(words.say("looking"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => from(coarse(coords)),
      () => panel.show(words.say("lost")),
      { timeout: 10_000, maximumAge: MINUTE_MS },
    );
  }

  function online() {
    due_at = 0;
    wake();
  }

  /** Asks where somebody looks, a place is known and it is time. */
  function wake() {
    clearTimeout(timer);
    if (!seen || document.hidden || !where()) return;
    const wait_ms = due_at - Date.now();
    if (wait_ms <= 0) run();
    else if (wait_ms < Infinity) timer = setTimeout(wake, wait_ms);
  }

  /** A newer question makes an older one void. */
  async function run() {
    asking?.abort();
    const { signal } = (asking = new AbortController());
    due_at = Infinity;
    if (!answer) panel.show(words.say("looking"));
    const asked = wanted(element, where(), words.usualRadius_m);
    const heard = await ask(lookup(api(), element, asked), signal);
    if (signal.aborted) return;
    if (heard.answer) answer = { ...heard.answer, ahead_ms: Date.parse(heard.answer.answered_at) - Date.now() };
    const pause_s = heard.answer ? 0 : failed(heard.problem);
    if (answer) panel.answered(answer, asked, Date.now() + answer.ahead_ms, `${api()}/?${new URLSearchParams(asked)}`);
    due_at = Date.now() + Math.max(MINUTE_MS, pause_s * 1000);
    wake();
    tell(heard);
  }

  /** Seconds until it is worth asking again. An answer that could not be renewed stays, and grows older on the page. */
  function failed(problem) {
    const { say } = words;
    const { status, errors, retry_after_s } = problem;
    if (!status || status === 429 || status >= 500) {
      if (!answer) panel.show(say(navigator.onLine ? "down" : "offline"));
      return retry_after_s ?? 0;
    }
    answer = null;
    if (status === 404) panel.show(say("strange"));
    else if (errors?.some((fault) => PLACES.includes(fault.pointer))) panel.show(say("nowhere"));
    else withdraw(problem);
    return Infinity;
  }

  /** As if the script had never run: what stands between the element's tags, or nothing. */
  function withdraw(problem) {
    console.error(advise(problem, self.origin));
    root.adoptedStyleSheets = element.childElementCount ? [] : [GONE];
    root.replaceChildren(document.createElement("slot"));
  }

  function tell({ answer: told, problem }) {
    const event = { bubbles: true, composed: true, detail: told ?? problem };
    element.dispatchEvent(new CustomEvent(told ? "nearshelf:answer" : "nearshelf:error", event));
  }

  function forget() {
    place = null;
  }

  return { begin, end, forget };
}

function sheetOf(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
