/** The address of the answer, handed on. */

import { button } from "./dom.js";

/** `say(text)` shows a short note. */
export function shareButton(say) {
  const made = navigator.share ? button("quiet", "Share", share, "share", "wide") : button("quiet", "Copy link", () => copy(say), "share", "wide");
  made.dataset.part = "share";
  return made;
}

function share() {
  navigator.share({ title: document.title, url: location.href }).catch(() => {});
}

async function copy(say) {
  try {
    await navigator.clipboard.writeText(location.href);
    say("Link copied");
  } catch {
    say("Your browser does not let us copy: take the link from its address bar");
  }
}
