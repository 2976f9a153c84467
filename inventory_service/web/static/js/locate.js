/** Where the person is, asked of the browser only when a button is tapped. */

import { coarse } from "./state.js";

const OPTIONS = { enableHighAccuracy: false, timeout: 10_000, maximumAge: 60_000 };
const REFUSED = {
  1: "Your browser did not share your location. You can allow it in the site settings, or type a town or postcode.",
  2: "Your device could not find out where it is. Type a town or postcode instead.",
  3: "Finding your location took too long. Try again, or type a town or postcode.",
};

/** `{lat, lon}` to about 100 m; throws an Error whose message is for the person. */
export function position() {
  if (!window.isSecureContext || !navigator.geolocation) {
    throw new Error("Your browser shares a location only with https pages. Type a town or postcode instead.");
  }
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coarse(coords.latitude), lon: coarse(coords.longitude) }),
      (error) => reject(new Error(REFUSED[error.code] ?? REFUSED[2])),
      OPTIONS,
    );
  });
}
