/** One store of the answer. */

import { h, hidden, icon } from "./dom.js";
import { evidenceView, momentIn } from "./evidence.js";
import { bothDistances, distance, price } from "./measure.js";
import { fullTime, newer, openWords } from "./time.js";
import { certainty, freshness, leftWords, look, pickupWords, word } from "./words.js";

/** `{node, tick(now)}`; `context` is `{unit, locale, now, product, reports}`. */
export function card(result, context) {
  const ticks = [];
  const { store } = result;
  const title = h("h3", { id: `store-${store.id}`, tabindex: "-1" }, store.name || `${store.retailer} ${store.store_code}`);
  const body = h(
    "article",
    { class: `card ${look(result.availability)}`, "aria-labelledby": title.id },
    h("div", { class: "card-top" }, state(result), far(result, context)),
    h("div", { class: "card-name" }, title, money(result, context)),
    sure(result, context, ticks),
    h("p", { class: "address" }, store.address ?? ""),
    facts(result, context, ticks),
    context.reports.view(result, context.product),
    h("div", { class: "card-foot" }, actions(store), evidenceView(result, momentIn(store.timezone, context.locale, context.now, ticks))),
  );
  return { node: h("li", { "data-store": store.id }, body), tick: (now) => ticks.forEach((tick) => tick(now)) };
}

function state(result) {
  const badge = h("span", { class: `badge ${look(result.availability)}` }, icon(look(result.availability)), word(result.availability));
  const left = leftWords(result);
  return h("p", { class: "state" }, badge, left ? h("span", { class: "left" }, left) : null);
}

function far(result, { unit, locale }) {
  const metres = result.distance_m;
  const away = h("span", { title: bothDistances(metres, locale) }, distance(metres, unit, locale));
  return h("p", { class: "distance" }, away, hidden(" away"));
}

function money(result, { locale }) {
  if (!result.price && !result.sale_price) return null;
  if (!result.sale_price) return h("p", { class: "price" }, hidden("Price "), price(result.price, locale));
  const before = result.price ? h("s", {}, hidden("was "), price(result.price, locale)) : null;
  const now = h("strong", { class: "sale" }, hidden("sale price "), price(result.sale_price, locale));
  return h("p", { class: "price" }, before, before ? " " : null, now);
}

function sure(result, { locale, now }, ticks) {
  const known = look(result.availability) !== "unknown";
  const iso = newer(result.as_of, result.covered_at);
  const time = h("time", { datetime: iso, title: fullTime(iso, result.store.timezone, locale) });
  const tick = (at) => (time.textContent = freshness(result, at));
  tick(now);
  ticks.push(tick);
  const how = known ? certainty(result) : null;
  return h("p", { class: "sure" }, how ? h("span", { class: "certainty" }, how.charAt(0).toUpperCase() + how.slice(1)) : null, how ? " · " : null, time);
}

function facts(result, { locale, now }, ticks) {
  const pickup = pickupWords(result.pickup);
  return h(
    "ul",
    { class: "facts" },
    door(result.store, locale, now, ticks),
    result.aisle ? h("li", {}, icon("aisle"), h("span", {}, `Look in ${aisle(result.aisle)}`)) : null,
    pickup ? h("li", {}, icon("bag"), h("span", {}, pickup)) : null,
    result.order_in_store ? h("li", {}, icon("note"), h("span", {}, "On display: can be ordered in the store")) : null,
  );
}

function door(store, locale, now, ticks) {
  const text = h("span", {});
  const line = h("li", {}, icon("clock"), text);
  const tick = (at) => {
    const words = openWords(store, at, locale);
    text.textContent = words.text;
    line.className = `door ${words.state}`;
  };
  tick(now);
  ticks.push(tick);
  const change = store.open_now ? store.closes_at : store.opens_at;
  if (change) text.title = fullTime(change, store.timezone, locale);
  return line;
}

function aisle(words) {
  return /^(aisle|gang|bay|shelf)\b/i.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : `aisle ${words}`;
}

function actions(store) {
  const name = hidden(` ${store.name}`);
  const call = store.phone
    ? h("a", { class: "action", href: `tel:${store.phone}`, "data-part": "call", title: spaced(store.phone) }, icon("phone"), "Call", name.cloneNode(true))
    : null;
  const to = `https://www.openstreetmap.org/directions?to=${store.lat}%2C${store.lon}`;
  const external = { target: "_blank", rel: "noreferrer noopener", "data-part": "route" };
  const route = h("a", { class: "action", href: to, ...external }, icon("route"), "Directions", hidden(" to"), name, hidden(" (new tab)"));
  return h("p", { class: "actions" }, call, route);
}

/** "+1 404 555 0100" for a North American number; others as they came. */
function spaced(phone) {
  return phone.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");
}
