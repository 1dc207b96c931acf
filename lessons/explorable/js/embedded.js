// Sliders that need no kernel: every frame came with the page, in row-major order of the states that
// the sliders keep.

import { writeFragment, readPosition, readScene } from "./address.js";
import { copied, iconButton, isSeen, LINK, PlayButton } from "./buttons.js";
import { PredictionForm } from "./predict.js";
import { BACK, unpack, View } from "./view.js";

const COPIED = "The link is copied.";
const IN_THE_BAR = "The link is in the address bar.";

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
    this.name = this.element.dataset.control ?? "";
    this.isRange = this.element.type === "range";
    /** What it shows in each of its states. */
    this.words = this.shown();
    /** Puts it back to where it started. */
    this.toStart = () => {};
  }

  /** @returns {string[]} */
  shown() {
    if (this.element instanceof HTMLSelectElement) {
      return [...this.element.options].map(({ text }) => text);
    }
    return this.isRange ? JSON.parse(this.element.dataset.shown ?? "[]") : ["no", "yes"];
  }

  get label() {
    return this.element.labels?.[0]?.textContent ?? this.name;
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
  }

  say() {
    if (!this.isRange) return;
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
  room.textContent = frames.reduce(
    (longest, { readout }) => (readout.length > longest.length ? readout : longest),
    "",
  );
  const words = document.createElement("div");
  words.className = "lessons-words";
  view.readout.replaceWith(words);
  words.append(view.readout, room);
}

/** A picture whose sliders move without a kernel. */
class Embedded {
  /**
   * @param {Element} root A piece of HTML.
   * @param {Content} content
   */
  constructor(root, content) {
    this.root = root;
    this.content = content;
    this.frames = unpack(content);
    this.view = new View(root, content, () => this.moveTo(content.start));
    this.controls = [...root.querySelectorAll("[data-control]")].map(
      (element) => new NativeControl(element),
    );
    /** @type {PlayButton[]} */
    this.playButtons = [];
    /** What an address calls it. */
    this.name = root.closest("[data-scene]")?.getAttribute("data-scene") ?? "";
    /** @type {PredictionForm | null} */
    this.form = null;
    keepRoom(this.view, this.frames);
  }

  /** Lets the keyboard reach the picture where it is wider than its frame, as on a phone. */
  scrollByKeyboard() {
    const picture = /** @type {HTMLElement} */ (this.root.querySelector("[role=img]"));
    new ResizeObserver(() => {
      picture.tabIndex = picture.scrollWidth > picture.clientWidth ? 0 : -1;
    }).observe(picture);
  }

  /** Adds what a reader may do with it, where things move. */
  equip() {
    const { root, view } = this;
    if (this.controls.length === 0) {
      // A picture without sliders stays still, and as large as it was.
      view.run?.element.remove();
      return view.reset.remove();
    }
    if (view.run) root.querySelector(".lessons-sliders")?.append(view.run.element);
    for (const [i, control] of this.controls.entries()) {
      if (control.isRange) this.equipSlider(control, this.content.start[i]);
    }
    root.addEventListener("input", () => this.show());
    root.addEventListener("pointerdown", (event) => this.yieldTo(event));
    // Beside the sliders, where a slide has room.
    root.querySelector(".lessons-sliders")?.append(view.reset);
    if (this.name) view.row.append(...this.linkButton());
  }

  /**
   * Asks what has to be answered before the sliders come free, if anything.
   * @param {boolean} onPaper Whether it is answered by hand.
   */
  ask(onPaper) {
    const asked = this.root.getAttribute("data-prediction");
    if (!asked) return;
    const isClass = !onPaper && this.root.closest(".reveal") !== null;
    this.form = new PredictionForm(JSON.parse(asked), isClass, (proof) => {
      this.lock(false);
      this.moveTo(proof ?? this.position());
    });
    this.root.prepend(this.form.element);
    this.lock(!onPaper);
  }

  /** @param {boolean} isLocked Whether the sliders, and the buttons beside them, are out of reach. */
  lock(isLocked) {
    const sliders = this.root.querySelector(".lessons-sliders");
    for (const control of sliders?.querySelectorAll("input, select, button") ?? []) {
      control.toggleAttribute("disabled", isLocked);
    }
  }

  /**
   * @param {NativeControl} control
   * @param {number} start
   */
  equipSlider(control, start) {
    const { element, words } = control;
    /** @param {number} state */
    const move = (state) => {
      control.state = state;
      this.show();
    };
    const slider = {
      count: words.length,
      state: () => control.state,
      move,
      // A slide that is turned away waits.
      isReady: () => isSeen(this.root),
    };
    /** @param {boolean} isPlaying */
    const tell = (isPlaying) => this.view.plays(isPlaying);
    const play = new PlayButton(control.label, slider, tell);
    this.playButtons.push(play);
    element.before(play.element);
    element.title = BACK;
    element.addEventListener("dblclick", () => move(start));
    control.toStart = () => move(start);
  }

