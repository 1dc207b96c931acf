// A deck: its pictures, reveal.js with our keys, and a window for the lecturer.

import "../explorable/js/embedded.js";
import { Pen } from "./pen.js";

/**
 * A presenter's remote sends these; a slider would take them for large steps.
 * @type {Record<string, () => void>}
 */
const TURNS = { PageDown: () => Reveal.next(), PageUp: () => Reveal.prev() };

/**
 * Whether a control of a picture gets the keys, or a field of its question.
 * @param {unknown} target
 * @returns {target is HTMLElement}
 */
function isControl(target) {
  const controls = ".lessons-sliders :is(input, select), .lessons-predict input";
  return target instanceof HTMLElement && target.matches(controls);
}

/**
 * A button keeps the keys that press it, which reveal.js would take for a turn. A slider keeps its
 * keys, but for those of a remote, and Escape, which leaves it.
 * @param {KeyboardEvent} event
 */
function keepKeys(event) {
  const isPress = event.key === " " || event.key === "Enter";
  if (isPress && event.target instanceof HTMLButtonElement) event.stopPropagation();
  if (!isControl(event.target)) return;
  if (event.key in TURNS) {
    event.preventDefault();
    TURNS[event.key]();
  } else if (event.key === "Escape") {
    event.target.blur();
  }
  event.stopPropagation();
}

/**
 * A copy of a slide with its pictures, to be put into another window.
 * @param {HTMLElement} slide
 * @param {Document} page Of the other window.
 */
function copyOf(slide, page) {
  const copy = page.importNode(slide, true);
  const pictures = slide.querySelectorAll("[role=img]");
  for (const [i, picture] of copy.querySelectorAll("[role=img]").entries()) {
    const drawn = pictures[i].shadowRoot;
    if (drawn) picture.attachShadow({ mode: "open" }).innerHTML = drawn.innerHTML;
  }
  for (const step of copy.querySelectorAll(".fragment")) step.classList.remove("fragment");
  copy.classList.remove("past", "future");
  copy.classList.add("present");
  copy.removeAttribute("hidden");
  copy.inert = true;
  const deck = page.createElement("div");
  deck.className = "reveal";
  deck.innerHTML = '<div class="slides"><section class="stack present"></section></div>';
  deck.querySelector("section")?.append(copy);
  return deck;
}

/**
 * What is said to the lecturer about a slide: its own notes, or else those of its section.
 * @param {HTMLElement} slide
 * @returns {Node[]}
 */
function notesFor(slide) {
  const section = /** @type {HTMLElement[]} */ ([...(slide.parentElement?.children ?? [])]);
  /** @param {Element} each */
  const ownNotes = (each) => [...(each.querySelector("aside.notes")?.childNodes ?? [])];
  const own = ownNotes(slide);
  if (own.length > 0) return own;
  const minutes = section.reduce((sum, each) => sum + Number(each.dataset.minutes), 0);
  const words = document.createElement("p");
  words.className = "borrowed";
  words.textContent = `This slide has no note of its own. Its section, of ${minutes} minutes, has:`;
  const found = section.flatMap(ownNotes);
  if (found.length === 0) words.textContent = "Nobody has written a note for this section.";
  return [words, ...found];
}

/** Where the deck stands, from 0 in the order of the notebook. */
function here() {
  return Reveal.getSlides().indexOf(Reveal.getCurrentSlide());
}

/**
 * The window of the lecturer: the time used and planned, this slide and the next, and the notes. It
 * has no script of its own; this window writes into it.
 */
class SpeakerWindow {
  // A deck that is loaded again no longer owns its old window and cannot write into it.
  name = `lessons-notes-${Date.now()}`;
  begun = 0;
  /** @type {Window | null} */
  window = null;
  /** @type {Element[]} The clock, the slides and the notes in that window. */
  parts = [];

