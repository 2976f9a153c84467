/** Elements from data: text is always text, so nothing a store writes can become markup. */

const SVG = "http://www.w3.org/2000/svg";

/** An element; attributes that are null, undefined or false are left out, `true` becomes the bare attribute. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A decorative picture from the sprite. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function button(className, label, onClick, iconName = null, labelClass = null) {
  const element = h("button", { class: className, type: "button" }, iconName && icon(iconName), h("span", { class: labelClass }, label));
  element.addEventListener("click", onClick);
  return element;
}

/** Words that only a screen reader needs. */
export function hidden(text) {
  return h("span", { class: "visually-hidden" }, text);
}
