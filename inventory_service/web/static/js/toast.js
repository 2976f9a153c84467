/** A short note at the foot of the screen, over the page, so that nothing moves. */

const SHORT_MS = 4_000;

export function createToast(element) {
  let timer = 0;

  function show(text) {
    clearTimeout(timer);
    element.textContent = text;
    element.hidden = false;
  }

  function clear() {
    clearTimeout(timer);
    element.hidden = true;
  }

  return {
    stay: show,
    clear,
    brief: (text) => {
      show(text);
      timer = setTimeout(clear, SHORT_MS);
    },
  };
}
