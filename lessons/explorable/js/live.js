// A picture in a notebook: watches the sliders, shows what it has, and asks the kernel for the rest.

import { unpack, View } from "./view.js";

/**
 * Where a control stands: an index if its possible values are listed, else its frontend value.
 * @typedef {number | string | boolean | null | object} State
 * The states of all controls, in their order.
 * @typedef {State[]} Position
 *
 * The part of a widget's model that is used here.
 * @typedef {{
 *   get(name: string): any,
 *   set(name: string, value: any): void,
 *   save_changes(): void,
 *   on(event: string, callback: (...given: any[]) => void): void,
 *   off(event: string, callback: (...given: any[]) => void): void,
 *   send(content: any): void,
 *   widget_manager: {get_model(id: string): Promise<Model>},
 * }} Model
 *
 * A control as Python describes it: the trait that moves, the values of its states if the trait
 * does not hold the state itself, and how many states there are (0: nobody can list them).
 * @typedef {{
 *   name: string,
 *   label: string,
 *   model: string,
 *   trait: string,
 *   values: (number | boolean)[] | null,
 *   count: number,
 * }} Described
 */

const KERNEL_GONE =
  "The kernel that drew this picture is gone. To move it again, choose Run → Run All Above Selected " +
  "Cell, then press Shift+Enter.";
const KERNEL_BUSY =
  "Still waiting for the kernel: it is busy with this or another cell. If that cell should not take " +
  "so long, stop it with ■ above the notebook (Interrupt the kernel).";
// Sooner, the bar would only flicker.
const BAR_AFTER = 400;
const WORDS_AFTER = 6000;

/**
 * The index of a value, or of the number nearest to it.
 * @param {(number | boolean)[]} values
 * @param {any} value
 */
export function nearest(values, value) {
  const exact = values.indexOf(value);
  if (exact >= 0) return exact;
  const off = values.map((each) => Math.abs(Number(each) - value));
  return off.indexOf(Math.min(...off));
}

/**
 * The number that a person typed, with a point or a comma; NaN if it is none.
 * @param {string} text
 */
export function typedNumber(text) {
  const plain = text.trim().replace(/^[−–]/, "-").replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  return plain === "" ? Number.NaN : Number(plain);
}

/** The sliders of one scene, as the browser knows them. */
export class Controls {
  /**
   * @param {Described[]} described
   * @param {Model[]} models
   */
  constructor(described, models) {
    this.list = described.map((control, i) => ({ ...control, model: models[i] }));
    this.isMovingAll = false;
  }

  /** @returns {Position} */
  position() {
    return this.list.map(({ model, trait, values }) => {
      const held = model.get(trait);
      return values ? nearest(values, held) : held;
    });
  }

  /**
   * Moves all of them at once, and tells nobody.
   * @param {Position} position
   */
  moveAllTo(position) {
    this.isMovingAll = true;
    for (const [i, { model, trait, values }] of this.list.entries()) {
      model.set(trait, values ? values[Number(position[i])] : position[i]);
      model.save_changes();
    }
    this.isMovingAll = false;
  }

  /**
   * Moves one slider to the value nearest to a number, if it is one; tells whether its values are
   * known.
   * @param {string | undefined} name
   * @param {number} number
   */
  moveTo(name, number) {
    const control = this.list.find((each) => each.name === name);
    if (!control?.values) return false;
    if (!Number.isNaN(number)) {
      control.model.set(control.trait, control.values[nearest(control.values, number)]);
      control.model.save_changes();
    }
    return true;
  }

  /** Moves every slider that stands between two of its values to the nearer one. */
  settle() {
    for (const { model, trait, values } of this.list) {
      if (!values || values.length < 2) continue;
      const held = model.get(trait);
      const state = nearest(values, held);
      const value = Number(values[state]);
      const gap = Math.abs(value - Number(values[state > 0 ? state - 1 : 1]));
      // Sums in binary end in noise that nobody sees.
      if (Math.abs(held - value) > 1e-6 * gap) {
        model.set(trait, values[state]);
        model.save_changes();
      }
    }
  }

