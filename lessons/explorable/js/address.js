// A position in an address: #scene=NAME&SLIDER=WHAT IT SHOWS&... Words, not numbers of states, so
// that a link still leads there when a slider keeps other positions. Nothing here needs a page.

/**
 * A slider as an address sees it: its name, and what it shows in each state.
 * @typedef {{name: string, words: string[]}} Named
 */

/**
 * A word with the minus of a keyboard, which an address can hold as it is.
 * @param {string} word
 */
function plain(word) {
  return word.replaceAll("−", "-");
}

/**
 * The part of an address from the # on.
 * @param {string} scene
 * @param {Named[]} sliders
 * @param {number[]} position
 */
export function writeFragment(scene, sliders, position) {
  const shown = sliders.map(({ name, words }, i) => [name, plain(words[position[i]])]);
  return `#${new URLSearchParams([["scene", scene], ...shown])}`;
}

/**
 * The scene that an address names; null if it names none.
 * @param {string} fragment
 */
export function readScene(fragment) {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("scene");
}

/**
 * The position that an address names. What it does not name, or names wrongly, stays at its start.
 * @param {string} fragment
 * @param {Named[]} sliders
 * @param {number[]} start
 */
export function readPosition(fragment, sliders, start) {
  const named = new URLSearchParams(fragment.replace(/^#/, ""));
  return sliders.map(({ name, words }, i) => {
    // The last of this name: a slider may be called scene.
    const state = words.map(plain).indexOf(named.getAll(name).at(-1) ?? "");
    return state < 0 ? start[i] : state;
  });
}
