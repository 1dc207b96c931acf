// A slider that plays, against a pretended one and a pretended clock: no browser here.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { oneWay, Player, roundTrip } from "../../../lessons/explorable/js/play.js";

test("a trip goes to the end, to the beginning, and back to where it began", () => {
  assert.deepEqual(roundTrip(4, 1), [2, 3, 2, 1, 0, 1]);
  assert.deepEqual(roundTrip(3, 0), [1, 2, 1, 0]);
  assert.deepEqual(roundTrip(3, 2), [1, 0, 1, 2]);
  assert.deepEqual(roundTrip(2, 1), [0, 1]);
});

test("a trip through a long range leaves states out, but neither end", () => {
  const trip = roundTrip(1000, 501);
  assert.ok(trip.length < 170, `${trip.length}`);
  assert.equal(Math.max(...trip), 999);
  assert.equal(Math.min(...trip), 0);
  assert.equal(trip.at(-1), 501);
});

test("one way goes from here to the end, and from there through all of it", () => {
  assert.deepEqual(oneWay(5, 1), [2, 3, 4]);
  assert.deepEqual(oneWay(5, 4), [0, 1, 2, 3, 4]);
  assert.deepEqual(oneWay(201, 200).slice(0, 3), [0, 3, 6]);
  assert.equal(oneWay(201, 200).at(-1), 200);
});

// A slider of five states, and a clock that goes on when the test says so.
function played({ count = 5, state = 3 } = {}) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const slider = {
    seen: [],
    isThere: true,
    count,
    state: () => state,
    isReady: () => slider.isThere,
    move(to) {
      state = to;
      slider.seen.push(to);
    },
  };
  const told = [];
  return { slider, told, player: new Player(slider, (isPlaying) => told.push(isPlaying)) };
}

// Node's clock runs what is set meanwhile only when it is asked again.
function pass(milliseconds) {
  for (let gone = 0; gone < milliseconds; gone += 50) mock.timers.tick(50);
}

test.afterEach(() => mock.timers.reset());

test("it plays once and says when it begins and ends", () => {
  const { slider, told, player } = played();
  player.press(false);
  assert.deepEqual(told, [true]);
  pass(20000);
  assert.deepEqual(slider.seen, [4, 3, 2, 1, 0, 1, 2, 3]);
  assert.deepEqual(told, [true, false]);
});

for (const count of [20, 200]) {
  test(`one way through ${count} states takes about four seconds`, () => {
    const { slider, player } = played({ count, state: 0 });
    player.press(false);
    pass(2000);
    assert.ok(Math.max(...slider.seen) < count - 1);
    pass(2000);
    assert.equal(Math.max(...slider.seen), count - 1);
  });
}

test("a second press pauses, and a third goes on in the same direction", () => {
  const { slider, told, player } = played();
  player.press(false);
  pass(800);
  player.press(false);
  pass(5000);
  assert.deepEqual(slider.seen, [4, 3, 2]);
  assert.deepEqual(told, [true, false]);
  player.press(false);
  assert.equal(slider.seen.at(-1), 1);
});

test("moved by hand meanwhile, it begins anew from there", () => {
  const { slider, player } = played();
  player.press(false);
  pass(800);
  player.pause();
  slider.move(1);
  player.press(false);
  assert.equal(slider.seen.at(-1), 2);
});

test("it waits for a picture that is not there yet", () => {
  const { slider, player } = played();
  player.press(false);
  slider.isThere = false;
  pass(5000);
  assert.deepEqual(slider.seen, [4]);
  slider.isThere = true;
  pass(400);
  assert.deepEqual(slider.seen, [4, 3]);
});

test("where nothing is to move by itself, a press is one step", () => {
  const { slider, told, player } = played();
  for (const _ of [1, 2, 3]) {
    player.press(true);
    player.pause(); // as any key does
    pass(5000);
  }
  assert.deepEqual(slider.seen, [4, 3, 2]);
  assert.deepEqual(told, []);
});
