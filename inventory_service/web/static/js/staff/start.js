/** Where the work begins and comes back to: the store, what to look at next, and what was said. */

import { button, h } from "../dom.js";
import { checksView } from "./checks.js";
import { saidView } from "./said.js";

/** `acts` are what can be done about it, as checks.js and said.js name it, and `onStores()`. Gives `{node, title, show(state)}`. */
export function startView(store, acts) {
  const title = h("h1", { tabindex: "-1" }, store.name || store.store_code);
  const other = store.several ? button("quiet", "Other store", acts.onStores) : null;
  const checks = h("div");
  const said = h("div");
  const node = h("section", { class: "start-work" }, h("div", { class: "line" }, title, other), said, checks);

  function show(state) {
    swap(said, saidView(state.entries, state.owner, state.phase, state.now, acts), title);
    swap(checks, checksView(state.checks, acts), title);
  }

  return { node, title, show };
}

/** A new child; what was unfolded stays so, and the focus stays on what does the same, else it goes to `otherwise`. */
function swap(box, child, otherwise) {
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  const unfolded = box.querySelector("details")?.open ?? false;
  box.replaceChildren(child);
  box.querySelector("details")?.toggleAttribute("open", unfolded);
  if (!focused) return;
  const again = focused.dataset.act && box.querySelector(`[data-act="${focused.dataset.act}"]`);
  (again || otherwise).focus({ preventScroll: true });
}
