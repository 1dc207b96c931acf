/** As much of reveal.js as decks call. */
declare const Reveal: {
  initialize(options: object): Promise<void>;
  getConfig(): { width: number; height: number };
  getScale(): number;
  getSlides(): HTMLElement[];
  getIndices(slide?: Element): { h: number; v: number; f: number };
  slide(h: number, v?: number, f?: number): void;
  [method: string]: (...args: any[]) => any;
};
