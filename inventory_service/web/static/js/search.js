/** The form: what is wanted, near where, how far. It holds what was chosen; the words in the boxes are for people. */

import { Problem, searchPlaces, searchProducts } from "./api.js";
import { placeLine, productFor, productLine } from "./chosen.js";
import { combobox } from "./combobox.js";
import { h } from "./dom.js";
import { field } from "./field.js";
import { position } from "./locate.js";
import { defaultRadius, distance, radii, unitFor } from "./measure.js";
import { DEFAULT_LIMIT, complete, identityOf } from "./state.js";
import { inOneLine } from "./trouble.js";

const NOTHING = { gtin: null, product: null };
const NOWHERE = { lat: null, lon: null, place: null, mine: false };
const MY_LOCATION = "My location";

/** `onAsk(question, how)` with how `push` or `replace`; `announce(text)` speaks. */
export function createSearch(form, { language, onAsk, announce }) {
  const product = field(form.querySelector("#product"));
  const place = field(form.querySelector("#place"));
  const radius = field(form.querySelector("#radius"));
  const locate = form.querySelector("#locate");
  let wanted = NOTHING;
  let where = NOWHERE;
  let unit = unitFor(language);

  const products = combobox(product.input, {
    find: searchProducts,
    describe: productLine,
    wants: (text) => text.length !== 1,
    announce,
    onEdit: () => edit(product, () => (wanted = NOTHING)),
    onPick: (item) => {
      wanted = identityOf(item);
      askIfComplete();
    },
  });
  combobox(place.input, {
    find: searchPlaces,
    describe: placeLine,
    wants: (text) => text.length > 1,
    announce,
    onEdit: () => edit(place, () => (where = NOWHERE)),
    onPick: (item) => {
      where = { ...NOWHERE, lat: item.lat, lon: item.lon, place: item.label };
      useUnit(unitFor(language, item.country));
      askIfComplete();
    },
  });

  function edit(changed, forget) {
    changed.clear();
    forget();
  }

  function question() {
    const near = where.lat === null ? place.input.value.trim() || null : null;
    const { lat, lon, place: label } = where;
    return { ...wanted, text: null, lat, lon, place: label, near, radius_m: Number(radius.input.value), limit: DEFAULT_LIMIT };
  }

  function askIfComplete() {
    if (complete(question())) ask("push");
  }

  function ask(how) {
    [product, place, radius].forEach((each) => each.clear());
    onAsk(question(), how);
  }

  async function submit() {
    const text = product.input.value.trim();
    if (wanted === NOTHING && !(await settle(text))) return;
    if (!complete(question())) return fail(place, "Where? Type a town or postcode, or use your location.");
    ask("push");
  }

  async function settle(text) {
    try {
      const { identity, name, many, fault } = await productFor(text);
      if (product.input.value.trim() !== text) return false;
      if (fault) fail(product, fault);
      if (many) products.open(many);
      if (!identity) return false;
      wanted = identity;
      if (name) product.input.value = name;
      return true;
    } catch (error) {
      fail(product, error instanceof Problem ? inOneLine(error) : "That did not work. Please try again.");
      return false;
    }
  }

  function fail(wrong, detail) {
    wrong.fail(detail);
    wrong.input.focus();
    announce(detail);
  }

  async function useMyLocation() {
    locate.setAttribute("aria-busy", "true");
    place.note("Finding where you are…");
    try {
      where = { ...NOWHERE, ...(await position()), mine: true };
      place.input.value = MY_LOCATION;
      place.clear();
      announce("Location found");
      askIfComplete();
    } catch (error) {
      place.fail(error.message);
      announce(error.message);
    } finally {
      locate.removeAttribute("aria-busy");
    }
  }

  function useUnit(next, selected = Number(radius.input.value)) {
    unit = next;
    const usual = radii(unit);
    const choices = usual.includes(selected) ? usual : [...usual, selected].sort((one, other) => one - other);
    radius.input.replaceChildren(...choices.map((metres) => h("option", { value: metres }, distance(metres, unit))));
    radius.input.value = String(selected);
  }

  /** Puts a question into the boxes; `mine`: its place is where this person is. */
  function show(asked, mine) {
    wanted = asked.gtin || asked.product ? { gtin: asked.gtin, product: asked.product } : NOTHING;
    where = asked.lat === null ? NOWHERE : { lat: asked.lat, lon: asked.lon, place: asked.place, mine };
    product.input.value = asked.gtin ?? asked.text ?? "";
    place.input.value = asked.near ?? asked.place ?? pointWords(where);
    useUnit(unit, asked.radius_m ?? defaultRadius(unit));
    [product, place, radius].forEach((each) => each.clear());
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  radius.input.addEventListener("change", () => complete(question()) && ask("replace"));
  locate.addEventListener("click", useMyLocation);
  useUnit(unit, defaultRadius(unit));

  return {
    show,
    submit,
    question,
    unit: () => unit,
    mine: () => where.mine,
    /** Asks again within another radius. */
    within: (metres) => {
      useUnit(unit, metres);
      ask("push");
    },
    /** The product's real name, once an answer told it. */
    name: (text) => {
      if (wanted !== NOTHING && product.input.value !== text) product.input.value = text;
    },
    fields: { product, place, radius },
  };
}

function pointWords({ lat, lon, mine }) {
  if (mine) return MY_LOCATION;
  return lat === null ? "" : `${lat}, ${lon}`;
}
