// Sliders that need no kernel: every frame came with the page, in row-major order of the states that
// the sliders keep.

import { unpack, View } from "./view.js";

/**
 * What a piece of HTML holds.
 * @typedef {import("./view.js").Packed & {
 *   background: string,
 *   alt: string,
 *   sizes: number[],
 *   start: number[],
 *   telling: number[],
 *   telling_frame: number,
 * }} Content
 */

/**
 * @param {Element} root
 * @returns {Promise<Content>}
 */
async function contentOf(root) {
  const packed = atob(root.querySelector("script")?.textContent ?? "");
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/**
 * The place of a position among all, if the last slider moves first.
 * @param {number[]} sizes How many states each slider has.
 * @param {number[]} position
 */
function rowMajor(sizes, position) {
  return sizes.reduce((index, size, i) => index * size + position[i], 0);
}

/** A control of the browser's own. Its state is what it is set to: a number from 0. */
class NativeControl {
  /** @param {Element} element */
  constructor(element) {
    this.element = /** @type {HTMLInputElement | HTMLSelectElement} */ (element);
    /** @type {string[] | null} What a range shows of each of its states. */
    this.words = JSON.parse(this.element.dataset.shown ?? "null");
  }

  get state() {
    if (this.element instanceof HTMLSelectElement) return this.element.selectedIndex;
    return this.element.type === "checkbox"
      ? Number(this.element.checked)
      : this.element.valueAsNumber;
  }

  set state(state) {
    if (this.element instanceof HTMLSelectElement) this.element.selectedIndex = state;
    else if (this.element.type === "checkbox") this.element.checked = Boolean(state);
    else this.element.value = String(state);
    this.say();
  }

  say() {
    if (!this.words) return;
    const words = this.words[this.state];
    this.element.setAttribute("aria-valuetext", words);
    const output = this.element.nextElementSibling;
    if (output) output.textContent = words;
  }
}

/**
 * Keeps room for the longest sentence, so that nothing jumps when a slider moves.
 * @param {View} view
 * @param {import("./view.js").Frame[]} frames
 */
function keepRoom(view, frames) {
  const room = document.createElement("p");
  room.className = "readout room";
  room.setAttribute("aria-hidden", "true");
  room.textContent = frames.reduce(
    (longest, { readout }) => (readout.length > longest.length ? readout : longest),
    "",
  );
  const words = document.createElement("div");
  words.className = "lessons-words";
  view.readout.replaceWith(words);
  words.append(view.readout, room);
}

/**
 * @param {Element} root A piece of HTML.
 * @param {boolean} onPaper Whether it is shown where nothing moves.
 */
async function start(root, onPaper) {
  const content = await contentOf(root);
  const frames = unpack(content);
  const view = new View(root, content, () => {
    moveTo(content.start);
    show();
  });
  // Beside the sliders, where a slide has room; a picture without sliders needs no way back.
  if (content.sizes.length > 0) root.querySelector(".lessons-sliders")?.append(view.reset);
  else view.reset.remove();
  keepRoom(view, frames);
  const controls = [...root.querySelectorAll("[data-control]")].map(
    (element) => new NativeControl(element),
  );
  /** @param {number[]} position */
  const moveTo = (position) => {
    for (const [i, control] of controls.entries()) control.state = position[i];
  };
  const show = () => {
    for (const control of controls) control.say();
    const position = controls.map((control) => control.state);
    view.show(frames[rowMajor(content.sizes, position)]);
    view.standsAtStart(position.every((state, i) => state === content.start[i]));
  };
  // A browser keeps what a form was set to when a page is opened again.
  moveTo(content.start);
  root.addEventListener("input", show);
  // A deck would take these for a turn to the next slide.
  view.reset.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") event.stopPropagation();
  });
  show();
  if (onPaper) {
    moveTo(content.telling);
    view.show(frames[content.telling_frame]);
  }
}

/** Lets every picture of the page move, and tells the page when all do. */
async function startAll() {
  const page = document.documentElement;
  // A print is made from a page of its own, or by reveal.js from a deck with this in its address.
  const onPaper = "paper" in page.dataset || /print-pdf/i.test(location.search);
  for (const root of document.querySelectorAll(".lessons-embedded")) {
    try {
      await start(root, onPaper);
    } catch (error) {
      const words = document.createElement("p");
      const why = error instanceof Error ? error.message : error;
      words.textContent = `This browser cannot show the picture (${why}). A newer one can.`;
      root.append(words);
    }
  }
  page.dataset.ready = "";
}

startAll();
