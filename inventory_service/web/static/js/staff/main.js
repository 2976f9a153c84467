/** The one wiring place: key → store → work, and back to the key where it is not valid any more. */

import { createApi } from "./api.js";
import { createClock } from "./clock.js";
import { isUnsent } from "./ledger.js";
import { keepPage } from "./offline.js";
import { amend, forget, remember, remembered } from "./session.js";
import { signInView, storesView } from "./signin.js";
import { createWork } from "./work.js";

const INVALID = "This key is not valid any more. Ask for a new one; what is not sent yet stays on this device.";
const SAYINGS = {
  0: "There is no connection. Signing in needs one.",
  401: "This key is not valid. Look whether all of it was copied, or ask for a new one.",
  403: "This key is not for staff.",
};

const byId = (id) => document.getElementById(id);
const view = byId("view");
const work = createWork({ show, announce, onInvalid: () => signedOut(INVALID), onStores: chooseStore });
let me = null;

function announce(text) {
  byId("news").textContent = text;
}

/** Puts a view there; its heading takes the focus, unless the page has only just come. */
function show({ node, title }) {
  const fresh = document.activeElement === document.body && view.childElementCount === 0;
  view.replaceChildren(node);
  document.title = `${title.textContent} – Nearshelf staff`;
  if (!fresh) title.focus({ preventScroll: true });
  scrollTo(0, 0);
}

async function signIn(secret, where) {
  const clock = createClock();
  const api = createApi(secret);
  try {
    me = await api.me();
  } catch (problem) {
    throw new Error(SAYINGS[problem.status] ?? problem.message);
  }
  clock.hear(me.answered_at);
  remember({ secret, me, store_id: null }, where);
  enter(secret, api, clock, null);
}

/** `store_id`: the one that was chosen before, or null. */
function enter(secret, api, clock, store_id) {
  byId("leave").hidden = false;
  work.begin(secret, api, clock);
  const chosen = me.stores.find((store) => store.id === store_id) ?? (me.stores.length === 1 ? me.stores[0] : null);
  if (chosen) openStore(chosen);
  else chooseStore();
}

function chooseStore() {
  byId("dock").hidden = true;
  show(storesView(me, openStore));
}

function openStore(store) {
  amend({ store_id: store.id });
  byId("dock").hidden = false;
  work.open(store, me.stores.length > 1);
}

function signedOut(why) {
  forget();
  work.end();
  me = null;
  byId("leave").hidden = true;
  byId("dock").hidden = true;
  show(signInView({ why, announce, onKey: signIn }));
}

function leave() {
  const unsent = work.entries().filter(isUnsent).length;
  const many = unsent === 1 ? "1 answer is" : `${unsent} answers are`;
  const question = `${many} not sent yet. Sign out? They stay on this device until somebody signs in with this key.`;
  if (unsent && !confirm(question)) return;
  work.forget();
  signedOut(null);
}

/** Signed in before: the work goes on at once, even offline; whether the key still holds is asked behind it. */
async function resume({ secret, me: known, store_id }) {
  const clock = createClock();
  const api = createApi(secret);
  me = known;
  enter(secret, api, clock, store_id);
  try {
    const now = await api.me();
    if (me !== known) return;
    me = now;
    clock.hear(me.answered_at);
    amend({ me });
  } catch (problem) {
    if (problem.status === 401 && me === known) signedOut(INVALID);
  }
}

byId("leave").addEventListener("click", leave);
const before = remembered();
if (before) resume(before);
else signedOut(null);
window.addEventListener("load", () => keepPage().catch(() => {}));
