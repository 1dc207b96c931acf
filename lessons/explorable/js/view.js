// A picture made of frames, with its readout and its progress bar. Live and embedded pictures are
// shown by it alike.

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

const PICTURE_STYLE = `
  :host { display: block; }
  svg { display: block; width: 100%; height: var(--picture-height, auto); }
  image { image-rendering: pixelated; }
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

/** The picture, its readout and its progress bar. */
export class View {
  /**
   * @param {Element} el Where it is put.
   * @param {{background: string, alt: string}} picture
   */
  constructor(el, { background, alt }) {
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
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    /** @type {Map<string, Element>} */
    this.groups = new Map();
    for (const group of svg.querySelectorAll("[data-part]")) {
      this.groups.set(group.getAttribute("data-part") ?? "", group);
    }
    /** @type {Map<string, string>} */
    this.shown = new Map();
    this.bar = document.createElement("progress");
    this.bar.setAttribute("aria-label", "computing");
    this.bar.hidden = true;
    this.readout = document.createElement("p");
    this.readout.className = "readout";
    this.readout.setAttribute("aria-live", "polite");
    this.figure.append(picture, this.bar, this.readout);
    el.append(this.figure);
  }

  /** @param {Frame} frame */
  show({ parts, readout }) {
    for (const [name, fragment] of Object.entries(parts)) {
      const group = this.groups.get(name);
      if (group && this.shown.get(name) !== fragment) {
        group.innerHTML = fragment;
        this.shown.set(name, fragment);
      }
    }
    this.say(readout, false);
  }

  /** @param {string} message What went wrong, in place of the readout. */
  problem(message) {
    this.say(message, true);
  }

  /**
   * @param {string} words
   * @param {boolean} isProblem
   */
  say(words, isProblem) {
    this.readout.textContent = words;
    this.readout.classList.toggle("problem", isProblem);
    this.waiting(false);
  }

  /** @param {boolean} isWaiting */
  waiting(isWaiting) {
    this.figure.setAttribute("aria-busy", String(isWaiting));
    if (!isWaiting) this.bar.hidden = true;
  }

  /**
   * @param {number} done
   * @param {number} total
   */
  progress(done, total) {
    this.bar.hidden = false;
    this.bar.max = total;
    this.bar.value = done;
  }
}
