/** Elements from data: text is always text, and nothing here is a sink of markup, scripts or inline styles. */

/** An element; children that are missing are left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

/** A part that the host page may style by its name, as our own style does by its class. */
export function part(tag, name, ...children) {
  return h(tag, { part: name, class: name }, ...children);
}

/** A link that leaves the host page where it is; what only screen readers need to hear of it comes last. */
export function link(name, href, label, unseen = "") {
  const element = part("a", name, label, part("span", "unseen", unseen));
  return Object.assign(element, { href, target: href.startsWith("tel:") ? "" : "_blank", rel: "noopener noreferrer" });
}
