// A question that is answered before sliders come free: the reply to an answer, and the form that
// asks. In front of a class hands are counted.

/**
 * What Python asks. Without options the answer is a whole number, and `right` is that number; with
 * options it is the index of the right one. The proof is the position at which the answer is seen.
 * @typedef {{
 *   question: string,
 *   options: string[],
 *   right: number,
 *   because: string,
 *   proof: any[],
 * }} Asked
 */

const NOTHING_SAID = "Choose an answer first.";
const FREE = "The sliders are free.";

/**
 * The right answer in words.
 * @param {Asked} asked
 */
function rightOf({ options, right }) {
  return options.length > 0 ? options[right] : String(right);
}

/**
 * The reply to one answer: the index of an option, or a number.
 * @param {Asked} asked
 * @param {number} said
 */
export function verdict(asked, said) {
  const right = rightOf(asked);
  if (said === asked.right) return `Right: ${right}. ${asked.because}`;
  const given = asked.options.length > 0 ? asked.options[said] : String(said);
  return `You said: ${given}. The answer: ${right}. ${asked.because}`;
}

/**
 * The reply to a class, from the number of hands for each option.
 * @param {Asked} asked
 * @param {number[]} hands
 */
export function verdictOnHands(asked, hands) {
  const all = hands.reduce((sum, each) => sum + each, 0);
  const share = all > 0 ? ` ${hands[asked.right]} of ${all} said so.` : "";
  return `The answer: ${rightOf(asked)}.${share} ${asked.because}`;
}

/** Whether the sliders are free yet; they come free once. */
export class Prediction {
  /**
   * @param {Asked} asked
   * @param {(proof: any[] | null) => void} free Frees the sliders, and moves them to the proof if there is
   *   an answer to prove.
   */
  constructor(asked, free) {
    this.asked = asked;
    this.free = free;
    this.isFree = false;
  }

  /**
   * Takes an answer; returns the reply.
   * @param {number} said NaN for none.
   */
  answer(said) {
    return Number.isNaN(said) ? NOTHING_SAID : this.end(verdict(this.asked, said), this.asked.proof);
  }

  /**
   * Takes the hands of a class; returns the reply.
   * @param {number[]} hands
   */
  count(hands) {
    return this.end(verdictOnHands(this.asked, hands), this.asked.proof);
  }

  /** Frees the sliders without an answer. */
  skip() {
    return this.end(FREE, null);
  }

  /**
   * @param {string} words
   * @param {any[] | null} proof
   */
  end(words, proof) {
    if (!this.isFree) {
      this.isFree = true;
      this.free(proof);
    }
    return words;
  }
}

/**
 * @param {"form" | "fieldset" | "legend" | "label" | "p" | "div" | "button"} tag
 * @param {string} className
 * @param {(Node | string)[]} children
 */
function make(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** The form in which a prediction is asked for. */
export class PredictionForm {
  /**
   * @param {Asked} asked
   * @param {boolean} isClass Whether hands are counted.
   * @param {(proof: any[] | null) => void} free
   */
  constructor(asked, isClass, free) {
    this.prediction = new Prediction(asked, free);
    this.isClass = isClass;
    this.isCounted = isClass && asked.options.length > 0;
    this.inputs = (asked.options.length > 0 ? asked.options : [""]).map((_, i) => this.input(i));
    const answers = this.inputs.map((input, i) => make("label", "", input, asked.options[i] ?? ""));
    const commit = make("button", "", isClass ? "Show" : "That is my answer");
    const skip = make("button", "lessons-skip", "Just let me move it");
    skip.setAttribute("type", "button");
    skip.addEventListener("click", () => this.skip());
    const buttons = make("div", "lessons-commit", commit, skip);
    this.answers = make("div", "lessons-answers", make("div", "lessons-options", ...answers), buttons);
    this.said = make("p", "lessons-verdict");
    this.said.setAttribute("role", "status");
    this.said.tabIndex = -1;
    const legend = make("legend", "", `Predict first. ${asked.question}`);
    const choice = make("fieldset", "", legend, this.answers);
    this.element = make("form", "lessons-predict", choice, this.said);
    this.element.setAttribute("novalidate", "");
    this.element.setAttribute("autocomplete", "off");
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
  }

  /** @param {number} i */
  input(i) {
    const input = document.createElement("input");
    const { options, question } = this.prediction.asked;
    input.type = options.length > 0 && !this.isCounted ? "radio" : "number";
    input.name = "answer";
    input.value = input.type === "radio" ? String(i) : "";
    if (this.isCounted) input.min = "0";
    if (options.length === 0) input.setAttribute("aria-label", question);
    if (this.isCounted) input.setAttribute("aria-label", `Hands for: ${options[i]}`);
    return input;
  }

  /** The number that was typed or chosen; NaN for none. */
  given() {
    const chosen = this.inputs.find(({ type, checked }) => type === "number" || checked);
    return chosen ? Number.parseFloat(chosen.value) : Number.NaN;
  }

  submit() {
    const { prediction } = this;
    const hands = this.inputs.map(({ valueAsNumber }) => Math.max(valueAsNumber, 0) || 0);
    const said = this.given();
    // A class may say its number aloud.
    const isShown = this.isCounted || (this.isClass && Number.isNaN(said));
    this.tell(isShown ? prediction.count(hands) : prediction.answer(said));
  }

  /** A button that gives the slide back to its task, once the class has seen the answer. */
  goOn() {
    const button = make("button", "", "Go on");
    button.setAttribute("type", "button");
    button.addEventListener("click", () => this.element.remove());
    return button;
  }

  /** Frees the sliders without an answer. */
  skip() {
    if (!this.prediction.isFree) this.tell(this.prediction.skip());
  }

  /** @param {string} words */
  tell(words) {
    this.said.textContent = words;
    if (!this.prediction.isFree) return;
    const hadFocus = this.element.contains(document.activeElement);
    this.answers.remove();
    if (this.isClass) this.element.append(this.goOn());
    // The button that was pressed is gone, and with it the keyboard's place on the page.
    if (hadFocus) this.said.focus({ preventScroll: true });
  }
}