  /**
   * @param {() => void} callback
   * @returns {() => void} Ends it.
   */
  onMove(callback) {
    const moved = () => {
      if (this.isMovingAll) return;
      this.settle();
      callback();
    };
    for (const { model, trait } of this.list) model.on(`change:${trait}`, moved);
    return () => {
      for (const { model, trait } of this.list) model.off(`change:${trait}`, moved);
    };
  }

  /**
   * The positions of one control, the nearest to its present one first, the others unmoved.
   * @param {string} name
   * @returns {Position[]}
   */
  around(name) {
    const place = this.list.findIndex((each) => each.name === name);
    if (place < 0) return [];
    const here = this.position();
    return Array.from({ length: this.list[place].count }, (_, state) => state)
      .sort((a, b) => Math.abs(a - Number(here[place])) - Math.abs(b - Number(here[place])))
      .map((state) => here.map((old, i) => (i === place ? state : old)));
  }
}

/** Tells after a while, and again after a longer one, that something has not come. */
export class Patience {
  /** @param {[number, () => void][]} steps After how many milliseconds to do what. */
  constructor(steps) {
    this.steps = steps;
    /** @type {ReturnType<typeof setTimeout>[]} */
    this.timers = [];
  }

  begin() {
    this.end();
    this.timers = this.steps.map(([after, act]) => setTimeout(act, after));
  }

  end() {
    for (const timer of this.timers) clearTimeout(timer);
  }
}

/** A picture that may have to wait for its kernel, or be told that something went wrong. */
class LiveView extends View {
  /**
   * @param {Element} el
   * @param {{background: string, alt: string}} picture
   * @param {() => void} toStart
   */
  constructor(el, picture, toStart) {
    super(el, picture, toStart);
    this.bar = document.createElement("progress");
    this.bar.setAttribute("aria-label", "computing");
    this.bar.hidden = true;
    this.notes = document.createElement("p");
    this.notes.className = "note";
    this.notes.setAttribute("role", "status");
    this.readout.parentElement?.before(this.bar);
    this.figure.append(this.notes);
    this.patience = new Patience([
      [BAR_AFTER, () => (this.bar.hidden = false)],
      [WORDS_AFTER, () => this.note(KERNEL_BUSY)],
    ]);
  }

  /** @param {import("./view.js").Frame} frame */
  show(frame) {
    super.show(frame);
    this.rest(false);
  }

  /** @param {string} message What went wrong, in place of the readout. */
  problem(message) {
    this.readout.textContent = message;
    this.rest(true);
  }

  /** @param {boolean} isProblem */
  rest(isProblem) {
    this.patience.end();
    this.readout.classList.toggle("problem", isProblem);
    this.figure.setAttribute("aria-busy", "false");
    this.bar.hidden = true;
    this.note("");
  }

  waiting() {
    this.figure.setAttribute("aria-busy", "true");
    this.bar.removeAttribute("value");
    this.patience.begin();
  }

  /**
   * @param {number} done
   * @param {number} total
   */
  progress(done, total) {
    this.patience.end();
    this.bar.hidden = false;
    this.bar.max = total;
    this.bar.value = done;
  }

  /** @param {string} words What a person should know beside the readout. */
  note(words) {
    this.notes.textContent = words;
  }
}

/** Frames by position: those that are in the browser already. */
export class Frames {
  constructor(most = 4000) {
    this.most = most;
    /** @type {Map<string, import("./view.js").Frame>} */
    this.byKey = new Map();
  }

  /** @param {Position} position */
  static key(position) {
    return JSON.stringify(position);
  }

  /**
   * @param {Position} position
   * @param {import("./view.js").Frame} frame
   */
  add(position, frame) {
    if (this.byKey.size >= this.most) this.byKey.clear();
    this.byKey.set(Frames.key(position), frame);
  }

  /** @param {Position} position */
  get(position) {
    return this.byKey.get(Frames.key(position));
  }
}

