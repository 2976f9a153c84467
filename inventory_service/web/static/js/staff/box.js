/** The browser's storage, which may be full or forbidden: then nothing is there, and nothing is kept. */

/** What is kept in `area` (`sessionStorage` or `localStorage`) by this name, or null. */
export function read(area, name) {
  try {
    return JSON.parse(window[area].getItem(name));
  } catch {
    return null;
  }
}

/** Whether it is kept now. */
export function write(area, name, value) {
  try {
    window[area].setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function remove(area, name) {
  try {
    window[area].removeItem(name);
  } catch {
    // A storage that may not be touched holds nothing either.
  }
}
