/** The one wiring place: address ⇄ question → answer → page. */

import { Problem, askAvailability } from "./api.js";
import { createListener } from "./listen.js";
import { distance, radii, readingLocale } from "./measure.js";
import { createRefresher, serviceClock } from "./refresh.js";
import { createReports } from "./report.js";
import { createResults } from "./results.js";
import { createSearch } from "./search.js";
import { shareButton } from "./share.js";
import { askedOf, complete, fromAddress, toAddress, withMore } from "./state.js";
import { ago } from "./time.js";
import { createToast } from "./toast.js";
import { faultyFields, inOneLine, troubleView } from "./trouble.js";
import { productName, summary, verdict } from "./words.js";

const HOME_TITLE = document.title;
const OLD_MS = 60_000;
const NOBODY_ASKED = { question: null, answer: null, etag: null, held_at: 0 };

const byId = (id) => document.getElementById(id);
const language = navigator.language || "en";
const locale = readingLocale(language);
const start = byId("view").firstElementChild;
const clock = serviceClock();
const toast = createToast(byId("toast"));
const results = createResults(byId("answer"), byId("view"));
const share = shareButton(toast.brief);
const reports = createReports({ announce });
const search = createSearch(byId("ask"), { language, announce, onAsk: askAnew });
const listener = createListener({ onAnswer: heard, onProblem: run });
const refresher = createRefresher({
  onTick: () => results.tick(clock.now()),
  onDue: () => current.question && run(),
  onUnseen: listener.leave,
});

let current = NOBODY_ASKED;
let asking = null;

function announce(text) {
  byId("news").textContent = text;
}

/** A person asked: the address follows, and the answer comes into view. */
function askAnew(question, how) {
  remember(question, how);
  begin(question);
  bringIntoView();
}

function remember(question, how) {
  const address = toAddress(question);
  const state = { mine: search.mine() };
  if (how === "push" && address !== location.pathname + location.search) history.pushState(state, "", address);
  else history.replaceState(state, "", address);
}

function bringIntoView() {
  if (matchMedia("(pointer: coarse)").matches) document.activeElement.blur();
  if (byId("answer").getBoundingClientRect().top < innerHeight / 2) return;
  byId("answer").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function begin(question) {
  listener.leave();
  current = { ...NOBODY_ASKED, question };
  results.waiting();
  announce("Looking…");
  return run();
}

/** Asks the current question; a newer call makes an older one void. */
async function run() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  refresher.asked();
  try {
    const { body, etag } = await askAvailability(askedOf(current.question), current.etag, signal);
    if (signal.aborted) return;
    if (body) listener.leave(); // A stream that did not tell this may be dead.
    holds(body, etag);
    listener.listen(askedOf(current.question));
  } catch (error) {
    if (!signal.aborted) failed(error);
  }
}

/** Told by the stream: the answer that stands, or another. */
function heard(answer, etag) {
  holds(etag === current.etag ? null : answer, etag);
}

/** What stands now: `answer`, or without one the answer that is shown. */
function holds(answer, etag) {
  toast.over();
  refresher.answered();
  if (answer && !outdated(answer)) arrived(answer, etag);
  current.held_at = clock.now();
}

/** The stream may have told a newer answer while an older one was on its way. */
function outdated(answer) {
  return current.etag !== null && Date.parse(answer.answered_at) < Date.parse(current.answer.answered_at);
}

function arrived(answer, etag) {
  const news = current.answer === null;
  current = { ...current, answer, etag };
  clock.set(answer.answered_at);
  const context = contextOf(answer);
  results.show(answer, context);
  search.name(productName(answer.product));
  document.title = `${productName(answer.product)} near ${context.place === "you" ? "my location" : context.place} – Nearshelf`;
  if (news) announce(spoken(answer, context));
}

function contextOf(answer) {
  const { question } = current;
  const wider = radii(search.unit()).find((metres) => metres > question.radius_m);
  const more = withMore(question, answer.results.length);
  return {
    unit: search.unit(),
    locale,
    now: clock.now(),
    place: placeName(question, answer.origin),
    radius_m: question.radius_m,
    share,
    reports,
    onMore: more && (() => showMore(more, answer.results.length)),
    onWider: wider ? () => search.within(wider) : null,
  };
}

function placeName(question, origin) {
  if (search.mine()) return "you";
  return question.place || origin.label || `${origin.lat}, ${origin.lon}`;
}

function spoken(answer, { unit, radius_m, place }) {
  const far = (metres) => distance(metres, unit, locale);
  const beyond = answer.nearest_beyond;
  const first = answer.results[0];
  const line = verdict(answer, first && far(first.distance_m), beyond && far(beyond.distance_m), far(radius_m));
  return `${line}. ${summary(answer, far(radius_m), place)}`;
}

async function showMore(question, shown) {
  remember(question, "replace");
  listener.leave();
  current = { ...current, question, etag: null };
  await run();
  results.focusStore(shown);
}

function failed(error) {
  const problem = error instanceof Problem ? error : new Problem(0, "Something on this page went wrong.");
  refresher.failed();
  if (current.answer) return stale();
  results.other(troubleView(problem, () => begin(current.question)));
  for (const [name, detail] of faultyFields(problem)) search.fields[name].fail(detail);
  announce(inOneLine(problem));
}

/** One missed refresh is no news; an answer that grows old is. */
function stale() {
  if (clock.now() - current.held_at < OLD_MS) return;
  toast.stay(`Could not refresh: this is the answer from ${ago(new Date(current.held_at).toISOString(), clock.now())}.`);
}

/** The page as its address says: at first, and after back and forward. */
function load() {
  const question = fromAddress(location.search);
  asking?.abort();
  listener.leave();
  search.show(question, history.state?.mine === true);
  document.title = HOME_TITLE;
  if (complete(question)) return begin({ ...question, radius_m: search.question().radius_m });
  current = NOBODY_ASKED;
  results.other(start);
  announce("");
  if (question.text && question.near) search.submit();
}

window.addEventListener("popstate", load);
window.addEventListener("offline", () => toast.stay("You are offline. What you see may be old."));
window.addEventListener("online", () => toast.over());
load();
