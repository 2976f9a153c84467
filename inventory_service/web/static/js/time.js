/** Moments in words. Nothing here reads a clock: `now` (ms) comes in, so that it can be the service's. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = [
  [365.25 * DAY, "year", "years"],
  [30.44 * DAY, "month", "months"],
  [DAY, "day", "days"],
  [HOUR, "hour", "hours"],
  [MINUTE, "min", "min"],
];

/** "9 min", "3 hours", "4 years": the largest unit that fits, rounded down. */
export function span(seconds) {
  for (const [size, one, many] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${count === 1 ? one : many}`;
  }
  return "less than a minute";
}

export function ago(iso, now) {
  const seconds = (now - Date.parse(iso)) / 1000;
  return seconds < MINUTE ? "just now" : `${span(seconds)} ago`;
}

export function old(iso, now) {
  return `${span(Math.max(0, (now - Date.parse(iso)) / 1000))} old`;
}

/** The later of two ISO times; the second may be null. */
export function newer(iso, other) {
  return other && Date.parse(other) > Date.parse(iso) ? other : iso;
}

/** "Sunday, November 22, 2026 at 3:31 AM EST", for a title. */
export function fullTime(iso, zone, locale) {
  const options = { dateStyle: "full", timeStyle: "short" };
  const words = new Intl.DateTimeFormat(locale, { ...options, timeZone: known(zone) }).format(new Date(iso));
  return `${words} ${zoneName(iso, zone, locale)}`;
}

/** "9 PM", "8:30 AM" or "21:00", in the store's own time. */
export function clockTime(iso, zone, locale) {
  const options = { timeZone: known(zone), hour: "numeric", minute: "2-digit" };
  const parts = new Intl.DateTimeFormat(locale, options).formatToParts(new Date(iso));
  const twelve = parts.some((part) => part.type === "dayPeriod");
  if (!twelve) return new Intl.DateTimeFormat(locale, { ...options, hour: "2-digit" }).format(new Date(iso));
  const sharp = parts.find((part) => part.type === "minute")?.value === "00";
  if (!sharp) return joined(parts);
  const hour = hourOf(iso, zone);
  if (hour % 12 === 0) return hour === 0 ? "midnight" : "noon";
  return joined(parts.filter((part, at) => part.type !== "minute" && !(part.type === "literal" && at === 1)));
}

/** "" today, "tomorrow", "Monday" within a week, else "Dec 1"; days are the store's. */
export function dayWord(iso, zone, now, locale) {
  const days = dayNumber(Date.parse(iso), zone) - dayNumber(now, zone);
  if (days === 0) return "";
  if (days === 1) return "tomorrow";
  const style = days > 1 && days < 7 ? { weekday: "long" } : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(locale, { ...style, timeZone: known(zone) }).format(new Date(iso));
}

/** `{state, text}` of a store's door: "Open until 9 PM", "Closed · opens tomorrow 8 AM". */
export function openWords(store, now, locale) {
  if (store.open_now === null || store.open_now === undefined) return { state: "unknown", text: "Opening hours not known" };
  const at = (iso) => `${dayWord(iso, store.timezone, now, locale)} ${clockTime(iso, store.timezone, locale)}`.trim();
  if (store.open_now) return store.closes_at ? openUntil(store, now, at, locale) : { state: "open", text: "Open 24 hours" };
  return { state: "closed", text: store.opens_at ? `Closed · opens ${at(store.opens_at)}` : "Closed" };
}

function openUntil(store, now, at, locale) {
  const left = (Date.parse(store.closes_at) - now) / 1000;
  const until = left < DAY ? clockTime(store.closes_at, store.timezone, locale) : at(store.closes_at);
  if (left > 0 && left <= 45 * MINUTE) return { state: "soon", text: `Open until ${until} · closes in ${span(left)}` };
  return { state: "open", text: `Open until ${until}` };
}

function hourOf(iso, zone) {
  const options = { timeZone: known(zone), hour: "2-digit", hourCycle: "h23" };
  return Number(new Intl.DateTimeFormat("en-GB", options).format(new Date(iso)));
}

function joined(parts) {
  return parts.map((part) => part.value).join("");
}

function zoneName(iso, zone, locale) {
  const options = { timeZone: known(zone), timeZoneName: "short" };
  const parts = new Intl.DateTimeFormat(locale, options).formatToParts(new Date(iso));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

function dayNumber(ms, zone) {
  const options = { timeZone: known(zone), year: "numeric", month: "2-digit", day: "2-digit" };
  return Date.parse(new Intl.DateTimeFormat("en-CA", options).format(new Date(ms))) / (DAY * 1000);
}

/** A zone this browser has; an old browser may lack a new one, and then says the hour in UTC. */
function known(zone) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
}
