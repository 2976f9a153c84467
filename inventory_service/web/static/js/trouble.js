/** What to say and offer when there is no answer. */

import { button, h, icon } from "./dom.js";
import { sentence } from "./words.js";

const WORTH_SAYING_S = 2;
const LOOK_BY_NAME = "Check the number, or look for it by its name.";
const ELSEWHERE = "It answers on their own sites and apps. Look there for what you need.";
const FIELDS = {
  gtin: "product", product: "product", scan: "product", q: "product", near: "place", lat: "place", lon: "place", radius_m: "radius",
};

/** `[field name, detail]` pairs for the fields of the form that a problem names. */
export function faultyFields(problem) {
  const named = problem.faults.filter((each) => each.field in FIELDS).map((each) => [FIELDS[each.field], sentence(each.detail)]);
  if (named.length || problem.status !== 404) return named;
  return [["product", problem.message]];
}

/** The panel that stands where the list would. */
export function troubleView(problem, onRetry) {
  const { title, text, again } = sayingOf(problem);
  const retry = again ? button("loud", "Try again", onRetry) : null;
  return h("div", { class: "panel trouble" }, icon("note"), h("h2", {}, title), h("p", {}, text), retry);
}

/** What stands beside a box, or is spoken: what the service says of keys and limits is for others than shoppers. */
export function inOneLine(problem) {
  if (problem.status !== 401 && problem.status !== 429) return problem.message;
  const { title, text } = sayingOf(problem);
  return `${title}. ${text}`;
}

function sayingOf(problem) {
  const text = problem.faults.map((each) => sentence(each.detail)).join(" ") || problem.message;
  if (!navigator.onLine) return { title: "You are offline", text: "We will ask again as soon as you are back.", again: true };
  if (problem.status === 404) return { title: "We do not know this product", text: LOOK_BY_NAME, again: false };
  if (problem.status === 400) return { title: "That question needs a change", text, again: false };
  if (problem.status === 401) return { title: "This service answers its partners alone", text: ELSEWHERE, again: false };
  if (problem.status === 429) return { title: "Too many questions at once", text: wait(problem) || "Try again in a moment.", again: true };
  return { title: "No answer just now", text: `${text} ${wait(problem)}`.trim(), again: true };
}

function wait(problem) {
  return problem.retryAfterS > WORTH_SAYING_S ? `Try again in ${problem.retryAfterS} s.` : "";
}
