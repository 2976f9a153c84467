/** Signing in with a key. */

import { h } from "../dom.js";
import { field } from "../field.js";
import { secretFault } from "./session.js";

/** `onKey(secret, where)` with where `tab` or `device`; it may throw an Error for the person. `why`: what brought us here, or null. */
export function signInView({ why, announce, onKey }) {
  const input = h("input", { id: "key", type: "password", autocomplete: "current-password", spellcheck: "false", "aria-describedby": "key-hint" });
  const keep = h("input", { id: "keep", type: "checkbox" });
  const submit = h("button", { class: "loud", type: "submit" }, "Sign in");
  const form = h(
    "form",
    { novalidate: true },
    h("label", { for: "key" }, "Staff key"),
    input,
    h("p", { class: "hint", id: "key-hint" }, "It begins with st_"),
    h("label", { class: "tick", for: "keep" }, keep, h("span", {}, "Keep me signed in on this device")),
    submit,
  );
  const title = h("h1", { tabindex: "-1" }, "Staff sign-in");
  const words = why ?? "With the key of your store you tell shoppers what is really on the shelf.";
  const node = h("section", { class: "sheet" }, title, h("p", { class: why ? "wrong" : "muted" }, words), form);

  function fail(text) {
    field(input).fail(text);
    input.focus();
    announce(text);
  }

  async function signIn() {
    const secret = input.value.trim();
    const fault = secretFault(secret);
    if (fault) return fail(fault);
    submit.setAttribute("aria-busy", "true");
    try {
      await onKey(secret, keep.checked ? "device" : "tab");
    } catch (error) {
      fail(error.message);
    } finally {
      submit.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn();
  });
  return { node, title };
}
