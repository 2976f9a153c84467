/** What an answer means, in plain words: data and a speaker in, text out. */

const WORDS = ["in_stock", "limited_availability", "out_of_stock", "unknown"];

/** A word of tomorrow's service is unknown to this version. */
export function wordOf({ availability }) {
  return WORDS.includes(availability) ? availability : "unknown";
}

/** How sure the word is and how old, or honestly that nobody has told us. A key may not be told all of it. */
export function sureWords(result, { say, ago, percent }, now) {
  const word = wordOf(result);
  const { as_of, covered_at, probability } = result;
  const heard = Math.max(Date.parse(as_of) || 0, Date.parse(covered_at) || 0);
  if (word === "unknown") return joined(say("quiet"), heard && ago(heard, now));
  const sure = word === "out_of_stock" ? 1 - probability : probability;
  const how = sure > 0.97 ? say("certain") : say("sure", { p: percent(sure) });
  return joined(sure >= 0 && how, heard && say("told", { t: ago(heard, now) }));
}

/** Open or closed, and until when; empty where nobody knows, or this browser does not know the time zone. */
export function doorWords({ open_now, closes_at, opens_at, timezone }, { say, clock }, now) {
  const [state, change, at] = open_now ? ["open", "until", closes_at] : ["closed", "opens", opens_at];
  try {
    return joined(typeof open_now === "boolean" && say(state), at && say(change, { t: clock(at, timezone, now) }));
  } catch {
    return "";
  }
}

/** Those that there are, side by side. */
export function joined(...texts) {
  return texts.filter(Boolean).join(" · ");
}

/** The answer in one line. */
export function verdict({ results, nearest_beyond }, { say, distance }, radius_m) {
  const r = distance(radius_m);
  const best = results.find((each) => WORDS.indexOf(wordOf(each)) < 2);
  if (best) return say(best.probability >= 0.75 ? "likely" : "perhaps", { d: distance(best.distance_m) });
  if (nearest_beyond) return say("beyond", { r, d: distance(nearest_beyond.distance_m) });
  return results.some((each) => wordOf(each) === "unknown") ? say("quiet") : say("none", { r });
}
