/** Distances and money as people of a region read them. */

const MILE_M = 1609.344;
const FOOT_M = 0.3048;
const MILE_REGIONS = new Set(["US", "GB", "LR", "MM"]);
const RADII = { mi: [3, 5, 15, 30, 60].map((miles) => Math.round(miles * MILE_M)), km: [5_000, 10_000, 25_000, 50_000, 100_000] };

/** "mi" or "km": the language's region decides, else the country asked about, else where that language is mostly spoken. */
export function unitFor(language, country = null) {
  const locale = new Intl.Locale(language);
  return MILE_REGIONS.has(locale.region ?? country ?? locale.maximize().region) ? "mi" : "km";
}

/** English, since the page is, with the region's habits (12 or 24 hours). */
export function readingLocale(language) {
  const locale = new Intl.Locale(language);
  if (locale.language === "en") return language;
  return `en-${locale.region ?? locale.maximize().region ?? "GB"}`;
}

/** "0.5 mi", "12 mi", "300 ft"; "810 m", "8.1 km", "81 km". */
export function distance(metres, unit, locale = "en") {
  if (unit === "mi") return metres < 0.1 * MILE_M ? small(metres / FOOT_M, "ft", locale) : large(metres / MILE_M, "mi", locale);
  return metres < 995 ? small(metres, "m", locale) : large(metres / 1000, "km", locale);
}

export function bothDistances(metres, locale) {
  return `${distance(metres, "mi", locale)} · ${distance(metres, "km", locale)}`;
}

/** Choices of a radius, in metres. */
export function radii(unit) {
  return RADII[unit];
}

/** What is sent when nobody chose: 30 miles or 50 km. */
export function defaultRadius(unit) {
  return RADII[unit][3];
}

/** "$29.99" from the decimal string; all its decimals are kept. */
export function price(money, locale) {
  const style = { style: "currency", currency: money.currency };
  try {
    const usual = new Intl.NumberFormat(locale, style).resolvedOptions().maximumFractionDigits;
    const given = money.amount.split(".")[1]?.replace(/0+$/, "").length ?? 0;
    return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: Math.max(usual, given) }).format(money.amount);
  } catch {
    return `${money.amount} ${money.currency}`;
  }
}

function small(value, unit, locale) {
  const step = unit === "m" || value < 100 ? 10 : 50;
  return named(Math.round(value / step) * step, unit, 0, locale);
}

function large(value, unit, locale) {
  return named(value, unit, value < 9.95 ? 1 : 0, locale);
}

function named(value, unit, decimals, locale) {
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: decimals }).format(value)} ${unit}`;
}
