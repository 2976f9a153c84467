/** The element. It is defined once, however often the script is loaded. */

import { PLACES } from "./question.js";
import { createWidget } from "./widget.js";

const NAME = "nearshelf-availability";
const SCRIPT = document.currentScript ?? document.querySelector("script[src*='/widget/']");
const HOME = new URL(SCRIPT?.src || location.href).origin;

class Availability extends HTMLElement {
  static observedAttributes = [
    ...PLACES, "gtin", "product", "key", "radius-m", "limit", "retailer", "lang", "units", "heading-level", "api",
  ];
  #widget = createWidget(this, this.attachShadow({ mode: "open" }), HOME);
  #changed = true;

  connectedCallback() {
    this.#changed = false;
    this.#widget.begin();
  }

  disconnectedCallback() {
    this.#changed = true;
    this.#widget.end();
  }

  /** Several changes in one go are one change; those before the start, or while away, need none. */
  attributeChangedCallback(name) {
    if (PLACES.includes(name)) this.#widget.forget();
    if (this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => this.isConnected && this.connectedCallback());
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, Availability);