/**
 * Asks the kernel for what the browser does not have: the position of the handle first, and while a
 * slider is held the rest of its range. At most one request of each kind is on its way.
 */
export class Requests {
  /**
   * @param {Pick<Model, "get" | "send">} model
   * @param {Pick<LiveView, "show" | "problem" | "waiting" | "progress">} view
   * @param {Pick<Controls, "position" | "around">} controls
   */
  constructor(model, view, controls) {
    this.model = model;
    this.view = view;
    this.controls = controls;
    this.frames = new Frames();
    /** Whether the position of the handle, or an earlier one, is on its way. */
    this.isAsked = false;
    /** @type {string | null} The slider whose range is being fetched. */
    this.held = null;
    /** @type {Position[] | null} Those of its positions that are on their way. */
    this.ahead = null;
    /** @type {Set<string>} Positions that the kernel left out of an answer. */
    this.refused = new Set();
    this.receive(model.get("first"));
  }

  /** @param {import("./view.js").Packed & {positions: Position[]}} message */
  receive(message) {
    for (const [i, frame] of unpack(message).entries()) {
      this.frames.add(message.positions[i], frame);
    }
  }

  moved() {
    const position = this.controls.position();
    const frame = this.frames.get(position);
    if (frame) {
      this.view.show(frame);
      this.fetchAhead();
    } else if (!this.isAsked) {
      this.isAsked = true;
      this.view.waiting();
      this.send({ kind: "show", position });
    }
  }

  /** @param {object} message */
  send(message) {
    try {
      this.model.send(message);
    } catch {
      // The kernel was restarted or shut down, and this picture's other half went with it.
      this.isAsked = false;
      this.held = null;
      this.ahead = null;
      this.view.problem(KERNEL_GONE);
    }
  }

  /** @param {string} name The slider that was grabbed. */
  hold(name) {
    this.held = name;
    this.refused.clear();
    this.fetchAhead();
  }

  fetchAhead() {
    if (!this.held || this.ahead || this.isAsked || !this.model.get("ahead")) return;
    const missing = this.controls
      .around(this.held)
      .filter((each) => !this.frames.get(each) && !this.refused.has(Frames.key(each)));
    if (missing.length === 0) return;
    this.ahead = missing.slice(0, 12);
    this.send({ kind: "ahead", positions: this.ahead });
  }

  /** @param {any} message */
  hear(message) {
    if (message.kind === "progress") {
      this.view.progress(message.done, message.total);
    } else if (message.kind === "ahead") {
      if (message.positions.length === 0 && this.ahead) this.refused.add(Frames.key(this.ahead[0]));
      this.ahead = null;
      this.receive(message);
      this.fetchAhead();
    } else if (message.kind === "frame" || message.kind === "problem") {
      this.answered(message);
    }
  }

  /** @param {any} message */
  answered(message) {
    this.isAsked = false;
    const isProblem = message.kind === "problem";
    const answered = Frames.key(isProblem ? message.position : message.positions[0]);
    const isNewest = answered === Frames.key(this.controls.position());
    if (!isProblem) {
      this.receive(message);
      this.view.show(unpack(message)[0]);
    } else if (isNewest) {
      this.view.problem(message.message);
    }
    // The handle went on while the kernel computed: ask for where it is now, and nothing between.
    if (!isNewest) this.moved();
    else if (!isProblem) this.fetchAhead();
  }
}

/**
 * Names the handles: ipywidgets ties a slider's label to nothing that a screen reader could find.
 * @param {Element} box
 * @param {Described[]} controls
 */
function nameControls(box, controls) {
  for (const { name, label } of controls) {
    const control = box.querySelector(`.lessons-control-${name}`);
    if (!control) continue;
    const shown = control.querySelector(".widget-readout");
    const handles = control.querySelectorAll(".noUi-handle");
    for (const [i, handle] of handles.entries()) {
      const end = handles.length > 1 ? [", from", ", to"][i] : "";
      set(handle, "aria-label", label + end);
      if (shown) set(handle, "aria-valuetext", shown.textContent ?? "");
    }
    if (shown instanceof HTMLElement && shown.isContentEditable) {
      set(shown, "role", "textbox");
      set(shown, "aria-label", `${label}, as a number`);
    }
    for (const field of control.querySelectorAll("input:not([type=radio]), select, textarea")) {
      set(field, "aria-label", label);
    }
  }
}

