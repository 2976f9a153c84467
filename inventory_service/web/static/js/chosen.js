/** From what was typed to one product: its barcode, or the only product that fits. */

import { searchProducts } from "./api.js";
import { identityOf } from "./state.js";
import { barcodeIn, productName, productNote } from "./words.js";

/** `{identity}`, or `{many}` to choose from, or `{fault}` to say. */
export async function productFor(text) {
  if (!text) return { fault: "Which product? Type its name or the number under the barcode." };
  const gtin = barcodeIn(text);
  if (gtin) return { identity: { gtin, product: null } };
  const found = await searchProducts(text);
  const exact = found.filter((each) => productName(each).toLowerCase() === text.toLowerCase());
  const only = found.length === 1 ? found[0] : exact.length === 1 ? exact[0] : null;
  if (only) return { identity: identityOf(only), name: productName(only) };
  if (found.length) return { many: found, fault: "Which of these? Choose one from the list." };
  return { fault: "No product by that name. Check the spelling, or type its barcode." };
}

export function productLine(product) {
  return { title: productName(product), note: productNote(product) };
}

export function placeLine(place) {
  return { title: place.label, note: place.country };
}
