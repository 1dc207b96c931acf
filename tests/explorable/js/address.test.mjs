// Positions in addresses: no browser here.

import assert from "node:assert/strict";
import { test } from "node:test";

import { writeFragment, readPosition, readScene } from "../../../lessons/explorable/js/address.js";

const SLIDERS = [
  { name: "low", words: ["−1.0", "0.0", "1.0"] },
  { name: "kind", words: ["sine & co", "a=b/c", "größer"] },
  { name: "scene", words: ["one", "two"] },
];

test("what is written is read again, whatever the words are", () => {
  for (const position of [[0, 0, 0], [2, 1, 1], [1, 2, 0]]) {
    const fragment = writeFragment("bounds slider", SLIDERS, position);
    assert.equal(readScene(fragment), "bounds slider");
    assert.deepEqual(readPosition(fragment, SLIDERS, [9, 9, 9]), position);
  }
});

test("an address reads as what the sliders show", () => {
  assert.equal(writeFragment("wave", SLIDERS.slice(0, 1), [2]), "#scene=wave&low=1.0");
  assert.equal(writeFragment("wave", SLIDERS.slice(0, 1), [0]), "#scene=wave&low=-1.0");
});

test("what is not named, or named wrongly, stays at its start", () => {
  for (const fragment of ["#scene=wave", "#scene=wave&low=7&kind=&more=1", "#scene=wave&low=%E0%A4%A"]) {
    assert.deepEqual(readPosition(fragment, SLIDERS, [1, 2, 0]), [1, 2, 0]);
  }
});

test("an address of a slide or a heading names no scene", () => {
  for (const fragment of ["", "#", "#/3/1", "#two-bounds", "#%E0%A4%A", "#%&="]) {
    assert.equal(readScene(fragment), null);
  }
});
