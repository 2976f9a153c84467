/** The check list: where a look is worth most, as one walk through the store. */

import { button, h, icon } from "../dom.js";
import { certainty, look, productName, productNote, word } from "../words.js";
import { aisleWords } from "./words.js";

/** `list` is `{results, note}`: results null while nobody knows, `note` what to say of them, or null. */
export function checksView(list, { onPick, onRefresh }) {
  const again = button("quiet", "Refresh", onRefresh);
  again.dataset.act = "refresh";
  const head = h("div", { class: "line" }, h("h2", {}, "Look at these next"), again);
  return h("section", { class: "checks", "aria-label": "Check list" }, head, list.note ? h("p", { class: "muted" }, list.note) : null, body(list.results, onPick));
}

function body(results, onPick) {
  if (results === null) return null;
  if (results.length === 0) return h("p", { class: "muted" }, "Nothing needs a look just now.");
  return h("ol", { class: "rows" }, ...results.map((check) => h("li", {}, row(check, onPick))));
}

function row(check, onPick) {
  const shape = look(check.availability);
  const state = [word(check.availability), certainty(check)].filter(Boolean).join(", ");
  const words = h(
    "span",
    { class: "words" },
    h("strong", {}, productName(check.product)),
    h("span", { class: "note" }, [aisleWords(check.aisle), productNote(check.product)].filter(Boolean).join(" · ")),
    h("span", { class: "note" }, `We say: ${state}. ${check.why}`),
  );
  const made = h("button", { class: "row", type: "button", "data-act": `check-${check.product.id}` }, icon(shape), words, icon("chevron"));
  made.addEventListener("click", () => onPick(check));
  return made;
}
