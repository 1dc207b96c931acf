// The browser's half of a live picture, with a pretended kernel: no browser here.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import {
  Controls,
  Frames,
  nearest,
  Patience,
  Requests,
  typedNumber,
} from "../../../lessons/explorable/js/requests.js";

// A widget's model in the browser: holds values, tells who listens, keeps what was saved.
class Model {
  constructor(held) {
    this.held = held;
    this.heard = new Map();
    this.saved = [];
  }
  get(name) {
    return this.held[name];
  }
  set(name, value) {
    this.held[name] = value;
    for (const callback of this.heard.get(`change:${name}`) ?? []) callback();
  }
  save_changes() {
    this.saved.push({ ...this.held });
  }
  on(event, callback) {
    this.heard.set(event, [...(this.heard.get(event) ?? []), callback]);
  }
  off(event, callback) {
    this.heard.set(event, (this.heard.get(event) ?? []).filter((each) => each !== callback));
  }
}

// Sliders x (values 0, 0.5, 1, ... 4) and kind (a choice of three).
function twoControls(count = 9) {
  const x = new Model({ value: 1 });
  const kind = new Model({ index: 0 });
  const values = Array.from({ length: count }, (_, i) => i / 2);
  const described = [
    { name: "x", label: "x", model: "", trait: "value", values, count, is_ordered: true },
    { name: "kind", label: "kind", model: "", trait: "index", values: null, count: 3, is_ordered: false },
  ];
  return { x, kind, controls: new Controls(described, [x, kind]) };
}

const packed = (...positions) => ({
  positions,
  fragments: positions.map(String),
  frames: positions.map((each, i) => ({ parts: { m0: i }, readout: `at ${each}` })),
});

// A picture at position [2, 0] whose kernel answers when the test says so.
function picture({ ahead = false, count = 9 } = {}) {
  const { x, kind, controls } = twoControls(count);
  const sent = [];
  const kernel = {
    isGone: false,
    get: (name) => ({ first: packed([2, 0]), ahead })[name],
    send(message) {
      if (this.isGone) throw new Error("no comm");
      sent.push(structuredClone(message));
    },
  };
  const view = {
    seen: [],
    isWaiting: false,
    show({ readout }) {
      this.seen.push(readout);
      this.isWaiting = false;
    },
    problem(message) {
      this.seen.push(`! ${message}`);
      this.isWaiting = false;
    },
    waiting() {
      this.isWaiting = true;
    },
    progress(done, total) {
      this.seen.push(`${done} of ${total}`);
    },
  };
  const requests = new Requests(kernel, view, controls);
  controls.onMove(() => requests.moved());
  const answer = (...positions) => requests.hear({ kind: "frame", ...packed(...positions) });
  const sendAhead = (...positions) => requests.hear({ kind: "ahead", ...packed(...positions) });
  return { x, kind, kernel, view, requests, sent, answer, sendAhead };
}

// ---- controls -----------------------------------------------------------------------------------

test("the nearest value stands for one between", () => {
  assert.equal(nearest([0, 0.1, 0.2, 0.3], 0.1 + 0.2), 3);
  assert.equal(nearest([0, 1, 2], 1.4), 1);
  assert.equal(nearest([0, 1, 2], 1.6), 2);
  assert.equal(nearest([0, 1, 2], 99), 2);
  assert.equal(nearest([false, true], true), 1);
});

test("a position is the index of each value; what has none is its own state", () => {
  const { x, kind, controls } = twoControls();
  assert.deepEqual(controls.position(), [2, 0]);
  x.held.value = 0.5 + 1e-12;
  kind.held.index = null;
  assert.deepEqual(controls.position(), [1, null]);
});

test("a slider that is set between two of its values moves to the nearer one", () => {
  const { x, controls } = twoControls();
  let moves = 0;
  const end = controls.onMove(() => (moves += 1));
  x.set("value", 1.3);
  assert.equal(x.get("value"), 1.5);
  assert.deepEqual(x.saved, [{ value: 1.5 }]);
  assert.ok(moves > 0);
  x.set("value", 0.5 + 1e-12);
  assert.equal(x.saved.length, 1, "noise of binary sums is no move");
  const before = moves;
  end();
  x.set("value", 3);
  assert.equal(moves, before);
});

