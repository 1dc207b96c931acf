// What a live picture asks of its kernel, and what it knows of its sliders: nothing here needs a page.

import { unpack } from "./view.js";

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
 *   is_ordered: boolean,
 * }} Described
 */

const KERNEL_GONE =
  "The kernel that drew this picture is gone. To move it again, choose Run → Run All Above Selected " +
  "Cell, then press Shift+Enter.";
// A hand that reaches for a slider seldom moves it further at once.
const MOST_NEAR = 24;

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
 * The number that a person typed, with a point or a comma; NaN if it is not a number.
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
    for (const [i, { name }] of this.list.entries()) this.moveToState(name, position[i]);
    this.isMovingAll = false;
  }

  /**
   * Moves one slider to the value nearest to a number, unless that is NaN; tells whether the values
   * of the slider are known.
   * @param {string | undefined} name
   * @param {number} number
   */
  moveTo(name, number) {
    const control = this.list.find((each) => each.name === name);
    if (!control?.values) return false;
    if (!Number.isNaN(number)) {
      this.moveToState(control.name, nearest(control.values, number));
    }
    return true;
  }

  /**
   * The index of the value of one control.
   * @param {string} name
   */
  stateOf(name) {
    const place = this.list.findIndex((each) => each.name === name);
    return Number(this.position()[place]);
  }

  /**
   * @param {string} name
   * @param {State} state
   */
  moveToState(name, state) {
    const control = this.list.find((each) => each.name === name);
    if (!control) return;
    const { model, trait, values } = control;
    model.set(trait, values ? values[Number(state)] : state);
    model.save_changes();
  }

  /**
   * Puts one control, if there is one of this name, back to where it stands in a position.
   * @param {string | undefined} name
   * @param {Position} start
   */
  moveBack(name, start) {
    const place = this.list.findIndex((each) => each.name === name);
    if (place >= 0) this.moveToState(this.list[place].name, start[place]);
  }

  /** @param {boolean} isLocked Whether nobody can move them. */
  lock(isLocked) {
    for (const { model } of this.list) {
      model.set("disabled", isLocked);
      model.save_changes();
    }
  }

  /** Moves every slider that stands between two of its values to the nearer one. */
  settle() {
    for (const { model, trait, values } of this.list) {
      if (!values) continue;
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
   * @param {Pick<import("./live.js").LiveView, "show" | "problem" | "waiting" | "progress">} view
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
    /** @type {string | null} The slider that the pointer is at, and may be about to move. */
    this.near = null;
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
      this.lost();
    }
  }

  /** The kernel was restarted or shut down, and this picture's other half went with it. */
  lost() {
    this.isAsked = false;
    this.held = null;
    this.near = null;
    this.ahead = null;
    this.view.problem(KERNEL_GONE);
  }

  /** @param {string} name The slider that was grabbed. */
  hold(name) {
    this.held = name;
    this.near = null;
    this.refused.clear();
    this.fetchAhead();
  }

  /** @param {string} name The slider that the pointer is at. */
  approach(name) {
    if (name === this.held || name === this.near) return;
    this.near = name;
    this.fetchAhead();
  }

  /** The positions that may come next; around a slider that is merely near, only the closest. */
  expected() {
    const near = this.near ? this.controls.around(this.near).slice(0, MOST_NEAR) : [];
    return this.held ? [...near, ...this.controls.around(this.held)] : near;
  }

  fetchAhead() {
    if (this.ahead || this.isAsked || !this.model.get("ahead")) return;
    const missing = this.expected().filter(
      (each) => !this.frames.get(each) && !this.refused.has(Frames.key(each)),
    );
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
