// The small buttons beside a picture and its sliders.

import { Player } from "./play.js";

// Drawn on 16 by 16.
const PLAY = "M4 2v12l10-6z";
const PAUSE = "M3 2h4v12H3zM9 2h4v12H9z";
export const COPY = "M5 5V2h9v9h-3M2 5h9v9H2z";
export const LINK =
  "M6.5 9.5l3-3M7 4.5l1.6-1.6a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.6 1.6a3.2 3.2 0 0 1-4.5-4.5L4.5 7";

/**
 * A button with a sign in place of words.
 * @param {string} sign
 * @param {string} words What it does.
 * @param {() => void} press
 */
export function button(sign, words, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.title = words;
  made.setAttribute("aria-label", words);
  made.addEventListener("click", press);
  return made;
}

/**
 * @param {string} kind A class for it.
 * @param {string} name What it does.
 * @param {string} icon The path of its icon.
 */
export function iconButton(kind, name, icon) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `lessons-button ${kind}`;
  button.innerHTML = '<svg viewBox="0 0 16 16" aria-hidden="true"><path/></svg>';
  draw(button, name, icon);
  return button;
}

/**
 * @param {Element} button
 * @param {string} name
 * @param {string} icon
 */
export function draw(button, name, icon) {
  button.setAttribute("aria-label", name);
  button.setAttribute("title", name);
  button.querySelector("path")?.setAttribute("d", icon);
}

/**
 * Tells whether an element can be seen; one on a slide that is turned away cannot.
 * @param {Element} element
 */
export function isSeen(element) {
  return element.checkVisibility?.({ checkVisibilityCSS: true }) ?? true;
}

/**
 * Copies a text; tells whether that was allowed.
 * @param {string} text
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The button that plays a slider. */
export class PlayButton {
  /**
   * @param {string} label What the slider is called.
   * @param {import("./play.js").Playable} slider
   * @param {(isPlaying: boolean) => void} tell
   */
  constructor(label, slider, tell) {
    this.label = label;
    this.reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
    this.element = iconButton("lessons-play", this.nameFor(false), PLAY);
    this.player = new Player(slider, (isPlaying) => {
      draw(this.element, this.nameFor(isPlaying), isPlaying ? PAUSE : PLAY);
      tell(isPlaying);
    });
    this.element.addEventListener("click", () => this.player.press(this.reducedMotion.matches));
  }

  /** @param {boolean} isPlaying */
  nameFor(isPlaying) {
    const press = this.reducedMotion.matches ? "One step" : "Play";
    return `${isPlaying ? "Pause" : press}: ${this.label}`;
  }

  /**
   * Pauses when somebody takes over, by the pointer or a key; its own button pauses by itself.
   * @param {Event} event
   */
  yieldTo(event) {
    const isOwn = event.target instanceof Node && this.element.contains(event.target);
    const isTab = event instanceof KeyboardEvent && event.key === "Tab";
    if (!isOwn && !isTab) this.player.pause();
  }
}
