// A deck: reveal.js with our keys, and a window for the lecturer. Stands behind embedded.js, in the
// same script.

// A presenter's remote sends these; a slider would take them for large steps.
const TURNS = { PageDown: () => Reveal.next(), PageUp: () => Reveal.prev() };

// A slider that has the focus keeps its keys, but for those of a remote, and Escape, which leaves it.
function keysOfControls(event) {
  if (!event.target.matches("input, select")) return;
  if (event.key in TURNS) {
    event.preventDefault();
    TURNS[event.key]();
  } else if (event.key === "Escape") {
    event.target.blur();
  }
  if (event.key !== "Tab") event.stopPropagation();
}

// The window of the lecturer: a clock, the notes of this slide, and what comes next. It has no
// script of its own, and no copy of the deck; this window writes into it.
class SpeakerWindow {
  open() {
    this.window = window.open("", "lessons-notes", "width=900,height=700");
    if (!this.window) return;
    this.begun ??= Date.now();
    const { document: page } = this.window;
    page.title = `Notes: ${document.title}`;
    page.documentElement.lang = document.documentElement.lang;
    const style = page.createElement("style");
    style.textContent = document.getElementById("notes-style").textContent;
    page.head.replaceChildren(style);
    this.clock = page.createElement("p");
    this.clock.className = "clock";
    this.notes = page.createElement("main");
    this.next = page.createElement("p");
    this.next.className = "next";
    page.body.replaceChildren(this.clock, this.notes, this.next);
    // Opened a second time, it is the same window: a listener more would turn two slides.
    this.window.onkeydown = (event) => this.turn(event);
    this.ticking ??= setInterval(() => this.tick(), 1000);
    this.tick();
    this.show();
  }

  turn(event) {
    const turns = { ...TURNS, ArrowRight: TURNS.PageDown, ArrowLeft: TURNS.PageUp, " ": TURNS.PageDown };
    if (turns[event.key]) {
      event.preventDefault();
      turns[event.key]();
    }
  }

  tick() {
    if (!this.clock || this.window.closed) return;
    const minutes = (Date.now() - this.begun) / 60000;
    const seconds = String(Math.floor((minutes % 1) * 60)).padStart(2, "0");
    const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.clock.textContent = `${now} · ${Math.floor(minutes)}:${seconds}`;
  }

  show() {
    if (!this.notes || this.window.closed) return;
    const notes = Reveal.getCurrentSlide().querySelector("aside.notes");
    const copy = [...(notes?.childNodes ?? [])].map((node) => this.window.document.importNode(node, true));
    this.notes.replaceChildren(...copy);
    const slides = Reveal.getSlides();
    const next = slides[slides.indexOf(Reveal.getCurrentSlide()) + 1];
    const words = next?.querySelector("h1, h2, h3, p")?.textContent.trim();
    this.next.textContent = next ? `Next: ${words ?? "a picture"}` : "The last slide.";
  }
}

const speaker = new SpeakerWindow();
document.addEventListener("keydown", keysOfControls, true);
await Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  maxScale: 4,
  center: false,
  display: "flex",
  hash: true,
  // Arrows to touch are for those who have no keys.
  controls: matchMedia("(pointer: coarse)").matches,
  slideNumber: "c/t",
  transition: "none",
  pdfSeparateFragments: false,
  pdfMaxPagesPerSlide: 1,
  scrollActivationWidth: null,
  keyboard: { 83: () => speaker.open() },
});
Reveal.on("slidechanged", () => speaker.show());
