// A deck: reveal.js with our keys, and a window for the lecturer. Stands behind embedded.js, in the
// same script.

// A presenter's remote sends these; a slider would take them for large steps.
/** @type {Record<string, () => void>} */
const TURNS = { PageDown: () => Reveal.next(), PageUp: () => Reveal.prev() };

/**
 * A slider that has the focus keeps its keys, but for those of a remote, and Escape, which leaves it.
 * @param {KeyboardEvent} event
 */
function keysOfControls(event) {
  if (!(event.target instanceof HTMLElement && event.target.matches("[data-control]"))) return;
  if (event.key in TURNS) {
    event.preventDefault();
    TURNS[event.key]();
  } else if (event.key === "Escape") {
    event.target.blur();
  }
  if (event.key !== "Tab") event.stopPropagation();
}

/**
 * A copy of a slide with its pictures, to be put into another window.
 * @param {HTMLElement} slide
 * @param {Document} page Of that window.
 */
function copyOf(slide, page) {
  const copy = page.importNode(slide, true);
  const pictures = slide.querySelectorAll("[role=img]");
  for (const [i, picture] of copy.querySelectorAll("[role=img]").entries()) {
    const drawn = pictures[i].shadowRoot;
    if (!drawn) continue;
    picture.attachShadow({ mode: "open" }).innerHTML = drawn.innerHTML;
  }
  for (const each of copy.querySelectorAll("script, noscript, aside")) each.remove();
  for (const step of copy.querySelectorAll(".fragment")) step.classList.remove("fragment");
  copy.className = "present";
  copy.removeAttribute("hidden");
  copy.inert = true;
  const deck = page.createElement("div");
  deck.className = "reveal";
  deck.innerHTML = '<div class="slides"><section class="stack present"></section></div>';
  deck.querySelector("section")?.append(copy);
  return deck;
}

// The window of the lecturer: the time used and planned, this slide and the next, and the notes. It
// has no script of its own; this window writes into it.
class SpeakerWindow {
  // The window of a deck that was loaded again is not its own any more, and closed to it.
  name = `lessons-notes-${Date.now()}`;

  /** @type {number | undefined} */
  begun;

  /** @type {number | undefined} */
  ticking;

  open() {
    this.window = window.open("", this.name, "width=1100,height=800");
    const { page } = this;
    if (!this.window || !page) return;
    this.begun ??= Date.now();
    page.documentElement.lang = document.documentElement.lang;
    const style = page.createElement("style");
    style.textContent = [...document.querySelectorAll("style")].map((each) => each.textContent).join("");
    page.head.replaceChildren(style);
    page.title = `Notes: ${document.title}`;
    /** @type {(name: string, className: string) => HTMLElement} */
    const made = (name, className) => Object.assign(page.createElement(name), { className });
    this.clock = made("p", "clock");
    this.restart = Object.assign(made("button", "restart"), { textContent: "Start the clock again" });
    this.restart.onclick = () => {
      this.begun = Date.now();
      this.tick();
    };
    this.slides = made("div", "previews");
    this.notes = made("main", "");
    const head = made("header", "");
    head.append(Object.assign(made("h1", ""), { textContent: page.title }), this.clock, this.restart, this.slides);
    page.body.replaceChildren(head, this.notes);
    // Opened a second time, it is the same window: a listener more would turn two slides.
    this.window.onkeydown = (event) => this.turn(event);
    this.ticking ??= setInterval(() => this.tick(), 1000);
    this.show();
  }

  // The page of the window, as long as there is one to write into.
  get page() {
    return this.window && !this.window.closed ? this.window.document : undefined;
  }

  /** @param {KeyboardEvent} event */
  turn(event) {
    /** @type {typeof TURNS} */
    const turns = { ...TURNS, ArrowRight: TURNS.PageDown, ArrowLeft: TURNS.PageUp, " ": TURNS.PageDown };
    if (turns[event.key] && event.target !== this.restart) {
      event.preventDefault();
      turns[event.key]();
    }
  }

  tick() {
    if (!this.page || !this.clock || this.begun === undefined) return;
    const minutes = (Date.now() - this.begun) / 60000;
    const seconds = String(Math.floor((minutes % 1) * 60)).padStart(2, "0");
    const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const slides = Reveal.getSlides();
    const at = slides.indexOf(Reveal.getCurrentSlide());
    const planned = slides.slice(0, at + 1).reduce((sum, each) => sum + Number(each.dataset.minutes), 0);
    this.clock.textContent =
      `${now} · used ${Math.floor(minutes)}:${seconds} · planned ${planned}:00 · slide ${at + 1} of ${slides.length}`;
  }

  show() {
    const { page } = this;
    if (!page || !this.slides || !this.notes) return;
    const slides = Reveal.getSlides();
    const at = slides.indexOf(Reveal.getCurrentSlide());
    this.slides.replaceChildren(...slides.slice(at, at + 2).map((slide) => copyOf(slide, page)));
    const notes = slides[at].querySelector("aside.notes");
    this.notes.replaceChildren(...[...(notes?.childNodes ?? [])].map((node) => page.importNode(node, true)));
    this.tick();
  }

  leave() {
    if (!this.page || !this.clock || !this.slides || !this.notes) return;
    this.clock.textContent = "The slides were closed or loaded again: close this window, and press S there.";
    this.slides.replaceChildren();
    this.notes.replaceChildren();
  }
}

const speaker = new SpeakerWindow();
document.addEventListener("keydown", keysOfControls, true);
// A finger that moves a slider turns no slide.
for (const sliders of document.querySelectorAll(".lessons-sliders")) sliders.setAttribute("data-prevent-swipe", "");
// The questions of a task are asked one after the other, beside the slider that they need.
for (const question of document.querySelectorAll(".task ol > li:not(:first-child)")) {
  question.classList.add("fragment");
}
await Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  maxScale: 4,
  center: false,
  display: "flex",
  hash: true,
  // One key goes through all slides, in their order.
  navigationMode: "linear",
  // In the margins, where they cover nothing.
  controlsLayout: "edges",
  controlsBackArrows: "visible",
  controlsTutorial: false,
  slideNumber: "c/t",
  transition: "none",
  pdfSeparateFragments: false,
  pdfMaxPagesPerSlide: 1,
  scrollActivationWidth: null,
  keyboard: { 83: () => speaker.open() },
});
Reveal.on("slidechanged", () => {
  // A slider that is out of sight would keep the keys.
  const held = document.activeElement;
  if (held instanceof HTMLElement && held.matches("[data-control]")) held.blur();
  speaker.show();
});
addEventListener("pagehide", () => speaker.leave());
