// A page: its pictures, its code to copy, and contents that say where one is.

import { COPY, copied, draw, iconButton } from "../explorable/js/buttons.js";
import "../explorable/js/embedded.js";

const NAME = "Copy the code";
const DONE = "M2 9l4 4 8-9";

/**
 * Puts a button on a box of code that copies it or, where that is not allowed, selects it.
 * @param {Element} box
 */
function makeCopyable(box) {
  const button = iconButton("copy", NAME, COPY);
  const code = box.querySelector("pre") ?? box;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let fading;
  button.addEventListener("click", async () => {
    if (!(await copied(code.textContent ?? ""))) return getSelection()?.selectAllChildren(code);
    draw(button, "The code is copied", DONE);
    clearTimeout(fading);
    fading = setTimeout(() => draw(button, NAME, COPY), 2000);
  });
  const frame = document.createElement("div");
  frame.className = "copyable";
  box.replaceWith(frame);
  frame.append(box, button);
}

/** Marks, in the contents, the section that is being read. */
function followReader() {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(".contents a");
  const headings = [...links].map(({ hash }) => document.getElementById(hash.slice(1)));
  const mark = () => {
    // A heading counts from the upper third of the window on.
    const passed = headings.filter((each) => each && each.getBoundingClientRect().top < innerHeight / 3);
    for (const [i, link] of links.entries()) {
      if (i === passed.length - 1) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}

for (const box of document.querySelectorAll(".code")) makeCopyable(box);
followReader();
