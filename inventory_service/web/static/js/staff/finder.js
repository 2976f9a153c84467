/** The dock's form: a code out of the camera, a hand scanner or fingers. */

import { field } from "../field.js";
import { createCamera, readable } from "./camera.js";
import { readCode } from "./code.js";

const EDITABLE = "input, textarea, select";

/** `onFound(identity)` with `{gtin}`, `{scan}` or `{item_id}`; `announce(text)` speaks. */
export function createFinder({ onFound, announce }) {
  const byId = (id) => document.getElementById(id);
  const [input, own, scan, panel, letters] = ["code", "own", "scan", "camera", "letters"].map(byId);
  const code = field(input);
  const camera = createCamera(byId("video"), {
    onRead: (text, format) => {
      const read = readCode(text, format);
      if (read.gtin || read.scan) take(read);
    },
    onEnd: () => {
      panel.hidden = true;
      scan.setAttribute("aria-expanded", "false");
    },
  });
  let formats = [];

  function take(identity) {
    camera.stop();
    clear();
    navigator.vibrate?.(40);
    onFound(identity);
  }

  function clear() {
    input.value = "";
    own.hidden = true;
    code.clear();
  }

  function look(text) {
    const { fault, ...identity } = readCode(text);
    if (!fault) return take(identity);
    code.fail(fault);
    own.hidden = identity.item_id === null;
    announce(fault);
    input.select();
  }

  async function show() {
    panel.hidden = false;
    scan.setAttribute("aria-expanded", "true");
    try {
      await camera.start(formats);
    } catch (error) {
      panel.hidden = true;
      code.fail(error.message);
      announce(error.message);
    }
  }

  /** A hand scanner types wherever the focus is: digits that nothing else wants go into the box. */
  function catchScanner(event) {
    if (event.target.closest(EDITABLE) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (byId("dock").hidden || !/^[\d\](]$/.test(event.key)) return;
    input.value = "";
    input.focus();
  }

  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    look(input.value);
  });
  input.addEventListener("input", () => {
    code.clear();
    own.hidden = true;
  });
  own.addEventListener("click", () => take({ item_id: input.value.trim() }));
  letters.addEventListener("click", () => {
    const wanted = input.inputMode === "numeric";
    input.inputMode = wanted ? "text" : "numeric";
    letters.setAttribute("aria-pressed", String(wanted));
    input.focus();
  });
  scan.addEventListener("click", () => (panel.hidden ? show() : camera.stop()));
  byId("stop").addEventListener("click", () => camera.stop());
  document.addEventListener("keydown", catchScanner);
  document.addEventListener("keydown", (event) => event.key === "Escape" && camera.stop());
  readable().then((found) => {
    formats = found;
    scan.hidden = found.length === 0;
  });

  return { look, rest: () => camera.stop() };
}
