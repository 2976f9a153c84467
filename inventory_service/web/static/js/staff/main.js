/** The one wiring place: key → store → work, and back to the key where it is not valid any more. */

import { createApi } from "./api.js";
import { createClock } from "./clock.js";
import { isUnsent } from "./ledger.js";
import { keepPage } from "./offline.js";
import { amend, forget, remember, remembered } from "./session.js";
import { signInView } from "./signin.js";
import { storesView } from "./stores.js";
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
let current = null;

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
  const next = sessionOf(secret);
  try {
    await hear(next);
  } catch (problem) {
    throw new Error(SAYINGS[problem.status] ?? problem.message);
  }
  remember({ secret, store: null, several: true }, where);
  enter(next);
  chooseStore();
}

/** `stores` is null until they are heard of. */
function sessionOf(secret) {
  return { secret, api: createApi(secret), clock: createClock(), stores: null };
}

/** Whether the key holds, and for which stores. */
async function hear(session) {
  const me = await session.api.me();
  session.clock.hear(me.answered_at);
  session.stores = me.stores;
}

function enter(next) {
  current = next;
  byId("leave").hidden = false;
  work.begin(current);
}

function chooseStore() {
  const { stores } = current;
  if (!stores) return work.tell("The list of stores comes when there is a connection.");
  if (stores.length === 1) return openStore(stores[0], false);
  byId("dock").hidden = true;
  show(storesView(stores, (store) => openStore(store, true)));
}

/** `several`: there are others to choose. */
function openStore(store, several) {
  amend({ store, several });
  byId("dock").hidden = false;
  work.open({ ...store, several });
}

/** Signed in before: the work goes on at once, even offline; whether the key still holds is asked behind it. */
async function resume({ secret, store, several }) {
  const session = sessionOf(secret);
  enter(session);
  if (store) openStore(store, several);
  try {
    await hear(session);
    if (current === session && !store) chooseStore();
  } catch (problem) {
    if (current !== session) return;
    if (problem.status === 401) signedOut(INVALID);
    else if (!store) askForKey(SAYINGS[0]);
  }
}

function signedOut(why) {
  forget();
  askForKey(why);
}

function askForKey(why) {
  current = null;
  work.end();
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

byId("leave").addEventListener("click", leave);
const before = remembered();
if (before) resume(before);
else signedOut(null);
window.addEventListener("load", () => keepPage().catch(() => {}));
