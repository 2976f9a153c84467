/** Who is signed in: `{secret, store, several}`, store null until one is chosen, in this tab alone or, where the person wants it, on this device. */

import { read, remove, write } from "./box.js";

const NAME = "nearshelf-staff";
const TAB = "sessionStorage";
const DEVICE = "localStorage";
const SIGNATURE_LENGTH = 4;

export function remembered() {
  return read(TAB, NAME) ?? read(DEVICE, NAME);
}

/** `where` is `tab` or `device`. */
export function remember(memory, where) {
  forget();
  write(where === "device" ? DEVICE : TAB, NAME, memory);
}

/** Changes what is remembered, where it is. */
export function amend(changes) {
  const area = read(TAB, NAME) ? TAB : DEVICE;
  const memory = read(area, NAME);
  if (memory) write(area, NAME, { ...memory, ...changes });
}

export function forget() {
  remove(TAB, NAME);
  remove(DEVICE, NAME);
}

/** The end of a key: enough to tell whose words are whose, useless to anybody who wants to sign in. */
export function signature(secret) {
  return secret.slice(-SIGNATURE_LENGTH);
}

/** Why this cannot be a staff key, or null. */
export function secretFault(secret) {
  if (!secret) return "Type or paste the key that you were given.";
  if (!secret.startsWith("st_")) return "A staff key begins with st_.";
  return /^[\w-]{8,200}$/.test(secret) ? null : "A key has only letters, digits, - and _. Was all of it copied, and nothing else?";
}
