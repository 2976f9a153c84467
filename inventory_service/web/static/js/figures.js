/** Drawings of figures, as inline SVG in colours of the style sheet. What they show stands in a table beside them. */

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 320;
const EDGE = { left: 56, right: 10, top: 10, bottom: 40 };
const RADIUS = { least: 3.5, most: 9 };
const STRIP = { width: 320, height: 110, left: 38, bottom: 22, top: 12 };
const TENTHS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Forecasts against what was seen: on the dashed line a promise is kept exactly. */
export function reliabilityDiagram(bins, label) {
  const most = Math.max(...bins.map((bin) => bin.count));
  return picture("diagram", SIDE, SIDE, label, [
    ...TENTHS.flatMap(gridAt),
    line("ideal", across(0), up(0), across(1), up(1)),
    ...bins.map((bin) => line("interval", across(bin.predicted), up(bin.observed_low), across(bin.predicted), up(bin.observed_high))),
    ...bins.map((bin) => draw("circle", { class: "point", cx: across(bin.predicted), cy: up(bin.observed), r: radius(bin.count, most) })),
    text("what we said", across(0.5), SIDE - 4, { "text-anchor": "middle" }),
    text("what staff saw", 13, up(0.5), { "text-anchor": "middle", transform: `rotate(-90 13 ${up(0.5)})` }),
  ]);
}

/** Confirmations by day, those that were judged in front. */
export function dayBars(counts, label) {
  const most = Math.max(1, ...counts.map((each) => each.confirmations));
  const step = (STRIP.width - STRIP.left) / counts.length;
  const floor = STRIP.height - STRIP.bottom;
  const height = (count) => (count / most) * (floor - STRIP.top);
  const bar = (className, count, at) =>
    draw("rect", { class: className, x: STRIP.left + at * step, y: floor - height(count), width: 0.8 * step, height: height(count) });
  return picture("days", STRIP.width, STRIP.height, label, [
    line("axis", STRIP.left, floor, STRIP.width, floor),
    line("grid", STRIP.left, STRIP.top, STRIP.width, STRIP.top),
    text(String(most), STRIP.left - 6, STRIP.top + 4, { "text-anchor": "end" }),
    ...counts.map((each, at) => bar("all", each.confirmations, at)),
    ...counts.map((each, at) => bar("judged", each.judged, at)),
    text(counts[0].day, STRIP.left, STRIP.height - 4),
    text(counts.at(-1).day, STRIP.width, STRIP.height - 4, { "text-anchor": "end" }),
  ]);
}

function gridAt(share) {
  const label = `${Math.round(share * 100)}%`;
  const className = share === 0 ? "axis" : "grid";
  return [
    line(className, across(share), up(0), across(share), up(1)),
    line(className, across(0), up(share), across(1), up(share)),
    text(label, across(share), SIDE - EDGE.bottom + 16, { "text-anchor": share === 1 ? "end" : "middle" }),
    text(label, EDGE.left - 5, up(share) + 4, { "text-anchor": "end" }),
  ];
}

function across(share) {
  return EDGE.left + share * (SIDE - EDGE.left - EDGE.right);
}

function up(share) {
  return SIDE - EDGE.bottom - share * (SIDE - EDGE.top - EDGE.bottom);
}

/** Areas in proportion to how many forecasts a point stands for. */
function radius(count, most) {
  return Math.max(RADIUS.least, RADIUS.most * Math.sqrt(count / most));
}

function picture(className, width, height, label, parts) {
  const svg = draw("svg", { class: className, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  svg.append(...parts);
  return svg;
}

function line(className, x1, y1, x2, y2) {
  return draw("line", { class: className, x1, y1, x2, y2 });
}

function text(words, x, y, attributes = {}) {
  const element = draw("text", { x, y, ...attributes });
  element.textContent = words;
  return element;
}

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
