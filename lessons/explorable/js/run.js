// A run: lines on which every point is a step. They are drawn up to any step, with a marker at the
// end of each, and can be played. No frame is needed for that: the points are in the drawing.

import { isSeen, PlayButton } from "./buttons.js";
import { oneWay } from "./play.js";

// In units of the drawing; a picture is 720 wide.
const MARKER = 6;
const SAME_PLACE = 0.1;

/**
 * The path of a line; undefined if only its markers are drawn.
 * @param {Element} group
 */
function lineIn(group) {
  return [...group.querySelectorAll("path")].find((each) => !each.closest("defs"));
}

/**
 * The commands of a path, one for each of its points.
 * @param {Element | undefined} path
 */
function pointsAlong(path) {
  return path?.getAttribute("d")?.match(/[ML][^ML]*/g) ?? [];
}

/** @param {string} point A command with two numbers. */
function placeOf(point) {
  return point.slice(1).trim().split(/\s+/).map(Number);
}

/**
 * Leaves out what a line shows after one of its points, and marks that one.
 * @param {Element} group
 * @param {number} place
 */
function cutAfter(group, place) {
  const path = lineIn(group);
  const points = pointsAlong(path);
  const passed = points.slice(0, place + 1);
  const places = passed.map(placeOf);
  for (const mark of group.querySelectorAll("use")) {
    const [x, y] = ["x", "y"].map((name) => Number(mark.getAttribute(name)));
    const isPassed = places.some((each) => Math.hypot(each[0] - x, each[1] - y) < SAME_PLACE);
    if (!isPassed) mark.setAttribute("display", "none");
  }
  const end = places.at(-1);
  if (!path || !end) return;
  path.setAttribute("d", passed.join(""));
  const marker = document.createElementNS(path.namespaceURI, "circle");
  const look = { cx: end[0], cy: end[1], r: MARKER, fill: path.style.stroke, stroke: "#ffffff" };
  for (const [name, value] of Object.entries(look)) marker.setAttribute(name, String(value));
  path.after(marker);
}

/**
 * The number of the first point of a line, which stands in the name of its place: run1-3.
 * @param {string} name
 */
function firstStepOf(name) {
  return Number(name.match(/^run(\d+)-/)?.[1]);
}

/** The lines of a run, and a slider over its steps. */
export class Run {
  /** @param {Map<string, Element>} groups The places of its lines, by name. */
  constructor(groups) {
    this.groups = groups;
    this.first = Math.min(...[...groups.keys()].map(firstStepOf));
    /** What an address calls the step: a name that no slider of a scene can have. */
    this.name = "run.step";
    /** @type {Map<string, string>} Each line as a whole. */
    this.fragments = new Map();
    this.slider = document.createElement("input");
    // In a notebook each picture has a copy of this module, which cannot count the others.
    const id = `run-${Math.random()}`;
    Object.assign(this.slider, { type: "range", id, min: `${this.first}`, max: `${this.first}` });
    this.output = document.createElement("output");
    // A slider says its value itself.
    this.output.setAttribute("aria-live", "off");
    const label = document.createElement("label");
    Object.assign(label, { htmlFor: this.slider.id, textContent: "step" });
    const run = this;
    const playable = {
      get count() {
        return run.words.length;
      },
      state: () => this.state,
      /** @param {number} state */
      move: (state) => this.goTo(state),
      isReady: () => isSeen(this.element),
      trip: oneWay,
    };
    // No sentence changes while it plays, so that nobody has to be told.
    this.play = new PlayButton("step", playable, () => {});
    this.element = document.createElement("div");
    this.element.className = "lessons-slider lessons-run";
    this.element.append(label, this.play.element, this.slider, this.output);
    this.slider.addEventListener("input", () => this.draw());
  }

  get step() {
    return this.slider.valueAsNumber;
  }

  get last() {
    return Number(this.slider.max);
  }

  /** The index of the step among all, as for any slider. */
  get state() {
    return this.step - this.first;
  }

  get words() {
    return Array.from({ length: this.last - this.first + 1 }, (_, i) => String(this.first + i));
  }

  /** @param {number} state */
  goTo(state) {
    this.slider.value = String(this.first + state);
    this.draw();
  }

  /**
   * Takes the lines of another position: whole, or up to the step at which it stands.
   * @param {Record<string, string>} parts
   */
  follow(parts) {
    const wasWhole = this.step === this.last;
    for (const name of this.groups.keys()) this.fragments.set(name, parts[name]);
    this.drawWhole();
    const longest = Math.max(...[...this.groups.values()].map((each) => pointsAlong(lineIn(each)).length));
    this.slider.max = String(this.first + Math.max(longest - 1, 0));
    this.element.hidden = this.last === this.first;
    if (wasWhole) this.slider.value = this.slider.max;
    this.draw();
  }

  drawWhole() {
    for (const [name, group] of this.groups) group.innerHTML = this.fragments.get(name) ?? "";
  }

  draw() {
    this.drawWhole();
    if (this.step < this.last) {
      for (const group of this.groups.values()) cutAfter(group, this.state);
    }
    this.output.textContent = String(this.step);
  }
}
