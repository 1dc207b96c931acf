// An embedded picture in a frame of a notebook's output: it takes the place and the height of the
// stored picture, once its script runs.

import "./embedded.js";

const frame = /** @type {HTMLElement} */ (window.frameElement);
const stored = /** @type {HTMLElement} */ (frame.previousElementSibling);
stored.style.display = "none";
const fit = () => {
  frame.style.height = `${document.body.scrollHeight}px`;
};
new ResizeObserver(fit).observe(document.body);
