// A picture in a notebook: its sliders are widgets, and a kernel computes what is not there yet.

import { PlayButton } from "./buttons.js";
import { PredictionForm } from "./predict.js";
import { Controls, Frames, Patience, Requests, typedNumber } from "./requests.js";
import { BACK, unpack, View } from "./view.js";

/**
 * @typedef {import("./requests.js").Described} Described
 * @typedef {import("./requests.js").Model} Model
 *
 * What anywidget hands over.
 * @typedef {{
 *   model: Model,
 *   el: HTMLElement,
 *   host?: {getModel?(reference: string): Promise<Model>},
 * }} Given
 */

const KERNEL_BUSY =
  "Still waiting for the kernel, which is busy with this or another cell. To stop it, press ■ above " +
  "the notebook; if that does not help, ↻ restarts the kernel.";
// Sooner, the bar would only flicker.
const BAR_AFTER = 400;
const WORDS_AFTER = 6000;

/** A picture that may have to wait for its kernel, or be told that something went wrong. */
export class LiveView extends View {
  /**
   * @param {Element} el
   * @param {{background: string, alt: string}} picture
   * @param {() => void} toStart
   */
  constructor(el, picture, toStart) {
    super(el, picture, toStart);
    this.bar = document.createElement("progress");
    this.bar.setAttribute("aria-label", "computing");
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
      set(handle, "title", BACK);
      set(handle, "aria-disabled", String(handle.closest(".noUi-target[disabled]") !== null));
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
 * Sets an attribute, unless it is set already: setting it again would wake the observer.
 * @param {Element} element
 * @param {string} attribute
 * @param {string} value
 */
function set(element, attribute, value) {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

/**
 * A number typed beside a slider counts when its field is left, not only after Enter; Escape takes
 * it back. What is not a number is put back, with a word on why.
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
    const keys = /** @param {KeyboardEvent} event */ (event) => {
      const field = TypedNumbers.field(event.target);
      if (!field) return;
      if (event.key === "Escape") field.textContent = this.before;
      if (event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      this.take(field);
    };
    box.addEventListener("keydown", keys, { signal, capture: true });
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
 * commands that insert or delete one. Keys pressed on a control belong to it. Notebook 7 looks for
 * commands before a key arrives; both heed this attribute of the element that gets the key.
 * @param {Element} box
 * @param {KeyboardEvent} event On its way down from the window.
 */
function keepKeys(box, { target, key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (!(target instanceof Element) || !box.contains(target)) return;
  const isPlain = !ctrlKey && !metaKey && !altKey && !shiftKey && key !== "Escape";
  target.toggleAttribute("data-lm-suppress-shortcuts", isPlain);
}

/**
 * Gives the keys to the handle nearest to a click: a click on a slider's bar moves its handle, but
 * leaves the keys with the notebook.
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
 * The name of the slider whose handle or bar this is.
 * @param {Event} event
 * @param {Described[]} controls
 */
function sliderOf({ target }, controls) {
  const isSlider = target instanceof Element && target.closest(".noUi-target");
  return isSlider ? nameOf(target, controls) : undefined;
}

/**
 * Puts a button beside each slider that can be played.
 * @param {Described[]} described
 * @param {Controls} controls
 * @param {Requests} requests
 * @param {LiveView} view
 * @returns {Map<string, PlayButton>} By the names of the sliders.
 */
function playButtons(described, controls, requests, view) {
  const playable = described.filter(({ is_ordered, count }) => is_ordered && count > 1);
  /** @param {boolean} isPlaying */
  const tell = (isPlaying) => view.plays(isPlaying);
  return new Map(
    playable.map(({ name, label, count }) => {
      const slider = {
        count,
        state: () => controls.stateOf(name),
        /** @param {number} state */
        move: (state) => controls.moveToState(name, state),
        isReady: () => !requests.isAsked,
      };
      return [name, new PlayButton(label, slider, tell)];
    }),
  );
}

/**
 * Puts each button before the bar of its slider, where ipywidgets has made one.
 * @param {Element} box
 * @param {Map<string, PlayButton>} buttons
 */
function placeButtons(box, buttons) {
  for (const [name, { element }] of buttons) {
    const bar = box.querySelector(`.lessons-control-${name} .slider-container`);
    if (bar && bar.previousElementSibling !== element) bar.before(element);
  }
}

/**
 * Asks what has to be answered before the sliders come free, above these; nothing once they are.
 * @param {Model} model
 * @param {HTMLElement} box
 * @param {Controls} controls
 * @param {PlayButton[]} buttons
 * @param {() => void} moved
 * @param {AbortSignal} signal
 */
function ask(model, box, controls, buttons, moved, signal) {
  const asked = model.get("prediction");
  if (!asked.question) return;
  /** @param {boolean} isLocked */
  const lock = (isLocked) => {
    controls.lock(isLocked);
    for (const { element } of buttons) element.toggleAttribute("disabled", isLocked);
  };
  const form = new PredictionForm(asked, false, (proof) => {
    lock(false);
    // Shown again, in another view or after the page was reloaded, it no longer asks.
    model.set("prediction", {});
    model.save_changes();
    if (proof) controls.moveAllTo(proof);
    moved();
  });
  lock(true);
  box.prepend(form.element);
  // It may be answered in another view.
  const skip = () => form.skip();
  model.on("change:prediction", skip);
  signal.addEventListener("abort", () => {
    model.off("change:prediction", skip);
    form.element.remove();
  });
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
 * cell after it, and the sliders disappear at the top.
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

/** Whether JupyterLab shows the notebook as slides, by its extension jupyterlab-slideshow. */
function isPresenting() {
  return document.body.dataset.jpDeckMode === "presenting";
}

/**
 * A presenter's remote sends Page Up and Page Down, to which live slides do not listen, and which a
 * slider would take for large steps. Every picture on the page hears the key; the first one turns.
 * @param {KeyboardEvent} event
 */
function turnLiveSlide(event) {
  const ways = { PageDown: ["down", "forward"], PageUp: ["up", "back"] }[event.key];
  if (!ways || !isPresenting() || event.defaultPrevented) return;
  event.preventDefault();
  event.stopPropagation();
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  const [button] = ways.flatMap((way) => [
    ...document.querySelectorAll(`.jp-deck-mod-direction-${way}:not(.jp-mod-disabled)`),
  ]);
  if (button instanceof HTMLElement) button.click();
}

/**
 * On a live slide a picture takes the height that the words above it leave.
 * @param {HTMLElement} box
 */
function fitLiveSlide(box) {
  const view = box.querySelector(".lessons-view");
  const picture = view?.querySelector("[role=img]");
  if (!(view instanceof HTMLElement) || !picture) return;
  view.style.removeProperty("--picture-room");
  const over = view.getBoundingClientRect().bottom - innerHeight;
  if (!isPresenting() || over <= 0) return;
  const height = Math.floor(picture.getBoundingClientRect().height - over);
  view.style.setProperty("--picture-room", `max(var(--picture-least), ${height}px)`);
}

/**
 * Fits a picture whenever its slide is turned to.
 * @param {HTMLElement} box
 * @param {AbortSignal} signal
 */
function watchLiveSlides(box, signal) {
  const fit = () => fitLiveSlide(box);
  const seen = new IntersectionObserver(fit);
  seen.observe(box);
  const mode = new MutationObserver(fit);
  mode.observe(document.body, { attributeFilter: ["data-jp-deck-mode"] });
  addEventListener("resize", fit, { signal });
  document.addEventListener("keydown", turnLiveSlide, { signal, capture: true });
  signal.addEventListener("abort", () => {
    seen.disconnect();
    mode.disconnect();
  });
}

/**
 * The model of another widget. What the host can do is asked only here: anywidget before 0.11, as
 * on Colab, has no host that knows models, and later versions mean to hide the manager.
 * @param {Given} given
 * @param {string} id
 */
function modelOf({ model, host }, id) {
  return host?.getModel?.(`anywidget:${id}`) ?? model.widget_manager.get_model(id);
}

/**
 * Shows a picture, as anywidget asks for it.
 * @param {Given} given
 * @returns {Promise<() => void>} Ends it.
 */
async function render(given) {
  const { model, el } = given;
  /** @type {Described[]} */
  const described = model.get("controls");
  const models = await Promise.all(
    described.map((control) => modelOf(given, control.model.slice("IPY_MODEL_".length))),
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
  // ipywidgets says so when the kernel is restarted: what is on its way will not come.
  const lose = () => requests.isAsked && requests.lost();
  model.on("comm_live_update", lose);
  moved();
  const buttons = playButtons(described, controls, requests, view);
  /** @param {Event} event */
  const yieldTo = (event) => {
    for (const button of buttons.values()) button.yieldTo(event);
    view.run?.play.yieldTo(event);
  };
  /** @param {Event} event */
  const toStart = (event) => controls.moveBack(sliderOf(event, described), start);

  const gone = new AbortController();
  const { signal } = gone;
  whenPlaced(el, signal, (box) => {
    const equip = () => {
      nameControls(box, described);
      placeButtons(box, buttons);
    };
    const names = new MutationObserver(equip);
    equip();
    // ipywidgets puts the classes, by which a control is known, on a slider that already stands.
    names.observe(box, { subtree: true, childList: true, attributeFilter: ["class", "disabled"] });
    signal.addEventListener("abort", () => names.disconnect());
    signal.addEventListener("abort", hideStored(box));
    new TypedNumbers(controls, view).listen(box, signal);
    box.style.setProperty("--sliders", String(described.length));
    ask(model, box, controls, [...buttons.values()], moved, signal);
    bringIntoSight(box);
    watchLiveSlides(box, signal);
    /** @param {Event} event */
    const hold = ({ target }) => {
      const held = nameOf(target, described);
      if (held) requests.hold(held);
    };
    /** @param {Event} event */
    const approach = ({ target }) => {
      const near = nameOf(target, described);
      if (near) requests.approach(near);
    };
    box.addEventListener("pointerover", approach, { signal });
    box.addEventListener("pointerdown", hold, { signal });
    box.addEventListener("focusin", hold, { signal });
    box.addEventListener("pointerdown", yieldTo, { signal, capture: true });
    box.addEventListener("keydown", yieldTo, { signal, capture: true });
    box.addEventListener("dblclick", toStart, { signal });
    box.addEventListener("keydown", (event) => event.key === "Backspace" && toStart(event), { signal });
    box.addEventListener("click", focusHandle, { signal });
    addEventListener("keydown", (event) => keepKeys(box, event), { signal, capture: true });
  });
  return () => {
    gone.abort();
    for (const { element, player } of buttons.values()) {
      player.pause();
      element.remove();
    }
    view.run?.play.player.pause();
    unwatch();
    model.off("msg:custom", hear);
    model.off("comm_live_update", lose);
  };
}

export default { render };
