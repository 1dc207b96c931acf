// What a lecturer draws on the slides, and a spot that follows the pointer.

import { button } from "../explorable/js/buttons.js";

/**
 * A stroke: the places that it passes, on a slide of 1280 by 720, and on which slide.
 * @typedef {{slide: number, points: [number, number][]}} Stroke
 */

const SVG = "http://www.w3.org/2000/svg";
// On a slide, how near an eraser has to come to a stroke.
const REACH = 16;

/**
 * How far a place is from the straight line between two others.
 * @param {[number, number]} place
 * @param {[number, number]} start
 * @param {[number, number]} end
 */
function distance([x, y], [x1, y1], [x2, y2]) {
  const [along, up] = [x2 - x1, y2 - y1];
  const share = ((x - x1) * along + (y - y1) * up) / (along ** 2 + up ** 2 || 1);
  const nearest = Math.min(1, Math.max(0, share));
  return Math.hypot(x - x1 - nearest * along, y - y1 - nearest * up);
}

/**
 * Whether a place is near a stroke.
 * @param {[number, number]} place
 * @param {Stroke} stroke
 */
function isNear(place, { points }) {
  return points.some((end, i) => distance(place, points[Math.max(0, i - 1)], end) < REACH);
}

/**
 * A pen for mouse, finger and stylus. Its strokes last as long as the tab that the deck is open in,
 * so that they appear in its print too.
 */
export class Pen {
  isOn = false;
  erases = false;
  /** @type {Stroke[]} */
  strokes = [];
  /** @type {Stroke | null} What a pointer that is down draws. */
  current = null;
  /** Whether a pointer that is down erases, by the eraser or by the other end of a stylus. */
  isErasing = false;

  constructor() {
    this.kept = `strokes ${location.pathname}`;
    this.spot = document.createElement("div");
    this.spot.className = "spot";
    this.spot.hidden = true;
    this.tools = document.createElement("div");
    this.tools.className = "tools";
    this.tools.setAttribute("role", "group");
    this.tools.setAttribute("aria-label", "Drawing");
    this.penButton = button("✎", "Draw on the slides (D)", () => this.toggle());
    this.eraser = button("⌫", "Erase strokes", () => this.erase(!this.erases));
    this.clearButton = button("✕", "Erase all strokes on this slide", () => this.clear());
    this.spotButton = button("◉", "A spot that follows the pointer (X)", () => this.toggleSpot());
    this.tools.append(this.spotButton, this.clearButton, this.eraser, this.penButton);
    document.querySelector("main")?.append(this.tools, this.spot);
    document.addEventListener("pointermove", ({ clientX, clientY }) => {
      this.spot.style.translate = `${clientX}px ${clientY}px`;
    });
    try {
      this.strokes = JSON.parse(sessionStorage.getItem(this.kept) ?? "[]");
    } catch {
      // Where a browser keeps nothing for files, strokes last until the deck is loaded again.
    }
    // Before reveal.js makes pages of them.
    for (const [i, slide] of slides().entries()) this.cover(slide, i);
    this.tell();
  }

  toggle() {
    this.isOn = !this.isOn;
    this.erase(false);
  }

  /** @param {boolean} erases */
  erase(erases) {
    this.erases = erases;
    this.tell();
  }

  toggleSpot() {
    this.spot.hidden = !this.spot.hidden;
    this.tell();
  }

  tell() {
    document.body.dataset.pen = this.isOn ? (this.erases ? "erases" : "draws") : "";
    this.penButton.setAttribute("aria-pressed", String(this.isOn));
    this.eraser.setAttribute("aria-pressed", String(this.erases));
    this.spotButton.setAttribute("aria-pressed", String(!this.spot.hidden));
    this.eraser.hidden = this.clearButton.hidden = !this.isOn;
  }

  clear() {
    const here = slides().indexOf(/** @type {HTMLElement} */ (Reveal.getCurrentSlide()));
    this.keep(this.strokes.filter(({ slide }) => slide !== here));
  }

  /** @param {Stroke[]} strokes */
  keep(strokes) {
    this.strokes = strokes;
    for (const [i, slide] of slides().entries()) this.draw(slide, i);
    try {
      sessionStorage.setItem(this.kept, JSON.stringify(strokes));
    } catch {
      // As above.
    }
  }

  /**
   * @param {HTMLElement} slide
   * @param {number} number
   */
  cover(slide, number) {
    const sheet = document.createElementNS(SVG, "svg");
    sheet.setAttribute("class", "sheet");
    sheet.setAttribute("viewBox", "0 0 1280 720");
    sheet.setAttribute("aria-hidden", "true");
    sheet.setAttribute("data-prevent-swipe", "");
    slide.append(sheet);
    this.draw(slide, number);
    sheet.addEventListener("pointerdown", (event) => {
      // The other end of a stylus erases.
      this.isErasing = this.erases || (event.buttons & 32) !== 0;
      sheet.setPointerCapture(event.pointerId);
      this.current = this.isErasing ? null : { slide: number, points: [] };
      this.pass(sheet, event, number);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length > 0 ? events : [event]) this.pass(sheet, each, number);
    });
    sheet.addEventListener("pointerup", () => {
      if (this.current) this.keep([...this.strokes, this.current]);
      this.current = null;
      this.isErasing = false;
    });
    sheet.addEventListener("pointercancel", () => {
      this.current = null;
      this.isErasing = false;
      this.draw(slide, number);
    });
  }

  /**
   * Where the pointer passes, it draws or erases.
   * @param {SVGSVGElement} sheet
   * @param {PointerEvent} event
   * @param {number} number
   */
  pass(sheet, event, number) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(
      sheet.getScreenCTM()?.inverse(),
    );
    /** @type {[number, number]} */
    const place = [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
    if (this.current) {
      this.current.points.push(place);
      const path = sheet.querySelector(".current") ?? sheet.appendChild(pathOf(this.current));
      path.setAttribute("class", "current");
      path.setAttribute("d", wayOf(this.current));
    } else if (this.isErasing) {
      const left = this.strokes.filter((each) => each.slide !== number || !isNear(place, each));
      if (left.length < this.strokes.length) this.keep(left);
    }
  }

  /**
   * @param {HTMLElement} slide
   * @param {number} number
   */
  draw(slide, number) {
    const own = this.strokes.filter((stroke) => stroke.slide === number);
    slide.querySelector(".sheet")?.replaceChildren(...own.map(pathOf));
  }
}

/** @returns {HTMLElement[]} In the order of the notebook. */
function slides() {
  return [...document.querySelectorAll("section[data-cell]")].filter(
    (each) => each instanceof HTMLElement,
  );
}

/** @param {Stroke} stroke */
function wayOf({ points }) {
  // A dot is a line of no length, with round ends.
  return `M${points[0]} L${points.join(" ")}`;
}

/** @param {Stroke} stroke */
function pathOf(stroke) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", wayOf(stroke));
  return path;
}
