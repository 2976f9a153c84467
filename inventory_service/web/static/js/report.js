/** "I found it" and "Not there": a shopper's word about one product at one store, and what became of it. */

import { sendReport } from "./api.js";
import { deviceToken } from "./device.js";
import { h, hidden } from "./dom.js";

const CHOICES = [
  { found: true, part: "found", label: "I found it" },
  { found: false, part: "absent", label: "Not there" },
];
const QUESTION = "Been there?";
const THANKS = "Thank you.";

/** `view(result, product)` makes the buttons; cards come and go, and what was said here stays known. */
export function createReports({ announce }) {
  const said = new Map();

  function view({ store }, product) {
    const about = `${product.id} ${store.id}`;
    const words = h("span", { class: "told-words" });
    const buttons = CHOICES.map((choice) => button(choice, store));
    const show = (text) => {
      words.textContent = text;
      buttons.forEach((each, at) => each.setAttribute("aria-pressed", String(said.get(about) === CHOICES[at].found)));
    };

    async function say({ found }) {
      if (said.get(about) === found || buttons.some((each) => each.ariaBusy === "true")) return;
      buttons.forEach((each) => each.setAttribute("aria-busy", "true"));
      const text = await outcome({ store_id: store.id, product: product.id, found, device: deviceToken() });
      if (text === THANKS) said.set(about, found);
      buttons.forEach((each) => each.removeAttribute("aria-busy"));
      show(text);
      announce(text);
    }

    buttons.forEach((each, at) => each.addEventListener("click", () => say(CHOICES[at])));
    show(said.has(about) ? THANKS : QUESTION);
    return h("div", { class: "told", role: "group", "aria-label": `Were you at ${store.name}?` }, words, ...buttons);
  }

  return { view };
}

function button({ label, part }, store) {
  return h("button", { class: "action", type: "button", "data-part": part }, label, hidden(` at ${store.name}`));
}

async function outcome(report) {
  try {
    await sendReport(report);
    return THANKS;
  } catch (problem) {
    return `That was not taken: ${problem.message}`;
  }
}