  open() {
    this.window = window.open("", this.name, "width=1100,height=800");
    if (!this.window) return;
    const { document: page } = this.window;
    // An empty window is laid out like a page of 1998, whose tables have colours of their own.
    page.open();
    page.write("<!DOCTYPE html>");
    page.close();
    page.documentElement.lang = document.documentElement.lang;
    const style = page.createElement("style");
    style.textContent = [...document.querySelectorAll("style")].map((each) => each.textContent).join("");
    page.head.replaceChildren(style);
    page.title = `Notes: ${document.title}`;
    page.body.innerHTML =
      '<header><h1></h1><p class="clock"></p><button>Start the clock again</button>' +
      '<div class="previews"></div></header><main></main>';
    page.querySelector("h1")?.append(page.title);
    page.querySelector("button")?.addEventListener("click", () => this.restart());
    this.parts = [...page.querySelectorAll(".clock, .previews, main")];
    // Opened a second time, it is the same window: one more listener would turn two slides at once.
    this.window.onkeydown = (event) => this.turn(event);
    if (!this.begun) setInterval(() => this.tick(), 1000);
    this.begun ||= Date.now();
    this.show();
  }

  restart() {
    this.begun = Date.now();
    this.tick();
  }

  /** @param {KeyboardEvent} event */
  turn(event) {
    /** @type {Record<string, () => void>} */
    const turns = { ...TURNS, ArrowRight: TURNS.PageDown, ArrowLeft: TURNS.PageUp, " ": TURNS.PageDown };
    const button = this.window?.document.querySelector("button");
    const isPress = event.key === " " && event.target === button;
    if (event.key in turns && !isPress) {
      event.preventDefault();
      turns[event.key]();
    }
  }

  tick() {
    if (!this.window || this.window.closed) return;
    const minutes = (Date.now() - this.begun) / 60000;
    const seconds = String(Math.floor((minutes % 1) * 60)).padStart(2, "0");
    const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const shown = Reveal.getSlides().slice(0, here() + 1);
    const planned = shown.reduce((sum, slide) => sum + Number(slide.dataset.minutes), 0);
    this.parts[0].textContent =
      `${now} · used ${Math.floor(minutes)}:${seconds} · planned ${planned}:00` +
      ` · slide ${shown.length} of ${Reveal.getSlides().length}`;
  }

  show() {
    if (!this.window || this.window.closed) return;
    const { document: page } = this.window;
    const [, previews, notes] = this.parts;
    const slides = Reveal.getSlides().slice(here(), here() + 2);
    previews.replaceChildren(...slides.map((slide) => copyOf(slide, page)));
    notes.replaceChildren(...notesFor(slides[0]).map((node) => page.importNode(node, true)));
    this.tick();
  }

  leave() {
    if (!this.window || this.window.closed) return;
    for (const part of this.parts) part.replaceChildren();
    this.parts[0].textContent =
      "The slides were closed or loaded again: close this window, and press S there.";
  }
}

const speaker = new SpeakerWindow();
const pen = new Pen();
document.addEventListener("keydown", keepKeys, true);
// A finger that moves a slider turns no slide.
for (const sliders of document.querySelectorAll(".lessons-sliders")) {
  sliders.setAttribute("data-prevent-swipe", "");
}
// The questions of a task are asked one after the other, beside the slider that they need.
for (const question of document.querySelectorAll(".task ol > li:not(:first-child)")) {
  question.classList.add("fragment");
}
// An address that names a picture leads to its slide.
document.addEventListener("lessons-opened", (event) => {
  const picture = /** @type {Element} */ (event.target);
  const slide = picture.closest("section") ?? undefined;
  const step = picture.closest(".fragment")?.getAttribute("data-fragment-index") ?? -1;
  const turn = () => {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v, Number(step));
  };
  event.preventDefault();
  if (Reveal.isReady()) turn();
  else Reveal.on("ready", turn);
});
await Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  maxScale: 4,
  center: false,
  display: "flex",
  hash: true,
  // One key goes through all slides, in their order.
  navigationMode: "linear",
  // In the margins, where they cover nothing.
  controlsLayout: "edges",
  controlsBackArrows: "visible",
  controlsTutorial: false,
  slideNumber: "c/t",
  transition: "none",
  pdfSeparateFragments: false,
  pdfMaxPagesPerSlide: 1,
  scrollActivationWidth: null,
  // A question mark would cover the deck with reveal's own list of keys; ours is on the first slide.
  keyboard: {
    68: () => pen.toggle(),
    83: () => speaker.open(),
    88: () => pen.toggleSpot(),
    191: null,
  },
});
Reveal.on("slidechanged", () => {
  // A slider that is out of sight would keep the keys.
  if (isControl(document.activeElement)) document.activeElement.blur();
  speaker.show();
});
addEventListener("pagehide", () => speaker.leave());
