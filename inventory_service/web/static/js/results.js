/** The answer on the page. Cards of stores whose answer did not change stay as they are: open details, focus and all. */

import { card } from "./card.js";
import { button, h, icon } from "./dom.js";
import { distance } from "./measure.js";
import { productName, productNote, summary, verdict } from "./words.js";

const SKELETONS = 4;

export function createResults(section, view) {
  let cards = new Map();

  function put(...nodes) {
    section.setAttribute("aria-busy", "false");
    view.replaceChildren(...nodes);
  }

  function waiting() {
    cards = new Map();
    put(h("div", { class: "skeleton head", "aria-hidden": "true" }), skeletons());
    section.setAttribute("aria-busy", "true");
  }

  /** `context` is `{unit, locale, now, place, radius_m, onMore, onWider, share, reports}`; the callbacks may be null. */
  function show(answer, context) {
    const before = cards;
    cards = new Map();
    const kept = focused(view);
    const place = (result) => entry(before, cards, result, { ...context, product: answer.product });
    put(head(answer, context), ...demo(answer), ...beyond(answer, context, place), ...list(answer, context, place), ...foot(context));
    restore(view, kept);
  }

  return {
    waiting,
    show,
    other: (node) => {
      cards = new Map();
      put(node);
    },
    tick: (now) => cards.forEach((each) => each.tick(now)),
    focusStore: (at) => view.querySelectorAll(".stores > li h3")[at]?.focus(),
  };
}

function entry(before, after, result, context) {
  const { age_s: _age, ...visible } = result;
  const key = JSON.stringify([visible, context.unit, context.product.id]);
  const old = before.get(result.store.id);
  const made = old?.key === key ? old : { key, ...card(result, context) };
  if (old && old !== made) made.node.querySelector("details").open = old.node.querySelector("details").open;
  made.tick(context.now);
  after.set(result.store.id, made);
  return made.node;
}

function head(answer, context) {
  const { unit, locale } = context;
  const best = answer.results[0];
  const words = verdict(
    answer,
    best && distance(best.distance_m, unit, locale),
    answer.nearest_beyond && distance(answer.nearest_beyond.distance_m, unit, locale),
    distance(context.radius_m, unit, locale),
  );
  const about = productNote(answer.product);
  return h(
    "header",
    { class: "head" },
    h("p", { class: "what" }, h("strong", {}, productName(answer.product)), about ? ` ${about}` : null),
    h("h2", {}, words),
    h("p", { class: "muted" }, summary(answer, distance(context.radius_m, unit, locale), context.place)),
    context.share,
  );
}

function demo(answer) {
  const made = [...answer.results, answer.nearest_beyond].some((each) => each?.store.demo);
  if (!made) return [];
  const text = h("span", {}, h("strong", {}, "Simulated demo stock."), " These stores and counts are made up.");
  return [h("p", { class: "demo", role: "note" }, icon("note"), text)];
}

function beyond(answer, { unit, locale, radius_m, onWider }, place) {
  const found = answer.nearest_beyond;
  if (!found) return answer.results.length === 0 && onWider ? [h("p", {}, button("quiet", "Look farther away", onWider))] : [];
  const away = distance(found.distance_m, unit, locale);
  const text = `Nearest beyond ${distance(radius_m, unit, locale)}: ${found.store.name}, ${away}`;
  return [h("p", { class: "beyond" }, text), h("ul", { class: "stores" }, place(found))];
}

function list(answer, { unit, locale, radius_m }, place) {
  if (answer.results.length === 0) return [];
  const stores = h("ol", { class: "stores", "aria-label": "Stores" }, ...answer.results.map(place));
  if (!answer.nearest_beyond) return [stores];
  return [h("p", { class: "beyond" }, `Within ${distance(radius_m, unit, locale)}`), stores];
}

function foot({ onMore }) {
  return onMore ? [h("p", { class: "more" }, button("quiet", "Show more stores", onMore))] : [];
}

function skeletons() {
  const cards = Array.from({ length: SKELETONS }, () => h("li", {}, h("div", { class: "card skeleton" })));
  return h("ul", { class: "stores", "aria-hidden": "true" }, ...cards);
}

function focused(view) {
  const element = document.activeElement;
  if (!view.contains(element)) return null;
  return { element, store: element.closest("[data-store]")?.dataset.store, part: element.dataset.part };
}

function restore(view, kept) {
  if (!kept || document.activeElement === kept.element) return;
  const again = view.contains(kept.element)
    ? kept.element
    : view.querySelector(`[data-store="${kept.store}"] [data-part="${kept.part}"]`);
  again?.focus({ preventScroll: true });
}
