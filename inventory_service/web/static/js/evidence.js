/** "Why we say so": who said what, when, and what we make of it. */

import { h } from "./dom.js";
import { ago, fullTime } from "./time.js";
import { certainty, evidenceWords, look } from "./words.js";

/** `moment(iso, words)` makes a `<time>` that keeps itself up to date. */
export function evidenceView(result, moment) {
  const said = result.evidence.map((each) => h("li", {}, `${evidenceWords(each)}, `, moment(each.observed_at, ago)));
  const list = said.length ? h("ul", { class: "evidence" }, ...said) : h("p", {}, "Nobody has told us anything yet.");
  const covered = result.covered_at
    ? h("p", {}, "The store's feed last stood by its records ", moment(result.covered_at, ago), ".")
    : null;
  const summary = h("summary", { "data-part": "why" }, h("span", {}, "Why", h("span", { class: "wide" }, " we say so")));
  return h("details", {}, summary, h("div", { class: "why" }, list, covered, h("p", {}, conclusion(result))));
}

function conclusion(result) {
  switch (look(result.availability)) {
    case "unknown":
      return "That is too long ago to say anything about the shelf now.";
    case "out_of_stock":
      return `From that we are ${certainty(result)} that the shelf is empty.`;
    default:
      return `From that, and from how quickly such news grows old, we are ${certainty(result)} that it is on the shelf.`;
  }
}

/** A `<time>` whose words change with the clock; `ticks` collects what has to be called each minute. */
export function momentIn(zone, locale, now, ticks) {
  return (iso, words) => {
    const element = h("time", { datetime: iso, title: fullTime(iso, zone, locale) });
    const tick = (at) => (element.textContent = words(iso, at));
    tick(now);
    ticks.push(tick);
    return element;
  };
}
