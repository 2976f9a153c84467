/** The page to try the widget on: form → widget, and the two lines that show it elsewhere. */

import { searchProducts } from "./api.js";
import { h } from "./dom.js";

const COPIED_MS = 2_000;
const ROOM = ' style="display:block;min-block-size:12.5rem"';
const KEYS_ALONE = "This service answers nobody without a key. Put the two lines, with yours, into a page of its origins to try them.";
const SHOWN_HERE = ["gtin", "lang", "theme"];
const byId = (id) => document.getElementById(id);

function chosen(names) {
  const values = names.map((name) => [name, byId(name).value.trim()]);
  return Object.fromEntries(values.filter(([, value]) => value));
}

/** The widget here asks without the key, which is for other origins than ours. */
function show() {
  byId("trouble").textContent = "";
  byId("stage").replaceChildren(...(byId("gtin").value.trim() ? [h("nearshelf-availability", chosen(SHOWN_HERE))] : []));
  byId("snippet").textContent = linesOf({ gtin: "…", key: "pk_…", ...chosen([...SHOWN_HERE, "key"]) });
}

/** `ROOM` is written, not set: this page allows no inline style. */
function linesOf(attributes) {
  const { origin } = location;
  const link = h("a", { href: `${origin}/?gtin=${encodeURIComponent(attributes.gtin)}` }, "In stock near you?");
  const element = h("nearshelf-availability", attributes, link).outerHTML;
  const roomy = element.replace("<nearshelf-availability", (tag) => tag + ROOM);
  return `<script async src="${origin}/widget/v1.js"></script>\n${roomy}`;
}

async function copy() {
  await navigator.clipboard.writeText(byId("snippet").textContent);
  byId("copy").textContent = "Copied";
  byId("news").textContent = "The two lines are copied.";
  setTimeout(() => (byId("copy").textContent = "Copy"), COPIED_MS);
}

/** A product to begin with: the address names it, or it is any that is known. */
async function begin() {
  const named = new URLSearchParams(location.search).get("gtin");
  const known = named ? [] : await searchProducts("").catch(() => []);
  byId("gtin").value ||= named ?? known.find((each) => each.gtin)?.gtin ?? "";
  show();
}

byId("choose").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
byId("choose").addEventListener("change", show);
byId("stage").addEventListener("nearshelf:error", ({ detail }) => (byId("trouble").textContent = detail.status === 401 ? KEYS_ALONE : detail.detail));
byId("copy").addEventListener("click", copy);
byId("copy").hidden = !navigator.clipboard;
show();
begin();
