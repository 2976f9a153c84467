/** A random name of this device, drawn when it first has something to say: so that it has one voice a day. */

const NAME = "nearshelf.device";
const BYTES = 16;

let drawn = null;

/** Kept on the device where the browser allows that, else for as long as the page is open. */
export function deviceToken() {
  drawn ??= kept() ?? keep(draw());
  return drawn;
}

function draw() {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function kept() {
  try {
    const token = localStorage.getItem(NAME);
    return /^[\w-]{16,64}$/.test(token ?? "") ? token : null;
  } catch {
    return null;
  }
}

function keep(token) {
  try {
    localStorage.setItem(NAME, token);
  } catch {
    // Nothing is kept here: the next page draws another.
  }
  return token;
}
