// The one front end: shows the frames of a scene.
//
// A frame is {at, parts, readout}: the states of the controls it belongs to, the SVG fragment of
// each moving part, and one sentence. Frames arrive packed: `parts` holds indices into a list of
// fragments, so that what many positions share is sent once.

const PICTURE_STYLE = `
  :host { display: block; }
  svg { display: block; width: 100%; height: var(--picture-height, auto); }
  image { image-rendering: pixelated; }
  text, tspan { font-family: "DejaVu Sans", Verdana, sans-serif !important; }
`;

function unpack({ fragments, frames }) {
  return frames.map(({ at, parts, readout }) => ({
    at,
    readout,
    parts: Object.fromEntries(Object.entries(parts).map(([name, i]) => [name, fragments[i]])),
  }));
}

// Numbers agree to nine digits or not at all: 0.1 * 3 in Python is 0.3 in a slider.
function sameOnBothSides(state) {
  return typeof state === "number" ? Number(state.toPrecision(9)) : state;
}

function keyOf(at) {
  return JSON.stringify(Object.keys(at).sort().map((name) => [name, sameOnBothSides(at[name])]));
}

// The picture, its readout and its progress bar.
export class Stage {
  constructor(el, { still, alt }) {
    this.figure = document.createElement("div");
    this.figure.className = "lessons-stage";
    const picture = document.createElement("div");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", alt);
    // In a shadow tree the drawing's ids and styles cannot meet those of another picture.
    const shadow = picture.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = PICTURE_STYLE;
    const drawing = document.createElement("div");
    drawing.innerHTML = still;
    const svg = drawing.firstElementChild;
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    shadow.append(style, svg);
    this.groups = new Map();
    for (const group of svg.querySelectorAll("[data-part]")) {
      this.groups.set(group.dataset.part, group);
    }
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

  show({ parts, readout }) {
    for (const [name, fragment] of Object.entries(parts)) {
      if (this.shown.get(name) !== fragment) {
        this.groups.get(name).innerHTML = fragment;
        this.shown.set(name, fragment);
      }
    }
    this.say(readout, false);
  }

  problem(message) {
    this.say(message, true);
  }

  say(words, isProblem) {
    this.readout.textContent = words;
    this.readout.classList.toggle("problem", isProblem);
    this.waiting(false);
  }

  waiting(isWaiting) {
    this.figure.setAttribute("aria-busy", String(isWaiting));
    if (!isWaiting) this.bar.hidden = true;
  }

  progress(done, total) {
    this.bar.hidden = false;
    this.bar.max = total;
    this.bar.value = done;
  }
}

// Positions already in the browser.
class Frames {
  constructor(most = 4000) {
    this.most = most;
    this.byKey = new Map();
  }

  add(frame) {
    if (this.byKey.size >= this.most) this.byKey.clear();
    this.byKey.set(keyOf(frame.at), frame);
  }

  get(at) {
    return this.byKey.get(keyOf(at));
  }
}

// The sliders of one scene, as the browser knows them.
class Controls {
  constructor(described, models) {
    this.list = described.map((control, i) => ({ ...control, model: models[i] }));
  }

  at() {
    return Object.fromEntries(this.list.map(({ name, key, model }) => [name, model.get(key)]));
  }

  onMove(callback) {
    const events = this.list.map(({ key, model }) => [model, `change:${key}`]);
    for (const [model, event] of events) model.on(event, callback);
    return () => events.forEach(([model, event]) => model.off(event, callback));
  }

  // The positions of one control, the nearest to its present one first, the others unmoved.
  around(name) {
    const control = this.list.find((each) => each.name === name);
    if (!control || !control.positions) return [];
    const at = this.at();
    const here = control.positions.findIndex(
      (state) => sameOnBothSides(state) === sameOnBothSides(at[name]),
    );
    return control.positions
      .map((state, i) => [Math.abs(i - here), state])
      .sort(([a], [b]) => a - b)
      .map(([, state]) => ({ ...at, [name]: state }));
  }
}

// Asks the kernel for what the browser does not have: the position of the handle first, and
// while a slider is held the rest of its range. At most one request of each kind is on its way.
class Kernel {
  constructor(model, stage, controls) {
    Object.assign(this, { model, stage, controls, frames: new Frames() });
    this.asked = null; // the position on its way
    this.held = null; // the slider whose range is being fetched
    this.fetching = false;
    this.refused = new Set(); // positions that the kernel left out of an answer
    for (const frame of unpack(model.get("first"))) {
      this.frames.add(frame);
      stage.show(frame);
    }
  }

  moved() {
    const at = this.controls.at();
    const frame = this.frames.get(at);
    if (frame) {
      this.stage.show(frame);
      this.fetchAhead();
    } else if (this.asked === null) {
      this.asked = at;
      this.stage.waiting(true);
      this.send({ kind: "show", at });
    }
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      // The kernel was restarted or shut down, and this picture's other half went with it.
      this.asked = null;
      this.held = null;
      this.fetching = false;
      this.stage.problem("The kernel that drew this picture is gone. Run the cell again.");
    }
  }

