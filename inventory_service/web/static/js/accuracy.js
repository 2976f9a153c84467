/** The page of our own accuracy: address → figures. */

import { Problem, askAccuracy } from "./api.js";
import { scorecard } from "./scorecard.js";
import { troubleView } from "./trouble.js";

const PERIODS = ["7", "30", "90"];
const USUAL = "30";

const place = document.getElementById("answer");
const asked = new URLSearchParams(location.search).get("days");
const days = PERIODS.includes(asked) ? asked : USUAL;

function show(...views) {
  place.replaceChildren(...views);
  place.setAttribute("aria-busy", "false");
}

async function load() {
  place.setAttribute("aria-busy", "true");
  try {
    show(...scorecard(await askAccuracy(days)));
  } catch (error) {
    show(troubleView(error instanceof Problem ? error : new Problem(0, "Something on this page went wrong."), load));
  }
}

document.querySelector(`.periods a[href$="days=${days}"]`).setAttribute("aria-current", "page");
load();
