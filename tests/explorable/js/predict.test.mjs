// A prediction from the question to the free sliders: no browser here.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Prediction, verdict, verdictOnHands } from "../../../lessons/explorable/js/predict.js";

const asked = {
  question: "Which way does the dot go?",
  options: ["up", "down"],
  right: 1,
  because: "Gravity pulls.",
  proof: [3, 0],
};
const number = { ...asked, options: [], right: 4 };

function started(question = asked) {
  const freed = [];
  return { freed, prediction: new Prediction(question, (proof) => freed.push(proof)) };
}

test("an answer frees the sliders and leads to the position that proves it", () => {
  const { freed, prediction } = started();
  assert.equal(prediction.answer(1), "Right: down. Gravity pulls.");
  assert.deepEqual(freed, [[3, 0]]);
});

test("a wrong answer is set beside the right one", () => {
  const { freed, prediction } = started();
  assert.equal(prediction.answer(0), "You said: up. The answer: down. Gravity pulls.");
  assert.deepEqual(freed, [[3, 0]]);
});

test("without an answer the sliders stay where they are", () => {
  const { freed, prediction } = started();
  assert.match(prediction.answer(Number.NaN), /first/);
  assert.deepEqual(freed, []);
  assert.equal(prediction.isFree, false);
});

test("who passes over it gets the sliders, and no answer", () => {
  const { freed, prediction } = started();
  assert.doesNotMatch(prediction.skip(), /down/);
  assert.deepEqual(freed, [null]);
});

test("the sliders come free once", () => {
  const { freed, prediction } = started();
  prediction.answer(0);
  prediction.answer(1);
  prediction.skip();
  assert.equal(freed.length, 1);
});

test("a number is judged as a number", () => {
  assert.equal(verdict(number, 4), "Right: 4. Gravity pulls.");
  assert.equal(verdict(number, 16), "You said: 16. The answer: 4. Gravity pulls.");
});

test("the hands of a class are counted, if there were any", () => {
  assert.equal(verdictOnHands(asked, [18, 7]), "The answer: down. 7 of 25 said so. Gravity pulls.");
  assert.equal(verdictOnHands(asked, [0, 0]), "The answer: down. Gravity pulls.");
  const { freed, prediction } = started();
  prediction.count([1, 0]);
  assert.deepEqual(freed, [[3, 0]]);
});