/**
 * The name of the control that an element is a part of.
 * @param {EventTarget | null} target
 * @param {{name: string}[]} controls
 */
function nameOf(target, controls) {
  if (!(target instanceof Element)) return undefined;
  return controls.find(({ name }) => target.closest(`.lessons-control-${name}`))?.name;
}

/**
 * Sets an attribute, unless it is set already: that would wake the observer again.
 * @param {Element} element
 * @param {string} attribute
 * @param {string} value
 */
function set(element, attribute, value) {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

/**
 * A number typed beside a slider counts when its field is left, not only after Enter; what is no
 * number is put back, with a word why.
 */
class TypedNumbers {
  /**
   * @param {Controls} controls
   * @param {Pick<LiveView, "note">} view
   */
  constructor(controls, view) {
    this.controls = controls;
    this.view = view;
    this.before = "";
  }

  /**
   * @param {EventTarget | null} target
   * @returns {HTMLElement | null}
   */
  static field(target) {
    return target instanceof Element ? target.closest(".widget-readout[contenteditable=true]") : null;
  }

  /**
   * @param {HTMLElement} box
   * @param {AbortSignal} signal
   */
  listen(box, signal) {
    box.addEventListener("focusin", ({ target }) => this.enter(TypedNumbers.field(target)), { signal });
    box.addEventListener("focusout", ({ target }) => this.take(TypedNumbers.field(target)), { signal });
    // Before ipywidgets, which reads 2,5 as 2.
    const enter = /** @param {KeyboardEvent} event */ (event) => {
      const field = TypedNumbers.field(event.target);
      if (event.key !== "Enter" || !field || !event.isTrusted) return;
      event.preventDefault();
      event.stopPropagation();
      this.take(field);
    };
    box.addEventListener("keydown", enter, { signal, capture: true });
  }

  /** @param {HTMLElement | null} field */
  enter(field) {
    this.before = field?.textContent ?? "";
  }

  /** @param {HTMLElement | null} field */
  take(field) {
    const typed = field?.textContent ?? "";
    if (!field || typed === this.before) return;
    const number = typedNumber(typed);
    // ipywidgets writes the new value here, if there is one.
    field.textContent = this.before;
    if (!this.controls.moveTo(nameOf(field, this.controls.list), number)) {
      field.textContent = typed.replaceAll(",", ".");
      field.dispatchEvent(new KeyboardEvent("keydown", { keyCode: 13, bubbles: true }));
    }
    if (Number.isNaN(number) && field.textContent === this.before) {
      this.view.note(`“${typed.trim()}” is not a number: the slider stays at ${this.before}.`);
    }
    this.before = field.textContent;
  }
}

/**
 * JupyterLab would take the arrows of a dropdown for a move to the next cell, and letters for
 * commands that insert or delete one. Keys pressed on a control belong to it.
 * @param {KeyboardEvent} event
 */
function keepKeys(event) {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (!ctrlKey && !metaKey && !altKey && !shiftKey && key !== "Escape") event.stopPropagation();
}

/**
 * A click on a slider's bar moves its handle, and leaves the keys with the notebook.
 * @param {MouseEvent} event
 */
function focusHandle({ target, clientX }) {
  if (!(target instanceof Element)) return;
  const bar = target.closest(".noUi-target");
  /** @type {NodeListOf<HTMLElement> | undefined} */
  const found = bar?.querySelectorAll(".noUi-handle");
  const handles = [...(found ?? [])];
  /** @param {Element} handle */
  const distance = (handle) => Math.abs(handle.getBoundingClientRect().x - clientX);
  handles.sort((a, b) => distance(a) - distance(b))[0]?.focus({ preventScroll: true });
}

/**
 * Runs `found` with the box that holds sliders and picture, once they are on the page.
 * @param {Element} el
 * @param {AbortSignal} signal
 * @param {(box: HTMLElement) => void} found
 */
function whenPlaced(el, signal, found) {
  const look = () => {
    if (signal.aborted) return;
    const box = el.closest(".lessons-explore");
    if (box instanceof HTMLElement) found(box);
    else requestAnimationFrame(look);
  };
  look();
}

/**
 * Hides what a reader without a kernel sees, the picture and how to make it move: these are the two
 * outputs before this one.
 * @param {Element} el
 * @returns {() => void} Shows them again.
 */
function hideStored(el) {
  /** @param {Element | null | undefined} output */
  const isHint = (output) => {
    const hint = output?.querySelector(".lessons-stored");
    return Boolean(hint && output?.textContent?.trim() === hint.textContent?.trim());
  };
  /** @type {Element | null} */
  let output = el;
  while (output && !isHint(output.previousElementSibling)) output = output.parentElement;
  const hint = output?.previousElementSibling;
  const stored = [hint, hint?.previousElementSibling].filter((each) => each instanceof HTMLElement);
  for (const each of stored) each.style.display = "none";
  return () => {
    for (const each of stored) each.style.display = "";
  };
}

/**
 * Scrolls sliders and picture into sight if their cell was run just now: JupyterLab scrolls to the
 * cell after it, and the sliders leave at the top.
 * @param {Element} box
 */
function bringIntoSight(box) {
  const cell = box.closest(".jp-Cell");
  const cells = [cell, cell?.nextElementSibling];
  if (!cells.some((each) => each?.classList.contains("jp-mod-active"))) return;
  // The sliders take their place in the next frame.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => box.scrollIntoView({ block: "nearest" })),
  );
}