test("a number is typed with a point or a comma, and with any minus", () => {
  const typed = { "2.5": 2.5, " 2,5 ": 2.5, "-1": -1, "−1,5": -1.5, "1e-3": 0.001, ".5": 0.5 };
  for (const [text, number] of Object.entries(typed)) assert.equal(typedNumber(text), number);
  for (const text of ["", " ", "oh", "1,000.5", "1 2", "2,5,1"]) {
    assert.ok(Number.isNaN(typedNumber(text)), text);
  }
});

test("a typed number moves a slider to the nearest value; what is none moves nothing", () => {
  const { x, controls } = twoControls();
  assert.ok(controls.moveTo("x", 2.8));
  assert.deepEqual(x.saved, [{ value: 3 }]);
  assert.ok(controls.moveTo("x", Number.NaN));
  assert.ok(!controls.moveTo("kind", 1), "its values are not known here");
  assert.equal(x.saved.length, 1);
});

test("all controls are moved at once, and nobody is told between", () => {
  const { x, kind, controls } = twoControls();
  let moves = 0;
  controls.onMove(() => (moves += 1));
  controls.moveAllTo([6, 2]);
  assert.deepEqual(controls.position(), [6, 2]);
  assert.deepEqual([x.saved, kind.saved], [[{ value: 3 }], [{ index: 2 }]]);
  assert.equal(moves, 0);
  x.set("value", 1);
  assert.equal(moves, 1);
});

test("patience ends at an answer, and else step by step", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const done = [];
  const patience = new Patience([
    [400, () => done.push("bar")],
    [6000, () => done.push("words")],
  ]);
  patience.begin();
  mock.timers.tick(399);
  patience.end();
  mock.timers.tick(9999);
  assert.deepEqual(done, []);
  patience.begin();
  mock.timers.tick(400);
  assert.deepEqual(done, ["bar"]);
  patience.begin();
  mock.timers.tick(5999);
  assert.deepEqual(done, ["bar", "bar"]);
  mock.timers.tick(1);
  assert.deepEqual(done, ["bar", "bar", "words"]);
  mock.timers.reset();
});

test("the positions around a handle begin with the nearest", () => {
  const { controls } = twoControls();
  assert.deepEqual(
    controls.around("x").map(([x]) => x),
    [2, 1, 3, 0, 4, 5, 6, 7, 8],
  );
  assert.deepEqual(controls.around("kind"), [[2, 0], [2, 1], [2, 2]]);
  assert.deepEqual(controls.around("nobody"), []);
});

test("a full store of frames begins anew", () => {
  const frames = new Frames(2);
  for (const state of [0, 1, 2]) frames.add([state], { parts: {}, readout: String(state) });
  assert.deepEqual([0, 1, 2].map((state) => frames.get([state])?.readout), [undefined, undefined, "2"]);
});

// ---- the newest position ------------------------------------------------------------------------

test("what is there is shown without asking", () => {
  const { x, view, sent, requests } = picture();
  requests.moved();
  x.set("value", 1);
  assert.deepEqual(view.seen, ["at 2,0", "at 2,0"]);
  assert.deepEqual(sent, []);
});

test("what is not there is asked for, and shown when it comes", () => {
  const { x, view, sent, answer } = picture();
  x.set("value", 1.5);
  assert.deepEqual(sent, [{ kind: "show", position: [3, 0] }]);
  assert.ok(view.isWaiting);
  answer([3, 0]);
  assert.deepEqual(view.seen, ["at 3,0"]);
  assert.ok(!view.isWaiting);
});

test("while an answer is on its way only the newest position is kept", () => {
  const { x, view, sent, answer } = picture();
  for (const value of [1.5, 2, 2.5, 3]) x.set("value", value);
  assert.deepEqual(sent.map(({ position }) => position), [[3, 0]]);
  answer([3, 0]);
  assert.deepEqual(sent.map(({ position }) => position), [[3, 0], [6, 0]]);
  assert.ok(view.isWaiting);
  answer([6, 0]);
  assert.equal(sent.length, 2);
  assert.deepEqual(view.seen, ["at 3,0", "at 6,0"]);
});

