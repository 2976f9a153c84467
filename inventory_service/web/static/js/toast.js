/** A short note at the foot of the screen, over the page, so that nothing moves. */

const SHORT_MS = 4_000;

export function createToast(element) {
  let timer = 0;
  let staying = false;

  function show(text) {
    clearTimeout(timer);
    element.textContent = text;
    element.hidden = false;
  }

  function clear() {
    element.hidden = true;
  }

  return {
    stay: (text) => {
      show(text);
      staying = true;
    },
    /** What stayed is over; a brief note keeps its time. */
    over: () => {
      if (staying) clear();
      staying = false;
    },
    brief: (text) => {
      show(text);
      staying = false;
      timer = setTimeout(clear, SHORT_MS);
    },
  };
}
