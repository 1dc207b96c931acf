// The forms of a page in which exercises are answered: the reply to an answer appears below it.

import { judge, unpack } from "./judge.js";

/**
 * Returns what was typed, or for each key the choice that was made.
 * @param {HTMLFormElement} form
 * @param {import("./judge.js").Kind} kind
 */
function givenIn(form, { keys = [], choices = [] }) {
  const typed = form.querySelector("input");
  if (typed) return typed.value;
  const selects = [...form.querySelectorAll("select")];
  // The first option of each is blank: no choice yet.
  return Object.fromEntries(keys.map((key, i) => [key, choices[selects[i].selectedIndex - 1]]));
}

/**
 * Says how far an answer is, in the words of the notebook.
 * @param {HTMLFormElement} form
 */
function answered(form) {
  const table = unpack(form.dataset.table ?? "");
  const { verdict, hint } = judge(table, givenIn(form, table.kind));
  const said = document.createElement("strong");
  said.textContent = table.verdicts[verdict];
  form.querySelector("[aria-live]")?.replaceChildren(said, ` ${hint}`);
}

for (const form of document.querySelectorAll(/** @type {"form"} */ ("form.answer"))) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answered(form);
  });
}
