/**
 * What was said on this device, oldest first: all that the service may not have yet, and the last that it has.
 *
 * An entry is sent while `id` is null, and its undoing while `undo` is wanted and not `undone`; `refused` holds the
 * service's reason. It is `tried` before its first sending: from then on the service may know it, whatever we heard.
 */

import { read, write } from "./box.js";

const NAME = "nearshelf-staff-said";
const AREA = "localStorage";
const MOST_SENT = 10;
const KEY_BYTES = 16;

const MOST_UNSENT = 200;

export const isUnsent = (entry) => !entry.refused && (entry.id === null || (entry.undo && !entry.undone));

/** `onChange()` after every change, in another tab too. */
export function createLedger(onChange) {
  const entries = () => read(AREA, NAME) ?? [];

  function save(next) {
    const sent = next.filter((entry) => !entry.refused && !isUnsent(entry));
    const old = new Set(sent.slice(0, Math.max(0, sent.length - MOST_SENT)));
    const kept = write(AREA, NAME, next.filter((entry) => !old.has(entry)));
    onChange();
    return kept;
  }

  /** Takes `{owner, identity, product, body, said_at}`. Throws an Error for the person where it cannot be kept. */
  function add(said) {
    const all = entries();
    if (all.filter((entry) => entry.refused || isUnsent(entry)).length >= MOST_UNSENT) {
      throw new Error(`${MOST_UNSENT} answers wait on this device already. Connect, so that they are sent.`);
    }
    const entry = { key: newKey(), ...said, tried: false, failures: 0, id: null, undo: false, undone: false, refused: null };
    if (!save([...all, entry])) throw new Error("This browser keeps nothing for us: its storage is full or switched off.");
    return entry;
  }

  function change(key, changes) {
    save(entries().map((entry) => (entry.key === key ? { ...entry, ...changes } : entry)));
  }

  function drop(key) {
    save(entries().filter((entry) => entry.key !== key));
  }

  /** Takes back: what was never sent is forgotten, all else is undone at the service. */
  function undo(key) {
    const entry = entries().find((each) => each.key === key);
    if (entry?.tried) change(key, { undo: true });
    else drop(key);
  }

  window.addEventListener("storage", (event) => event.key === NAME && onChange());
  return {
    entries,
    add,
    change,
    drop,
    undo,
    /** The first that waits for the service, of those said with the key of this signature. */
    next: (owner) => entries().find((entry) => entry.owner === owner && isUnsent(entry)),
    /** Lets the key of this signature send what was said with others. */
    adopt: (owner) => save(entries().map((entry) => (isUnsent(entry) ? { ...entry, owner } : entry))),
    dropOthers: (owner) => save(entries().filter((entry) => entry.owner === owner || !isUnsent(entry))),
    /** Forgets what nobody waits for. */
    forgetSent: () => save(entries().filter((entry) => entry.refused || isUnsent(entry))),
  };
}

/** Random, also where a page without https has no `randomUUID`. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(KEY_BYTES))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
