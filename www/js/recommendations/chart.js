// One figure day by day, as bars or as a line: SVG by hand, drawn anew when its place changes. One series, so no legend;
// the value of a day is read with the pointer or the arrow keys, and all of them stand in the table below.

import { el } from "../dom.js";
import { shortDay } from "./figures.js";

const HEIGHT = 132;
const TOP = 14;
const BOTTOM = 22;
const LEFT = 46;

const svg = (name, attributes, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

/** 1, 2 or 5 and zeros: the least of them that is not below the value. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999999);
}

/**
 * @param {{ title: string, daily: { day: number }[], value: (day: object) => number | null, text: (value: number) => string,
 *   line?: boolean, summary?: string }} options
 */
export function dayChart({ title, daily, value, text, line = false, summary }) {
  const values = daily.map(value);
  const known = values.filter((one) => one !== null);
  const total = summary ?? text(known.reduce((sum, one) => sum + one, 0));
  const most = roundUp(Math.max(...known, 0) || 1);
  const reading = el("span.chart-reading", { "aria-live": "polite" }, total);
  const place = el("div.chart-place", {
    tabIndex: 0,
    role: "img",
    "aria-label": `${title}, day by day: ${total}. Arrow keys read the days.`,
  });
  const figure = el("figure.chart", {}, el("figcaption", {}, el("span", {}, title), reading), place);

  let marked = -1;
  let step = 1;

  function draw() {
    const width = place.clientWidth || 300;
    const inner = HEIGHT - TOP - BOTTOM;
    step = (width - LEFT) / daily.length;
    const x = (index) => LEFT + index * step + step / 2;
    const y = (one) => TOP + inner * (1 - one / most);
    const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, "aria-hidden": "true" });
    for (const level of [0, most / 2, most])
      picture.append(
        svg("line", { class: level ? "grid" : "axis", x1: LEFT, x2: width, y1: y(level), y2: y(level) }),
        svg("text", { class: "tick", x: LEFT - 8, y: y(level) + 4, "text-anchor": "end" }, text(level)),
      );
    // As many dates as fit, the first and the last among them.
    const every = Math.max(1, Math.ceil((daily.length - 1) / Math.max(1, Math.floor((width - LEFT) / 74))));
    for (let index = daily.length - 1; index >= 0; index -= every) {
      const last = index === daily.length - 1;
      const at = last ? { x: width, "text-anchor": "end" } : { x: x(index), "text-anchor": "middle" };
      picture.append(svg("text", { class: "tick", y: HEIGHT - 5, ...at }, shortDay(daily[index].day)));
    }
    if (line) picture.append(svg("path", { class: "line", d: path(values, x, y) }));
    const thick = Math.max(1.5, Math.min(step - Math.min(2, step * 0.3), 28));
    values.forEach((one, index) => {
      if (one === null) return;
      const mark = { "data-index": index };
      if (line) picture.append(svg("circle", { ...mark, class: "dot", cx: x(index), cy: y(one), r: 3.5 }));
      else if (one > 0) picture.append(svg("path", { ...mark, class: "bar", d: bar(x(index), y(one), thick, y(0)) }));
    });
    place.replaceChildren(picture);
    mark(marked);
  }

  function mark(index) {
    marked = index;
    for (const one of place.querySelectorAll("[data-index]"))
      one.classList.toggle("marked", Number(one.dataset.index) === index);
    place.classList.toggle("reads", index >= 0);
    const one = values[index];
    reading.textContent = index < 0 ? total : `${shortDay(daily[index].day)}: ${one === null ? "–" : text(one)}`;
  }

  place.addEventListener("pointermove", ({ clientX }) => {
    const index = Math.floor((clientX - place.getBoundingClientRect().left - LEFT) / step);
    mark(index < 0 ? -1 : Math.min(index, daily.length - 1));
  });
  place.addEventListener("pointerleave", () => mark(-1));
  place.addEventListener("blur", () => mark(-1));
  place.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: marked - 1, ArrowRight: marked + 1, Home: 0, End: daily.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    mark(Math.max(0, Math.min(to, daily.length - 1)));
  });
  new ResizeObserver(draw).observe(place);
  return figure;
}

/** A bar with rounded shoulders that stands on the axis. */
function bar(x, top, thick, bottom) {
  const radius = Math.min(3, thick / 2, bottom - top);
  const [left, right] = [x - thick / 2, x + thick / 2];
  return `M${left} ${bottom}V${top + radius}Q${left} ${top} ${left + radius} ${top}H${right - radius}Q${right} ${top} ${right} ${top + radius}V${bottom}Z`;
}

/** A line through the days that have a value; it breaks where one has none. */
function path(values, x, y) {
  let pen = "M";
  return values
    .map((one, index) => {
      const step = one === null ? "" : `${pen}${x(index)} ${y(one)}`;
      pen = one === null ? "M" : "L";
      return step;
    })
    .join("");
}