  /** A button that copies the address of the position, and the words that say so. */
  linkButton() {
    const button = iconButton("lessons-link", "Copy a link to this position", LINK);
    const said = document.createElement("span");
    said.className = "lessons-said";
    said.setAttribute("role", "status");
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let fading;
    button.addEventListener("click", async () => {
      const address = this.address();
      const isCopied = await copied(address);
      // There it can be copied by hand.
      if (!isCopied) history.replaceState(null, "", address);
      said.textContent = isCopied ? COPIED : IN_THE_BAR;
      clearTimeout(fading);
      fading = setTimeout(() => (said.textContent = ""), 4000);
    });
    return [button, said];
  }

  /** @param {Event} event Something that somebody does with the picture or its sliders. */
  yieldTo(event) {
    for (const play of this.playButtons) play.yieldTo(event);
    this.view.run?.play.yieldTo(event);
  }

  /** @param {KeyboardEvent} event A key pressed inside. */
  onKey(event) {
    this.yieldTo(event);
    if (event.key !== "Backspace") return;
    this.controls.find(({ element }) => element === event.target)?.toStart();
  }

  position() {
    return this.controls.map((control) => control.state);
  }

  /** @param {number[]} position */
  moveTo(position) {
    for (const [i, control] of this.controls.entries()) control.state = position[i];
    this.show();
  }

  show() {
    for (const control of this.controls) control.say();
    const { sizes, start } = this.content;
    const position = this.position();
    this.view.show(this.frames[rowMajor(sizes, position)]);
    this.view.standsAtStart(position.every((state, i) => state === start[i]));
  }

  /** The position for paper. */
  showTelling() {
    this.moveTo(this.content.telling);
    this.view.show(this.frames[this.content.telling_frame]);
  }

  address() {
    const [page] = location.href.split("#");
    const { run } = this.view;
    // A run that is shown whole needs no step.
    const sliders = run && run.step < run.last ? [...this.controls, run] : this.controls;
    return page + writeFragment(this.name, sliders, sliders.map(({ state }) => state));
  }

  /** @param {string} fragment Of an address that names this picture. */
  open(fragment) {
    this.form?.skip();
    this.moveTo(readPosition(fragment, this.controls, this.content.start));
    const { run } = this.view;
    // How many steps there are depends on the position.
    run?.goTo(readPosition(fragment, [run], [run.last - run.first])[0]);
    // A deck turns to the slide.
    if (this.root.dispatchEvent(new Event("lessons-opened", { bubbles: true, cancelable: true }))) {
      this.root.scrollIntoView({ block: "center" });
    }
  }
}

/** Lets every picture of the page move, and tells the page when all do. */
async function startAll() {
  const page = document.documentElement;
  // A print is made from a page of its own, or by reveal.js from a deck with this in its address.
  const onPaper = "paper" in page.dataset || /print-pdf/i.test(location.search);
  // Read it now: a deck is about to put its own words there.
  const fragment = location.hash;
  /** @type {Map<Element, Embedded>} */
  const scenes = new Map();
  // Capture them here: a deck stops the keys of a control before they reach anything in the page.
  const onKey = /** @param {KeyboardEvent} event */ (event) => {
    const root = event.target instanceof Element && event.target.closest(".lessons-embedded");
    if (root) scenes.get(root)?.onKey(event);
  };
  document.addEventListener("keydown", onKey, true);
  /** @param {string} fragment */
  const open = (fragment) => {
    const name = readScene(fragment);
    if (name) [...scenes.values()].find((scene) => scene.name === name)?.open(fragment);
  };
  addEventListener("hashchange", () => open(location.hash));
  for (const root of document.querySelectorAll(".lessons-embedded")) {
    try {
      const scene = new Embedded(root, await contentOf(root));
      scenes.set(root, scene);
      if (onPaper) {
        scene.view.reset.remove();
        scene.view.run?.element.remove();
        scene.ask(true);
        scene.showTelling();
      } else {
        scene.equip();
        scene.ask(false);
        scene.scrollByKeyboard();
        // A browser keeps what a form was set to when a page is opened again.
        scene.moveTo(scene.content.start);
      }
    } catch (error) {
      const words = document.createElement("p");
      const why = error instanceof Error ? error.message : error;
      words.textContent = `This browser cannot show the picture (${why}). A newer one can.`;
      root.append(words);
    }
  }
  open(fragment);
  page.dataset.ready = "";
}

startAll();
