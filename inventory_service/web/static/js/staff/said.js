/** What was said on this device: the last answers with their undo, what was refused, and what waits for another key. */

import { button, h, hidden } from "../dom.js";
import { ago } from "../time.js";
import { isUnsent } from "./ledger.js";
import { saidWords, stateWords, subjectName } from "./words.js";

const SHOWN_AT_ONCE = 3;

/** `now` in ms; `onUndo(entry)`, `onDrop(entry)`, `onRetry()`, `onAdopt()`, `onDropOthers()`. */
export function saidView(entries, owner, phase, now, acts) {
  const mine = entries.filter((entry) => entry.owner === owner);
  const others = entries.filter((entry) => entry.owner !== owner && isUnsent(entry));
  const refused = entries.filter((entry) => entry.refused);
  const last = mine.filter((entry) => !entry.refused).reverse();
  const parts = [resting(phase, acts), refusedView(refused, acts), othersView(others, acts), lastView(last, now, acts)];
  return h("div", { class: "said" }, ...parts);
}

function resting(phase, { onRetry }) {
  if (phase !== "resting") return null;
  return h("p", { class: "line" }, h("span", {}, "The service cannot take your answers just now. We try again by ourselves."), button("quiet", "Try now", onRetry));
}

function refusedView(refused, { onDrop }) {
  if (refused.length === 0) return null;
  const rows = refused.map((entry) => h("li", { class: "entry" }, told(entry, entry.refused), labelled("Drop", entry, onDrop)));
  return h("section", { class: "refused" }, h("h2", {}, `Refused: ${refused.length}`), h("ul", { class: "rows" }, ...rows));
}

function othersView(others, { onAdopt, onDropOthers }) {
  if (others.length === 0) return null;
  const words = `${others.length} not sent yet, said on this device with another key.`;
  const acts = h("div", { class: "line" }, button("quiet", "Send with my key", onAdopt), button("quiet", "Drop", onDropOthers));
  return h("section", { class: "others" }, h("h2", {}, "Left by somebody else"), h("p", {}, words), acts);
}

function lastView(last, now, { onUndo }) {
  if (last.length === 0) return null;
  const rows = last.map((entry) => {
    const undo = entry.undo ? null : labelled("Undo", entry, onUndo);
    return h("li", { class: "entry" }, told(entry, `${stateWords(entry)} · ${ago(entry.said_at, now)}`), undo);
  });
  const [first, more] = [rows.slice(0, SHOWN_AT_ONCE), rows.slice(SHOWN_AT_ONCE)];
  return h("section", {}, h("h2", {}, "Said just now"), h("ul", { class: "rows" }, ...first), more.length ? earlier(more) : null);
}

function earlier(rows) {
  const summary = h("summary", { "data-act": "earlier" }, `${rows.length} earlier`);
  return h("details", { class: "earlier" }, summary, h("ul", { class: "rows" }, ...rows));
}

function told(entry, note) {
  return h("span", { class: "words" }, h("strong", {}, `${saidWords(entry.body)}: ${subjectName(entry)}`), h("span", { class: "note" }, note));
}

function labelled(word, entry, act) {
  const made = button("quiet", word, () => act(entry));
  made.dataset.act = `${word}-${entry.key}`;
  made.append(hidden(` ${subjectName(entry)}`));
  return made;
}