/**
 * Shows a picture, as anywidget asks for it.
 * @param {{model: Model, el: HTMLElement}} given
 * @returns {Promise<() => void>} Ends it.
 */
async function render({ model, el }) {
  /** @type {Described[]} */
  const described = model.get("controls");
  const models = await Promise.all(
    described.map((control) =>
      model.widget_manager.get_model(control.model.slice("IPY_MODEL_".length)),
    ),
  );
  const controls = new Controls(described, models);
  const first = model.get("first");
  const [start] = first.positions;
  const picture = { background: model.get("background"), alt: model.get("alt") };
  const view = new LiveView(el, picture, () => {
    controls.moveAllTo(start);
    moved();
  });
  const requests = new Requests(model, view, controls);
  view.show(unpack(first)[0]);
  const moved = () => {
    view.standsAtStart(Frames.key(controls.position()) === Frames.key(start));
    requests.moved();
  };
  const unwatch = controls.onMove(moved);
  /** @param {any} message */
  const hear = (message) => requests.hear(message);
  model.on("msg:custom", hear);
  moved();

  const gone = new AbortController();
  const { signal } = gone;
  whenPlaced(el, signal, (box) => {
    const names = new MutationObserver(() => nameControls(box, described));
    nameControls(box, described);
    // ipywidgets puts the classes, by which a control is known, on a slider that already stands.
    names.observe(box, { subtree: true, childList: true, attributeFilter: ["class"] });
    signal.addEventListener("abort", () => names.disconnect());
    signal.addEventListener("abort", hideStored(box));
    new TypedNumbers(controls, view).listen(box, signal);
    box.style.setProperty("--sliders", String(described.length));
    bringIntoSight(box);
    /** @param {Event} event */
    const hold = ({ target }) => {
      const held = nameOf(target, described);
      if (held) requests.hold(held);
    };
    box.addEventListener("pointerdown", hold, { signal });
    box.addEventListener("focusin", hold, { signal });
    box.addEventListener("click", focusHandle, { signal });
    box.addEventListener("keydown", keepKeys, { signal });
  });
  return () => {
    gone.abort();
    unwatch();
    model.off("msg:custom", hear);
  };
}

export default { render };