test("a handle that came back while the kernel computed shows what it has", () => {
  const { x, view, sent, answer } = picture();
  x.set("value", 1.5);
  x.set("value", 1);
  answer([3, 0]);
  assert.equal(view.seen.at(-1), "at 2,0");
  assert.equal(sent.length, 1);
});

test("an answered position is not asked for again", () => {
  const { x, sent, answer } = picture();
  x.set("value", 1.5);
  answer([3, 0]);
  x.set("value", 1);
  x.set("value", 1.5);
  assert.equal(sent.length, 1);
});

test("progress is handed on", () => {
  const { requests, view } = picture();
  requests.hear({ kind: "progress", done: 2, total: 5 });
  assert.deepEqual(view.seen, ["2 of 5"]);
});

// ---- problems -----------------------------------------------------------------------------------

test("a problem of the newest position is told, and the next position is asked for", () => {
  const { x, view, sent, requests, answer } = picture();
  x.set("value", 1.5);
  requests.hear({ kind: "problem", position: [3, 0], message: "oh" });
  assert.deepEqual(view.seen, ["! oh"]);
  assert.equal(sent.length, 1, "nobody asks twice for the same");
  x.set("value", 2);
  answer([4, 0]);
  assert.equal(view.seen.at(-1), "at 4,0");
});

test("a position that fails is not tried again ahead", () => {
  const { x, sent, requests } = picture({ ahead: true });
  x.set("value", 1.5);
  requests.hold("x");
  requests.hear({ kind: "problem", position: [3, 0], message: "oh" });
  assert.deepEqual(sent, [{ kind: "show", position: [3, 0] }]);
});

test("a problem of an earlier position is not told", () => {
  const { x, view, sent, requests } = picture();
  x.set("value", 1.5);
  x.set("value", 2);
  requests.hear({ kind: "problem", position: [3, 0], message: "oh" });
  assert.deepEqual(view.seen, []);
  assert.deepEqual(sent.at(-1), { kind: "show", position: [4, 0] });
});

test("a kernel that is gone is told, and what is there still moves", () => {
  const { x, view, kernel, answer } = picture({ ahead: true });
  x.set("value", 1.5);
  answer([3, 0]);
  kernel.isGone = true;
  x.set("value", 2);
  assert.match(view.seen.at(-1), /^! .*gone.*Run All Above Selected Cell/);
  assert.ok(!view.isWaiting);
  x.set("value", 1.5);
  assert.equal(view.seen.at(-1), "at 3,0");
  x.set("value", 2.5);
  assert.match(view.seen.at(-1), /^! .*gone/, "and it is told again where nothing is there");
});

test("a kernel that went while it was asked is told, and the next position is asked for", () => {
  const { x, view, sent, requests } = picture();
  x.set("value", 1.5);
  requests.lost();
  assert.match(view.seen.at(-1), /^! .*gone/);
  assert.ok(!view.isWaiting);
  x.set("value", 2);
  assert.deepEqual(sent.at(-1), { kind: "show", position: [4, 0] });
});

for (const come of /** @type {const} */ (["hold", "approach"])) {
  test(`a kernel that is gone when a slider is there to ${come} is told once`, () => {
    const { view, kernel, requests } = picture({ ahead: true });
    kernel.isGone = true;
    requests[come]("x");
    assert.equal(view.seen.length, 1);
    requests.moved();
    assert.deepEqual(view.seen.slice(1), ["at 2,0"], "a position that is there asks for nothing");
    requests[come]("x");
    assert.match(view.seen.at(-1), /^! .*gone/, "whoever comes again is told again");
  });
}

// ---- ahead --------------------------------------------------------------------------------------

test("a held slider brings its range, the nearest first, a dozen at a time", () => {
  const { requests, sent, sendAhead } = picture({ ahead: true });
  requests.hold("x");
  const [asked] = sent;
  assert.equal(asked.kind, "ahead");
  assert.deepEqual(asked.positions.map(([x]) => x), [1, 3, 0, 4, 5, 6, 7, 8]);
  sendAhead(...asked.positions.slice(0, 3));
  assert.deepEqual(sent[1].positions.map(([x]) => x), [4, 5, 6, 7, 8]);
  sendAhead(...sent[1].positions);
  assert.equal(sent.length, 2, "all of it is there");
});

