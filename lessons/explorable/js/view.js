// A picture made of frames, with its readout and a way back to the start. Live and embedded pictures
// both use it.

/**
 * What a scene shows at one position: the SVG fragment of each moving part, and one sentence.
 * @typedef {{parts: Record<string, string>, readout: string}} Frame
 *
 * Frames as they arrive: `parts` holds indices into a list of fragments, so that what many
 * positions share is sent once.
 * @typedef {{
 *   fragments: string[],
 *   frames: {parts: Record<string, number>, readout: string}[],
 * }} Packed
 */

import { button } from "./buttons.js";
import { Run } from "./run.js";

/** What a slider says about the way back, where a pointer rests on it. */
export const BACK = "Double-click or Backspace: back to its start";

const PICTURE_STYLE = `
  svg {
    display: block;
    width: 100%;
    height: var(--picture-height, auto);
    max-height: var(--picture-room, none);
    min-width: var(--picture-least, 0);
  }
  image { image-rendering: pixelated; filter: var(--photograph, none); }
  text, tspan { font-family: "DejaVu Sans", Verdana, sans-serif !important; }
`;

/**
 * @param {Packed} packed
 * @returns {Frame[]}
 */
export function unpack({ fragments, frames }) {
  return frames.map(({ parts, readout }) => ({
    readout,
    parts: Object.fromEntries(Object.entries(parts).map(([name, i]) => [name, fragments[i]])),
  }));
}

/** The picture, its readout, and a way back to where its sliders started. */
export class View {
  /**
   * @param {Element} el Where it is put.
   * @param {{background: string, alt: string}} picture
   * @param {() => void} toStart Moves all sliders back to where they started.
   */
  constructor(el, { background, alt }, toStart) {
    this.figure = document.createElement("div");
    this.figure.className = "lessons-view";
    const picture = document.createElement("div");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", alt);
    // In a shadow tree the drawing's ids and styles cannot meet those of another picture.
    const shadow = picture.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = PICTURE_STYLE;
    const drawing = document.createElement("template");
    drawing.innerHTML = background;
    shadow.append(style, drawing.content);
    const svg = /** @type {SVGElement} */ (shadow.querySelector("svg"));
    /** @type {Map<string, Element>} */
    this.groups = new Map();
    for (const group of svg.querySelectorAll("[data-part]")) {
      this.groups.set(group.getAttribute("data-part") ?? "", group);
    }
    /** @type {Map<string, string>} */
    this.shown = new Map();
    this.readout = document.createElement("p");
    this.readout.className = "readout";
    this.readout.setAttribute("aria-live", "polite");
    this.reset = button("↺", "Back to the start", toStart);
    this.reset.className = "lessons-button lessons-reset";
    this.row = document.createElement("div");
    this.row.className = "lessons-row";
    this.row.append(this.readout, this.reset);
    const lines = new Map([...this.groups].filter(([name]) => name.startsWith("run")));
    this.run = lines.size > 0 ? new Run(lines) : null;
    this.figure.append(picture, ...(this.run ? [this.run.element] : []), this.row);
    el.append(this.figure);
  }

  /** @param {boolean} isAtStart Whether all sliders stand where they started. */
  standsAtStart(isAtStart) {
    // A button that vanishes would take the keyboard's place on the page with it.
    if (isAtStart && this.reset === document.activeElement) this.reset.blur();
    this.reset.disabled = isAtStart;
  }

  /** @param {boolean} isPlaying Whether a slider moves by itself: reading each sentence out is no help. */
  plays(isPlaying) {
    this.readout.setAttribute("aria-live", isPlaying ? "off" : "polite");
  }

  /** @param {Frame} frame */
  show({ parts, readout }) {
    for (const [name, fragment] of Object.entries(parts)) {
      const group = this.groups.get(name);
      if (group && !this.run?.groups.has(name) && this.shown.get(name) !== fragment) {
        group.innerHTML = fragment;
        this.shown.set(name, fragment);
      }
    }
    this.run?.follow(parts);
    this.readout.textContent = readout;
  }
}
