/** The report of our accuracy as panels: data in, elements out. */

import { h, icon } from "./dom.js";
import { dayBars, reliabilityDiagram } from "./figures.js";
import { span } from "./time.js";

const SOURCES_SHOWN = 20;

/** What the page shows of a report, in order. */
export function scorecard(report) {
  return [
    report.simulated ? simulated() : null,
    report.score ? scorePanel(report) : tooFew(report),
    report.score ? reliabilityPanel(report.score) : null,
    confirmationsPanel(report),
    freshnessPanel(report.freshness, Date.parse(report.computed_at)),
    limitsPanel(report),
  ].filter((view) => view !== null);
}

function simulated() {
  const text = "Simulated: these confirmations come from the demo, not from people in stores. They show how this page works, and nothing of how right we are.";
  return h("p", { class: "demo" }, icon("note"), h("span", {}, text));
}

function tooFew(report) {
  return panel("No score yet", h("p", {}, report.why_no_score));
}

function scorePanel({ score, days }) {
  const saved = 1 - score.brier / score.brier_record;
  const than = saved >= 0 ? `${percent(saved)} less than the record` : `${percent(-saved)} more than the record`;
  return panel(
    `${score.count.toLocaleString("en")} checks in ${days} days`,
    h(
      "dl",
      { class: "scores" },
      figure("Our error (Brier score)", decimal(score.brier), score.brier_record > 0 ? `${than}; 0 is perfect, 0.25 a coin` : "0 is perfect, 0.25 a coin"),
      figure("Error of the record", decimal(score.brier_record), "for who takes the record at its word"),
      figure("Calibration error", percent(score.ece), "how far our promises lie from what was seen"),
      figure("It was there", percent(score.seen_share), "of all checks"),
    ),
  );
}

function reliabilityPanel(score) {
  const label = `Reliability diagram of ${score.count} checks: what we said against what staff saw. The table below holds the same figures.`;
  const caption = "Each dot gathers the answers of one tenth. On the dashed line we keep our promise exactly; below it we promise too much. The bars are 95% intervals; larger dots stand for more checks.";
  return panel(
    "Do we keep our promises?",
    h("figure", {}, reliabilityDiagram(score.reliability, label), h("figcaption", {}, caption)),
    table("Of the answers of each tenth, how often it was there", ["We said", "It was there", "Checks"], score.reliability.map(binRow)),
  );
}

function binRow(bin) {
  const interval = h("span", { class: "note" }, `${percent(bin.observed_low)} to ${percent(bin.observed_high)}`);
  return [percent(bin.predicted), h("span", {}, percent(bin.observed), interval), bin.count.toLocaleString("en")];
}

function confirmationsPanel({ confirmations, days }) {
  const most = Math.max(...confirmations.by_day.map((each) => each.confirmations));
  const label = `Checks by day, at most ${most} on one day. The table below holds the same figures.`;
  const told = confirmations.by_day.filter((each) => each.confirmations > 0);
  return panel(
    "The checks",
    h("ul", { class: "plain" }, ...fates(confirmations).map((text) => h("li", {}, text))),
    h("figure", {}, dayBars(confirmations.by_day, label), h("figcaption", {}, "Checks by day (UTC); in colour those that are judged.")),
    told.length
      ? h("details", {}, h("summary", {}, "Day by day"), table(`Checks in ${days} days`, ["Day", "Checks", "Judged"], told.map((each) => [each.day, each.confirmations, each.judged])))
      : null,
  );
}

function fates(counts) {
  return [
    `${counts.judged.toLocaleString("en")} judged: we had given a probability, and staff then looked.`,
    counts.unknown ? `${counts.unknown} where we had said “unknown”: no probability to judge. It was there in ${counts.unknown_seen} of them.` : null,
    counts.repeated ? `${counts.repeated} left out because staff had looked less than an hour before.` : null,
    counts.late ? `${counts.late} left out because they reached us an hour or more after the look.` : null,
    counts.undone ? `${counts.undone} taken back by staff; they do not count.` : null,
    counts.left_out ? `${counts.left_out} of the demo, left out.` : null,
  ].filter((text) => text !== null);
}

function freshnessPanel(freshness, now) {
  const { stores, sources } = freshness;
  return panel(
    "How fresh is what we know?",
    h(
      "dl",
      { class: "scores" },
      figure("Age of the evidence", half(freshness.evidence), `of half of the shelves; ${most(freshness.evidence)}`),
      figure("Last word on a store", half(stores.coverage), `for half of the ${stores.covered} that a source covers whole; ${most(stores.coverage)}`),
      figure("Silent sources", `${freshness.silent_sources} of ${sources.length}`, "what they hold has become “unknown”"),
    ),
    sources.length
      ? h("details", {}, h("summary", {}, "Source by source"), table("Longest unheard first", ["Source", "Last heard", "Evidence"], sources.slice(0, SOURCES_SHOWN).map((each) => sourceRow(each, now))))
      : null,
  );
}

function sourceRow(source, now) {
  const silent = source.silent ? h("span", { class: "tag" }, "silent") : null;
  const name = h("span", {}, source.source, " ", silent, h("span", { class: "note" }, source.retailer));
  const heard = source.heard_at ? span(Math.max(0, (now - Date.parse(source.heard_at)) / 1000)) : "never";
  return [name, heard, ages(source.evidence)];
}

function limitsPanel(report) {
  return panel(
    "What these figures cannot show",
    h("ul", { class: "plain" }, ...report.limits.map((text) => h("li", {}, text))),
    h("p", { class: "muted" }, `Added up at ${report.computed_at} from what staff told since ${report.since}. `, h("a", { href: `/v1/accuracy?days=${report.days}` }, "The same as JSON")),
  );
}

function panel(title, ...children) {
  return h("section", { class: "panel" }, h("h2", {}, title), ...children);
}

function figure(name, value, note) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value), h("dd", { class: "note" }, note));
}

function table(caption, heads, rows) {
  const row = ([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell)));
  const head = h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name)));
  return h("table", {}, h("caption", {}, caption), h("thead", {}, head), h("tbody", {}, ...rows.map(row)));
}

function ages(spread) {
  return spread ? `${span(spread.p50_s)} (${span(spread.p90_s)})` : "not known";
}

function half(spread) {
  return spread ? span(spread.p50_s) : "not known";
}

function most(spread) {
  return spread ? `nine in ten at most ${span(spread.p90_s)}` : "nine in ten not known";
}

function percent(share) {
  return `${Math.round(share * 100)}%`;
}

function decimal(value) {
  return value.toFixed(3);
}
