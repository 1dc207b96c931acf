// A slider that plays: it walks through its range and back, once, until somebody takes over. Nothing
// here needs a page.

/**
 * A slider as a player sees it; it makes a round trip, unless it has one of its own.
 * @typedef {{
 *   count: number,
 *   state: () => number,
 *   move: (state: number) => void,
 *   isReady: () => boolean,
 *   trip?: (count: number, here: number) => number[],
 * }} Playable
 */

// One way takes about this long; longer ranges leave states out, shorter ones rest at each.
const MILLISECONDS = 4000;
const QUICKEST = 50;
const SLOWEST = 400;

/**
 * The states at which a slider stops on its way from the beginning to the end.
 * @param {number} count How many states there are.
 */
function stopsOf(count) {
  const stride = Math.ceil((count * QUICKEST) / MILLISECONDS);
  return [...Array.from({ length: Math.ceil((count - 1) / stride) }, (_, i) => i * stride), count - 1];
}

/**
 * The states from where a slider stands up to the end; from the beginning, if it stands there.
 * @param {number} count
 * @param {number} here
 */
export function oneWay(count, here) {
  return stopsOf(count).filter((state) => here === count - 1 || state > here);
}

/**
 * The states that a slider passes from where it stands: up to the end, down to the beginning, and up
 * to where it stood.
 * @param {number} count How many states there are.
 * @param {number} here Where it stands.
 */
export function roundTrip(count, here) {
  const all = stopsOf(count);
  return [
    ...all.filter((state) => state > here),
    ...all.slice(0, -1).toReversed(),
    ...all.filter((state) => state > 0 && state < here),
    ...(here > 0 ? [here] : []),
  ];
}

/** Plays one slider. */
export class Player {
  /**
   * @param {Playable} slider
   * @param {(isPlaying: boolean) => void} tell Told when it begins and when it ends.
   */
  constructor(slider, tell) {
    this.slider = slider;
    this.tell = tell;
    /** @type {number[]} The states still to pass. */
    this.trip = [];
    /** Where the last step led. */
    this.last = -1;
    this.isPlaying = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * Plays, or pauses if it plays.
   * @param {boolean} isReduced Whether nothing is to move by itself: a press is one step then.
   */
  press(isReduced) {
    if (this.isPlaying) {
      this.pause();
    } else if (isReduced) {
      this.step();
    } else {
      this.isPlaying = true;
      this.tell(true);
      this.goOn();
    }
  }

  pause() {
    if (!this.isPlaying) return;
    clearTimeout(this.timer);
    this.isPlaying = false;
    this.tell(false);
  }

  goOn() {
    // A picture that is still being computed is waited for.
    if (!this.slider.isReady() || this.step()) {
      const pace = Math.min(Math.max(MILLISECONDS / this.slider.count, QUICKEST), SLOWEST);
      this.timer = setTimeout(() => this.goOn(), pace);
    } else {
      this.pause();
    }
  }

  /** Goes one step on, and tells whether there is more to come. */
  step() {
    const { count, state, move, trip = roundTrip } = this.slider;
    // Taken up again where it was left, it goes on in the same direction.
    if (this.trip.length === 0 || state() !== this.last) this.trip = trip(count, state());
    this.last = this.trip.shift() ?? 0;
    move(this.last);
    return this.trip.length > 0;
  }
}