  hold(name) {
    this.held = name;
    this.refused.clear();
    this.fetchAhead();
  }

  fetchAhead() {
    if (!this.held || this.fetching || this.asked || !this.model.get("ahead")) return;
    const missing = this.controls
      .around(this.held)
      .filter((at) => !this.frames.get(at) && !this.refused.has(keyOf(at)));
    if (missing.length === 0) return;
    this.fetching = true;
    this.sentAhead = missing.slice(0, 12);
    this.send({ kind: "ahead", at: this.sentAhead });
  }

  hear(message) {
    if (message.kind === "progress") {
      this.stage.progress(message.done, message.total);
    } else if (message.kind === "ahead") {
      this.fetching = false;
      const frames = unpack(message);
      frames.forEach((frame) => this.frames.add(frame));
      if (frames.length === 0) this.refused.add(keyOf(this.sentAhead[0]));
      this.fetchAhead();
    } else if (message.kind === "frames" || message.kind === "problem") {
      this.answered(message);
    }
  }

  answered(message) {
    this.asked = null;
    const wanted = keyOf(this.controls.at());
    if (message.kind === "problem") {
      if (keyOf(message.at) === wanted) this.stage.problem(message.message);
      else this.moved();
      return;
    }
    const [frame] = unpack(message);
    this.frames.add(frame);
    this.stage.show(frame);
    // The handle went on while the kernel computed: ask for where it is now, and nothing between.
    if (keyOf(frame.at) !== wanted) this.moved();
    else this.fetchAhead();
  }
}

// ipywidgets ties a slider's label to nothing that a screen reader could find; say it here.
function nameControls(container, controls) {
  for (const { name, label } of controls) {
    const control = container.querySelector(`.lessons-control-${name}`);
    if (!control) continue;
    const shown = control.querySelector(".widget-readout");
    const handles = control.querySelectorAll(".noUi-handle");
    for (const [i, handle] of handles.entries()) {
      const end = handles.length > 1 ? [", from", ", to"][i] : "";
      set(handle, "aria-label", label + end);
      if (shown) set(handle, "aria-valuetext", shown.textContent);
    }
    if (shown && shown.isContentEditable) {
      set(shown, "role", "textbox");
      set(shown, "aria-label", `${label}, as a number`);
    }
    for (const field of control.querySelectorAll("input, select, textarea")) {
      if (field.type !== "radio") set(field, "aria-label", label);
    }
  }
}

// Setting what is already there would wake the observer again.
function set(element, attribute, value) {
  if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
}

function nameOf(target, controls) {
  return controls.find(({ name }) => target.closest(`.lessons-control-${name}`))?.name;
}

// JupyterLab would take the arrows of a dropdown for a move to the next cell, and letters for
// commands that insert or delete one. Keys pressed on a control belong to it.
function keepKeys(event) {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (!ctrlKey && !metaKey && !altKey && !shiftKey && key !== "Escape") event.stopPropagation();
}

// A click on a slider's bar moves its handle, and leaves the keys with the notebook.
function focusHandle({ target, clientX }) {
  const handles = [...(target.closest(".noUi-target")?.querySelectorAll(".noUi-handle") ?? [])];
  const distance = (handle) => Math.abs(handle.getBoundingClientRect().x - clientX);
  handles.sort((a, b) => distance(a) - distance(b))[0]?.focus({ preventScroll: true });
}

// Runs `found` with the box that holds sliders and picture, once they are on the page.
function whenPlaced(el, signal, found) {
  const look = () => {
    if (signal.aborted) return;
    const container = el.closest(".lessons-explore");
    if (container) found(container);
    else requestAnimationFrame(look);
  };
  look();
}

async function render({ model, el }) {
  const described = model.get("controls");
  const models = await Promise.all(
    described.map((control) =>
      model.widget_manager.get_model(control.model.slice("IPY_MODEL_".length)),
    ),
  );
  const controls = new Controls(described, models);
  const stage = new Stage(el, { still: model.get("still"), alt: model.get("alt") });
  const kernel = new Kernel(model, stage, controls);
  const moved = () => kernel.moved();
  const hear = (message) => kernel.hear(message);
  const unwatch = controls.onMove(moved);
  model.on("msg:custom", hear);
  kernel.moved();

  const gone = new AbortController();
  const names = new MutationObserver(() => nameControls(box, described));
  let box;
  whenPlaced(el, gone.signal, (container) => {
    box = container;
    nameControls(box, described);
    // ipywidgets puts the classes, by which a control is known, on a slider that already stands.
    names.observe(container, { subtree: true, childList: true, attributeFilter: ["class"] });
    for (const event of ["pointerdown", "focusin"]) {
      container.addEventListener(
        event,
        ({ target }) => {
          const name = nameOf(target, described);
          if (name) kernel.hold(name);
        },
        { signal: gone.signal },
      );
    }
    container.addEventListener("click", focusHandle, { signal: gone.signal });
    container.addEventListener("keydown", keepKeys, { signal: gone.signal });
  });
  return () => {
    gone.abort();
    names.disconnect();
    unwatch();
    model.off("msg:custom", hear);
  };
}

export default { render };
