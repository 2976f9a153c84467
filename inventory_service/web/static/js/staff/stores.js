/** Choosing one of the key's stores: a chain's key may have thousands. */

import { h, icon } from "../dom.js";

const MOST_SHOWN = 30;

/** `onStore(store)` with one of `stores`. */
export function storesView(stores, onStore) {
  const title = h("h1", { tabindex: "-1" }, "Which store are you in?");
  const list = h("ul", { class: "rows" });
  const more = h("p", { class: "muted", role: "status" });
  const search = stores.length > MOST_SHOWN ? searching((text) => show(fitting(stores, text))) : null;

  function show(found) {
    list.replaceChildren(...found.slice(0, MOST_SHOWN).map((store) => h("li", {}, choice(store, onStore))));
    more.textContent = restWords(found.length);
  }

  show(stores);
  const none = stores.length ? null : h("p", {}, "This key is for no store yet. Ask whoever gave it to you.");
  return { node: h("section", { class: "sheet" }, title, none, search, list, more), title };
}

/** Those in whose name, code or address all the words stand. */
function fitting(stores, text) {
  const words = text.toLowerCase().split(/\s+/);
  return stores.filter((store) => {
    const about = `${store.name} ${store.store_code} ${store.address}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
}

function searching(onText) {
  const input = h("input", { id: "which", type: "search", autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", () => onText(input.value.trim()));
  return h("div", {}, h("label", { for: "which" }, "Part of its name, number or address"), input);
}

function restWords(count) {
  if (count > MOST_SHOWN) return `And ${count - MOST_SHOWN} more.`;
  return count === 0 ? "No store fits." : "";
}

function choice(store, onStore) {
  const words = h("span", { class: "words" }, h("strong", {}, store.name || store.store_code), h("span", { class: "note" }, store.address || store.store_code));
  const made = h("button", { class: "row", type: "button" }, words, icon("chevron"));
  made.addEventListener("click", () => onStore(store));
  return made;
}
