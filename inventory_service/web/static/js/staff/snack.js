/** A short note in the dock, with one thing to do about it. */

import { button, h } from "../dom.js";

const SHOWN_MS = 8_000;

/** `announce(text)` speaks: the note itself comes and goes with its button. */
export function createSnack(element, announce) {
  let timer = 0;

  function clear() {
    clearTimeout(timer);
    element.hidden = true;
    element.replaceChildren();
  }

  /** `act` is `{label, do}` or null. */
  function show(text, act = null) {
    clear();
    const doing = act && button("quiet", act.label, () => {
      clear();
      act.do();
    });
    element.append(h("span", {}, text), ...(doing ? [doing] : []));
    element.hidden = false;
    announce(text);
    timer = setTimeout(clear, SHOWN_MS);
  }

  return { show, clear };
}
