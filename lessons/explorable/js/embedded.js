// Sliders that need no kernel: every position came with the page. Stands behind view.js, in the
// same script.

async function contentOf(root) {
  const packed = atob(root.querySelector("script").textContent);
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// A native control, and the states that its positions stand for.
class FrozenControl {
  constructor(element, states) {
    this.element = element;
    this.name = element.dataset.control;
    this.states = states;
    this.shown = JSON.parse(element.dataset.shown || "null");
  }

  get position() {
    if (this.element.type === "checkbox") return Number(this.element.checked);
    return this.shown ? this.element.valueAsNumber : this.element.selectedIndex;
  }

  get state() {
    return this.states[this.position];
  }

  moveTo(state) {
    const position = this.states.findIndex(
      (each) => sameOnBothSides(each) === sameOnBothSides(state),
    );
    if (this.element.type === "checkbox") this.element.checked = Boolean(position);
    else if (this.shown) this.element.value = position;
    else this.element.selectedIndex = position;
  }

  say() {
    if (!this.shown) return;
    const words = this.shown[this.position];
    this.element.setAttribute("aria-valuetext", words);
    this.element.nextElementSibling.textContent = words;
  }
}

// Keeps room for the longest sentence, so that nothing jumps when a slider moves.
function keepRoom(stage, frames) {
  const longest = frames.reduce((most, { readout }) => (readout.length > most.length ? readout : most), "");
  const room = document.createElement("p");
  room.className = "readout room";
  room.setAttribute("aria-hidden", "true");
  room.textContent = longest;
  const words = document.createElement("div");
  words.className = "lessons-words";
  stage.readout.replaceWith(words);
  words.append(stage.readout, room);
}

async function thaw(root, onPaper) {
  const content = await contentOf(root);
  const frames = new Frames(Infinity);
  const all = unpack(content);
  for (const frame of all) frames.add(frame);
  const stage = new Stage(root, content);
  keepRoom(stage, all);
  const controls = [...root.querySelectorAll("[data-control]")].map(
    (element) => new FrozenControl(element, content.states[element.dataset.control]),
  );
  const at = { ...content.start };
  const show = () => {
    for (const control of controls) {
      at[control.name] = control.state;
      control.say();
    }
    stage.show(frames.get(at));
  };
  // A browser keeps what a form was set to when a page is opened again.
  for (const control of controls) control.moveTo(content.start[control.name]);
  root.addEventListener("input", show);
  show();
  if (onPaper) {
    for (const control of controls) control.moveTo(content.telling[control.name]);
    for (const control of controls) control.say();
    stage.show(frames.get(content.telling));
  }
}

async function thawAll() {
  const page = document.documentElement;
  // A print is made from a page of its own, or by reveal.js from a deck with this in its address.
  const onPaper = "paper" in page.dataset || /print-pdf/i.test(location.search);
  for (const root of document.querySelectorAll(".lessons-frozen")) {
    try {
      await thaw(root, onPaper);
    } catch (error) {
      const words = document.createElement("p");
      words.textContent = `This browser cannot show the picture (${error.message}). A newer one can.`;
      root.append(words);
    }
  }
  page.dataset.thawed = "";
}

thawAll();
