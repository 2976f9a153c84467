/** One store of the answer. */

import { link, part } from "./dom.js";
import { doorWords, sureWords, wordOf } from "./words.js";

export function storeView(result, speaker, now) {
  const { store } = result;
  const { say, price, distance } = speaker;
  const word = wordOf(result);
  const money = result.sale_price ?? result.price;
  const name = store.name || `${store.retailer} ${store.store_code}`;
  const door = doorWords(store, speaker, now);
  const map = `https://www.openstreetmap.org/directions?to=${store.lat}%2C${store.lon}`;
  return part(
    "li",
    `store ${word}`,
    line(part("span", "word", say(word)), part("span", "distance", distance(result.distance_m))),
    line(part("span", "name", name), money && part("span", "price", price(money))),
    part("p", "sure", sureWords(result, speaker, now)),
    line(
      door && part("span", "hours", door),
      store.phone && link("call", `tel:${store.phone}`, say("call"), ` ${name}`),
      link("route", map, say("route"), ` ${name}`),
    ),
  );
}

function line(...children) {
  return part("p", "line", ...children);
}
