/** A text box with a list of suggestions: the ARIA 1.2 editable combobox with a listbox. Nothing is chosen unasked. */

import { h } from "./dom.js";

const PAUSE_MS = 180;

/**
 * `find(text, signal)` gives items, `describe(item)` their `{title, note}`. `onPick(item)` when one is chosen,
 * `onEdit()` at each keystroke, `announce(text)` says how many there are. `wants(text)` tells what is worth asking.
 */
export function combobox(input, { find, describe, wants, onPick, onEdit, announce }) {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  let items = [];
  let active = -1;
  let timer = 0;
  let asking = null;

  function close() {
    clearTimeout(timer);
    asking?.abort();
    active = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function open(found) {
    items = found;
    active = -1;
    list.replaceChildren(...items.map((item, at) => option(describe(item), `${list.id}-${at}`)));
    list.hidden = items.length === 0;
    list.scrollTop = 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    input.removeAttribute("aria-activedescendant");
  }

  async function suggest() {
    const text = input.value.trim();
    if (!wants(text)) return close();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const found = await find(text, signal);
      if (signal.aborted) return;
      open(found);
      announce(found.length === 1 ? "1 suggestion" : `${found.length} suggestions`);
    } catch {
      if (!signal.aborted) close();
    }
  }

  function highlight(to) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = to;
    const chosen = list.children[active];
    if (!chosen) return input.removeAttribute("aria-activedescendant");
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", chosen.id);
  }

  function pick(at) {
    const item = items[at];
    close();
    input.value = describe(item).title;
    onPick(item);
  }

  function onKey(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && list.hidden) suggest();
    if (list.hidden) return;
    const last = items.length - 1;
    const moves = { ArrowDown: active >= last ? 0 : active + 1, ArrowUp: active <= 0 ? last : active - 1 };
    if (event.key in moves) highlight(moves[event.key]);
    else if (event.key === "Enter" && active >= 0) pick(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  }

  input.addEventListener("input", () => {
    onEdit();
    close();
    timer = setTimeout(suggest, PAUSE_MS);
  });
  input.addEventListener("keydown", onKey);
  input.addEventListener("click", () => input.value === "" && list.hidden && suggest());
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) pick([...list.children].indexOf(chosen));
  });

  return { open, close };
}

function option({ title, note }, id) {
  const words = [h("span", { class: "title" }, title), note ? h("span", { class: "note" }, note) : null];
  return h("li", { id, role: "option", "aria-selected": "false" }, ...words);
}
