/** A form field whose hint line turns into its error, so that nothing below it moves. */

export function field(input) {
  const hint = document.getElementById(`${input.id}-hint`);
  const usual = hint.textContent;

  function say(text, kind) {
    hint.textContent = text;
    hint.className = `hint ${kind}`.trim();
    input.toggleAttribute("aria-invalid", false);
    if (kind === "error") input.setAttribute("aria-invalid", "true");
  }

  return {
    input,
    fail: (text) => say(text, "error"),
    note: (text) => say(text, ""),
    clear: () => say(usual, ""),
  };
}
