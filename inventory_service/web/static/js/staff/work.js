/** The work in one store: find a product, say what is there, take it back, see what waits. */

import { sentence } from "../words.js";
import { createCheckList } from "./checklist.js";
import { createFinder } from "./finder.js";
import { createLedger, isUnsent } from "./ledger.js";
import { productView } from "./product.js";
import { createSender } from "./sender.js";
import { signature } from "./session.js";
import { createSnack } from "./snack.js";
import { startView } from "./start.js";
import { saidWords, sentWords, subjectName } from "./words.js";

const AGAIN_MS = 30_000;
const LATER = "It cannot be looked up just now. What you say is kept here, and sent when there is a connection.";
const NOBODY = { api: null, clock: null, owner: null, sender: null };
const HOPELESS = new Set([400, 404, 422]);

/** `show(view)` puts a view there, `announce(text)` speaks, `onInvalid()` when the key is refused, `onStores()` to choose anew. */
export function createWork({ show, announce, onInvalid, onStores }) {
  const byId = (id) => document.getElementById(id);
  const snack = createSnack(byId("snack"), announce);
  const ledger = createLedger(() => render());
  const finder = createFinder({ onFound: open, announce });
  const checks = createCheckList({ onChange: () => render(), onInvalid: () => onInvalid() });
  let session = NOBODY;
  let store = null;
  let phase = "idle";
  let start = null;
  let asking = null;

  function begin({ secret, api, clock }) {
    end();
    const owner = signature(secret);
    const sender = createSender({ ledger, owner, send: api.send, onPhase: turned });
    session = { api, clock, owner, sender };
    sender.kick();
  }

  function end() {
    session.sender?.end();
    asking?.abort();
    finder.rest();
    snack.clear();
    [session, store, start, phase] = [NOBODY, null, null, "idle"];
  }

  function turned(next) {
    phase = next;
    if (phase === "stopped") onInvalid();
    else render();
  }

  /** `next` is a store; its `several`: the key has others too. */
  function enter(next) {
    store = next;
    checks.begin(session.api, store.id);
    history.replaceState(null, "");
    home();
  }

  function home() {
    asking?.abort();
    start = startView(store, acts);
    render();
    show(start);
  }

  function render() {
    if (!session.sender) return;
    const entries = ledger.entries();
    const unsent = entries.filter((entry) => entry.owner === session.owner && isUnsent(entry)).length;
    write(byId("sent"), sentWords(unsent, navigator.onLine ? phase : "offline"));
    byId("sent").dataset.unsent = unsent;
    start?.show({ entries, owner: session.owner, phase, now: session.clock.now(), checks: checks.list(entries, session.owner) });
  }

  async function open(identity, product = null) {
    const subject = { identity, product: product ?? knownProduct(identity) };
    const made = productView(subject, { onSay: once((said) => say(subject, said)), onBack: back, onCode: finder.look });
    if (start) history.pushState({ product: true }, "");
    start = null;
    asking?.abort();
    asking = new AbortController();
    show(made);
    await lookUp(subject, made, asking.signal);
  }

  async function lookUp(subject, made, signal) {
    try {
      const position = await session.api.position(store.id, subject.identity, signal);
      if (signal.aborted) return;
      subject.product = position.product;
      made.show(position, session.clock.now());
    } catch (problem) {
      if (signal.aborted) return;
      if (problem.status === 401) onInvalid();
      else if (HOPELESS.has(problem.status)) made.close(problem.faults[0] ? sentence(problem.faults[0].detail) : problem.message);
      else made.note(LATER);
    }
  }

  function knownProduct({ gtin }) {
    const known = [...checks.products(), ...ledger.entries().map((entry) => entry.product)];
    return (gtin && known.find((product) => product?.gtin === gtin)) || null;
  }

  /** Whether it is kept. */
  function say({ identity, product }, said) {
    const said_at = new Date(session.clock.now()).toISOString();
    const body = { store_id: store.id, ...identity, ...said, observed_at: said_at };
    try {
      const entry = ledger.add({ owner: session.owner, identity, product, body, said_at });
      snack.show(`${saidWords(body)}: ${subjectName(entry)}`, { label: "Undo", do: () => undo(entry) });
    } catch (error) {
      snack.show(error.message);
      return false;
    }
    session.sender.kick();
    back();
    return true;
  }

  function undo(entry) {
    ledger.undo(entry.key);
    announce(`Taken back: ${subjectName(entry)}`);
    session.sender.kick();
  }

  function back() {
    if (history.state?.product) history.back();
    else home();
  }

  const acts = {
    onStores,
    onPick: (check) => open({ product: check.product.id }, check.product),
    onRefresh: () => checks.refresh(),
    onUndo: undo,
    onDrop: (entry) => ledger.drop(entry.key),
    onRetry: () => session.sender.kick(),
    onAdopt: () => {
      ledger.adopt(session.owner);
      session.sender.kick();
    },
    onDropOthers: () => ledger.dropOthers(session.owner),
  };
  window.addEventListener("popstate", () => store && home());
  setInterval(render, AGAIN_MS);
  return { begin, end, open: enter, tell: snack.show, entries: ledger.entries, forget: ledger.forgetSent };
}

/** `act`, until it has worked: a finger that trembles says nothing twice. */
function once(act) {
  let done = false;
  return (given) => (done ||= act(given));
}

/** A live region speaks at every writing, so only what differs is written. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
