/** One product: what we hold of it here, and the four things to say. */

import { button, h, icon } from "../dom.js";
import { field } from "../field.js";
import { ago } from "../time.js";
import { certainty, look, productNote, word } from "../words.js";
import { ANSWERS, aisleWords, readCount, subjectName } from "./words.js";

const BANDS = { "0": "none", "1-2": "1 or 2", "3+": "3 or more" };

/**
 * `subject` is `{identity, product}`, the product null until it is known. `onSay({shelf} | {quantity})`, `onBack()`,
 * and `onCode(text)` where a barcode came instead of a count. Gives `{node, show(position, now), note(text), close(text)}`.
 */
export function productView(subject, { onSay, onBack, onCode }) {
  const title = h("h1", { tabindex: "-1" }, subjectName(subject));
  const about = h("p", { class: "what" }, subject.product ? productNote(subject.product) : null);
  const held = h("div", { class: "held", "aria-live": "polite" }, h("p", { class: "muted" }, "Looking it up…"));
  const answers = h("div", { class: "answers" }, h("h2", {}, "Is it on the shelf?"), choices(onSay), counting(onSay, onCode));
  const node = h("section", { class: "product" }, button("quiet back", "Back", onBack), title, about, held, answers);

  function show(position, now) {
    title.textContent = subjectName({ product: position.product, identity: subject.identity });
    about.textContent = productNote(position.product);
    held.replaceChildren(...heldWords(position, now));
  }

  function note(text) {
    held.replaceChildren(h("p", {}, text));
  }

  return {
    node,
    title,
    show,
    note,
    /** It cannot be said anything of: why. */
    close: (text) => {
      note(text);
      answers.remove();
    },
  };
}

function choices(onSay) {
  const made = ANSWERS.map(({ said, word: name, note, look: shape }) => {
    const answer = h("button", { class: `answer-${shape}`, type: "button" }, icon(shape), h("strong", {}, name), h("span", {}, note));
    answer.addEventListener("click", () => onSay({ shelf: said }));
    return answer;
  });
  return h("div", { class: "choices" }, ...made);
}

/** The count: a box and a button, always there, so that it takes no tap to find them. */
function counting(onSay, onCode) {
  const input = h("input", { id: "count", type: "text", inputmode: "numeric", enterkeyhint: "done", autocomplete: "off", maxlength: 20 });
  input.setAttribute("aria-describedby", "count-hint");
  const hint = h("p", { class: "hint", id: "count-hint" });
  const label = h("label", { for: "count" }, "Or count");
  const form = h("form", { class: "count", novalidate: true }, label, input, h("button", { class: "quiet", type: "submit" }, icon("count"), "Save count"), hint);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { count, code, fault } = readCount(input.value);
    if (code) return onCode(code);
    if (!fault) return onSay({ quantity: count });
    field(input).fail(fault);
    input.focus();
  });
  return form;
}

function heldWords(position, now) {
  const shape = look(position.availability);
  const badge = h("span", { class: `badge ${shape}` }, icon(shape), word(position.availability));
  const sure = certainty(position);
  const band = BANDS[position.quantity_band];
  const facts = [
    position.quantity === undefined || position.quantity === null ? band && `${band} on record` : `${position.quantity} on record`,
    sure,
    position.as_of && `last word ${ago(position.as_of, now)}`,
  ];
  const line = facts.filter(Boolean).join(" · ") || "Nobody has told us of it here yet";
  const aisle = position.aisle ? h("p", { class: "aisle" }, icon("aisle"), aisleWords(position.aisle)) : null;
  return [h("p", { class: "state" }, h("span", { class: "visually-hidden" }, "We say: "), badge), h("p", { class: "muted" }, line), aisle].filter(Boolean);
}