test("at most a dozen positions ahead are on their way", () => {
  const { requests, sent } = (() => {
    const made = picture({ ahead: true });
    const many = Array.from({ length: 40 }, (_, i) => [i, 1]);
    made.requests.controls = { position: () => [2, 0], around: () => many };
    return made;
  })();
  requests.hold("x");
  requests.hold("x");
  assert.equal(sent.length, 1);
  assert.equal(sent[0].positions.length, 12);
});

test("the position of the handle goes before what is ahead", () => {
  const { x, requests, sent, answer, sendAhead } = picture({ ahead: true });
  x.set("value", 1.5);
  requests.hold("x");
  assert.deepEqual(sent.map(({ kind }) => kind), ["show"]);
  answer([3, 0]);
  assert.deepEqual(sent.map(({ kind }) => kind), ["show", "ahead"]);
  x.set("value", 4);
  assert.deepEqual(sent.at(-1), { kind: "show", position: [8, 0] }, "one of each kind");
  sendAhead([2, 0]);
  assert.equal(sent.length, 3, "and nothing ahead until it is answered");
});

test("a position that the kernel left out is not asked for ahead again", () => {
  const { requests, sent, sendAhead } = picture({ ahead: true });
  requests.hold("x");
  sendAhead();
  assert.deepEqual(sent[1].positions.map(([x]) => x), [3, 0, 4, 5, 6, 7, 8]);
  sendAhead(...sent[1].positions);
  assert.equal(sent.length, 2);
  requests.hold("x");
  assert.deepEqual(sent[2].positions.map(([x]) => x), [1], "but when the slider is held anew");
  sendAhead();
  sendAhead(); // asked for by another view of the picture
  assert.equal(sent.length, 3);
});

test("a slow scene is never asked ahead", () => {
  const { requests, sent } = picture();
  requests.hold("x");
  assert.deepEqual(sent, []);
});

test("a slider that the pointer is at brings what is around it, and no more", () => {
  const { requests, sent, sendAhead, x } = picture({ ahead: true, count: 99 });
  requests.approach("x");
  requests.approach("x");
  assert.equal(sent.length, 1, "asked once");
  for (let i = 0; i < 9 && sent.length > i; i++) sendAhead(...sent[i].positions);
  const asked = sent.flatMap(({ positions }) => positions.map(([state]) => state));
  assert.equal(asked.length, 23, "two dozen with the one that is there");
  assert.ok(asked.every((state) => Math.abs(state - 2) <= 24));
  assert.equal(x.held.value, 1, "and it does not move");
  requests.hold("x");
  assert.equal(sent.at(-1).positions.length, 12, "held, the rest follows");
});

for (const [first, then] of /** @type {const} */ ([["hold", "approach"], ["approach", "hold"]])) {
  test(`nothing is asked for twice when ${then} comes after ${first}`, () => {
    const { requests, sent, sendAhead } = picture({ ahead: true, count: 20 });
    requests[first]("x");
    requests[then]("x");
    for (let i = 0; i < 9 && sent.length > i; i++) sendAhead(...sent[i].positions);
    const asked = sent.flatMap(({ positions }) => positions.map(String));
    assert.equal(asked.length, 19);
    assert.deepEqual(asked, [...new Set(asked)]);
  });
}

test("where another control was moved to, what is around the held one is fetched too", () => {
  const { requests, sent, sendAhead, kind } = picture({ ahead: true });
  requests.hold("x");
  sendAhead(...sent[0].positions, [2, 1]);
  kind.set("index", 1);
  assert.deepEqual(sent[1].positions, [1, 3, 0, 4, 5, 6, 7, 8].map((state) => [state, 1]));
});

test("one control is moved back, and the others stay", () => {
  const { x, kind, controls } = twoControls();
  x.held.value = 4;
  kind.held.index = 2;
  controls.moveBack("x", [2, 0]);
  assert.deepEqual(controls.position(), [2, 2]);
  controls.moveBack(undefined, [2, 0]);
  assert.deepEqual(controls.position(), [2, 2]);
});
