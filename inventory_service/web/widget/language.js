/** What is said, in which language, and how numbers, distances, times and money are written in it. */

import TEXTS from "./texts.json";

const MILE_REGIONS = ["US", "GB", "LR", "MM"];
const MILE_M = 1609.344;
const STEPS = [["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** Of the element's own `lang`, the page's and the person's: the first that we speak, with the person's region. */
export function localeFor(element) {
  const page = element.parentElement?.closest("[lang]")?.lang;
  const tags = [element.lang, page, ...navigator.languages, "en"].map(known).filter((tag) => TEXTS.languages.includes(tag?.language));
  return tags.find((tag) => tag.language === tags[0].language && tag.region) ?? tags[0];
}

function known(tag) {
  try {
    return new Intl.Locale(tag);
  } catch {
    return null;
  }
}

/** Speaks for one widget. Moments are in ms, and `now` is always the service's. */
export function speaker(locale, units) {
  const tag = String(locale);
  const column = TEXTS.languages.indexOf(locale.language);
  const miles = units ? units === "mi" : MILE_REGIONS.includes(locale.region ?? locale.maximize().region);
  const number = (value, options) => new Intl.NumberFormat(tag, options).format(value);
  const time = (at, options) => new Intl.DateTimeFormat(tag, options).format(at);

  function distance(metres) {
    const near = !miles && metres < 995;
    const value = near ? Math.round(metres / 10) * 10 : Math.max(0.1, metres / (miles ? MILE_M : 1000));
    const unit = near ? "meter" : miles ? "mile" : "kilometer";
    return number(value, { style: "unit", unit, maximumFractionDigits: value < 9.95 ? 1 : 0 });
  }

  function ago(at, now) {
    const seconds = (now - at) / 1000;
    const [name, size] = STEPS.find((step) => seconds >= step[1]) ?? STEPS[4];
    return new Intl.RelativeTimeFormat(tag, { numeric: "auto" }).format(-Math.max(0, Math.floor(seconds / size)), name);
  }

  /** In the store's own time; with its day, unless that is today, or within the next hours. */
  function clock(iso, timeZone, now) {
    const at = Date.parse(iso);
    const day = (moment) => time(moment, { timeZone, dateStyle: "short" });
    const soon = at - now < 21_600_000 || day(at) === day(now);
    return time(at, { timeZone, hour: "numeric", minute: "2-digit", ...(soon ? {} : { weekday: "short" }) });
  }

  return {
    lang: locale.language,
    usualRadius_m: miles ? 48_280 : 50_000,
    say: (name, values) => TEXTS[name][column].replace(/\{(.)\}/g, (_whole, key) => values[key]),
    percent: (share) => number(share, { style: "percent" }),
    price: (money) => number(money.amount, { style: "currency", currency: money.currency }),
    distance,
    ago,
    clock,
  };
}
