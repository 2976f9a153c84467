/** The whole of what a widget shows. It knows nothing of the service. */

import { h, link, part } from "./dom.js";
import { storeView } from "./store.js";
import { joined, verdict } from "./words.js";

/** `onPlace(text)` and `onLocate()` are called when a person asks; `level` is the heading's. */
export function createPanel(speaker, { level, rows, onPlace, onLocate }) {
  const { say, lang } = speaker;
  const [field, usual] = [say("place"), "postal-code"];
  const input = h("input", { part: "input", required: "", maxlength: 120, autocomplete: usual, placeholder: field, "aria-label": field });
  const locate = part("button", "locate", say("locate"));
  const form = part("form", "form", input, part("button", "go", say("go")));
  const title = h(`h${level}`, { id: "title", part: "title" }, say("title"));
  const news = h("p", { part: "news", role: "status" });
  const view = part("div", "view");
  const box = h("div", { part: "box", class: "box", lang, role: "group", "aria-labelledby": "title" }, title, form, news, view);
  const room = part("div", "room", box);
  if (window.isSecureContext) form.append(locate);
  locate.type = "button";
  locate.onclick = onLocate;
  form.onsubmit = (event) => {
    event.preventDefault();
    onPlace(input.value);
  };

  /** Takes its final height at once, so that nothing moves when the answer comes. */
  function show(text, ...nodes) {
    room.dataset.rows = rows;
    if (news.textContent !== text) news.textContent = text;
    view.replaceChildren(...nodes);
  }

  /** `now` is the service's, in ms; `href` leads to the same question on our own page. */
  function answered(answer, { radius_m }, now, href) {
    const stores = [answer.nearest_beyond, ...answer.results].filter(Boolean);
    const demo = stores.some((each) => each.store.demo) && say("demo");
    const about = joined(answer.product.name, answer.origin.label, demo);
    const list = part("ul", "stores", ...stores.map((each) => storeView(each, speaker, now)));
    const restore = keeping(view);
    show(verdict(answer, speaker, radius_m), part("p", "about", about), list, link("more", href, say("more")));
    restore();
  }

  return { room, input, show, answered };
}

/** Focus and scroll survive a list that is made anew. */
function keeping(view) {
  const links = () => [...view.querySelectorAll("a")];
  const at = links().indexOf(view.getRootNode().activeElement);
  const top = view.querySelector("ul")?.scrollTop;
  return () => {
    view.querySelector("ul").scrollTop = top ?? 0;
    links()[at]?.focus({ preventScroll: true });
  };
}
