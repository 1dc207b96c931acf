// Looks at every slide of a deck, all of its steps shown, and says what does not fit.
/**
 * @param {number} leastPixels The height of the smallest letters that can be read.
 * @returns What is wrong, by slide.
 */
(leastPixels) => {
  const deck = Reveal.getConfig();
  /** @type {{slide: string | undefined, number: string, wrong: string[]}[]} */
  const found = [];

  /**
   * By how many pixels a box passes each edge of another.
   * @param {DOMRect} box
   * @param {DOMRect} outer
   */
  function inner(box, outer) {
    const over = {
      left: outer.left - box.left,
      right: box.right - outer.right,
      top: outer.top - box.top,
      bottom: box.bottom - outer.bottom,
    };
    return Object.entries(over).filter(([, by]) => by > 1.5);
  }

  /**
   * The text that is drawn.
   * @param {Element} root
   */
  function* texts(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = /** @type {Text} */ (walker.currentNode);
      if (text.data.trim()) yield text;
    }
  }

  /** @param {Text} node */
  function boxOf(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getBoundingClientRect();
  }

  /** @param {Element} element */
  function seen(element) {
    return element.checkVisibility({ visibilityProperty: true }) && !element.closest("aside, noscript, script, option");
  }

  /**
   * Exponents and indices are smaller than what they belong to, which is looked at instead.
   * @param {Element} element
   */
  function isScript(element) {
    return element.closest("sup, sub, msup > :nth-child(2), msub > :nth-child(2), msubsup > :not(:first-child)");
  }

  /** @param {Element} element */
  function pixelsOf(element) {
    return parseFloat(getComputedStyle(element).fontSize) * (deck.width / innerWidth) * Reveal.getScale();
  }

  /**
   * @param {Element} slide
   * @returns {Element[]}
   */
  function blocksOf(slide) {
    return [...slide.querySelectorAll(":scope .text, :scope .code, :scope .output, :scope .lessons-predict, :scope .lessons-sliders, :scope .lessons-view, :scope img")]
      .filter((block) => seen(block) && block.getBoundingClientRect().height > 0);
  }

  /** @param {Element} block */
  function nameOf(block) {
    return block.className || block.tagName.toLowerCase();
  }

  /** @param {HTMLElement} slide */
  function ofSlide(slide) {
    /** @type {string[]} */
    const wrong = [];
    const page = slide.getBoundingClientRect();
    for (const block of blocksOf(slide)) {
      const name = nameOf(block);
      const box = block.getBoundingClientRect();
      for (const [side, by] of inner(box, page)) wrong.push(`${name} passes the ${side} edge by ${Math.ceil(by)} px`);
      // A formula may stand out of its line; only a program is drawn in a box.
      const wider = block.scrollWidth - block.clientWidth;
      if (wider > 1 && block.matches(".code, .output")) wrong.push(`${name} is too wide by ${wider} px`);
    }
    const blocks = blocksOf(slide);
    for (const [i, one] of blocks.entries()) {
      for (const other of blocks.slice(i + 1)) {
        const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        if (down > 1.5 && across > 1.5 && !one.contains(other)) {
          wrong.push(`${nameOf(one)} and ${nameOf(other)} overlap by ${Math.ceil(down)} px`);
        }
      }
    }
    for (const node of texts(slide)) {
      const element = node.parentElement;
      if (!element || !seen(element)) continue;
      for (const [side, by] of inner(boxOf(node), page)) {
        wrong.push(`"${node.data.trim().slice(0, 30)}" passes the ${side} edge by ${Math.ceil(by)} px`);
      }
      const size = pixelsOf(element);
      if (size < leastPixels && !isScript(element)) {
        wrong.push(`"${node.data.trim().slice(0, 30)}" is ${size.toFixed(1)} px high, not at least ${leastPixels}`);
      }
    }
    for (const image of slide.querySelectorAll("img")) {
      if (!image.naturalWidth) wrong.push(`the picture "${image.alt}" is damaged, and shows nothing`);
    }
    for (const picture of slide.querySelectorAll(".lessons-view [role=img]")) {
      const svg = picture.shadowRoot?.querySelector("svg");
      if (!svg) {
        wrong.push("the picture is missing");
        continue;
      }
      const box = svg.getBoundingClientRect();
      if (box.height < 100 || svg.querySelectorAll("path, image, use").length < 3) {
        wrong.push(`the picture is empty: ${Math.round(box.width)} by ${Math.round(box.height)} px`);
      }
      const units = svg.viewBox.baseVal;
      const zoom = Math.min(box.width / units.width, box.height / units.height) * (deck.width / innerWidth);
      // An exponent is a part of its text; the size of the largest part counts.
      for (const text of svg.querySelectorAll("text")) {
        if (!text.textContent.trim()) continue;
        const parts = [text, ...text.querySelectorAll("tspan")].filter((part) =>
          [...part.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.nodeValue?.trim()),
        );
        const size = Math.max(...parts.map((part) => parseFloat(getComputedStyle(part).fontSize))) * zoom;
        if (size < leastPixels - 0.05) {
          wrong.push(`"${text.textContent.trim().slice(0, 30)}" in the picture is ${size.toFixed(1)} px high, not at least ${leastPixels}`);
        }
      }
    }
    return wrong;
  }

  for (const slide of Reveal.getSlides()) {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v, 99);
    const all = ofSlide(slide);
    // A question, what is said to the answer, and the task, which comes after both.
    for (const form of slide.querySelectorAll("form")) {
      form.requestSubmit();
      all.push(...ofSlide(slide));
      form.querySelector("button")?.click();
      all.push(...ofSlide(slide));
    }
    const wrong = [...new Set(all)];
    if (wrong.length) found.push({ slide: slide.dataset.cell, number: `${h + 1}.${v + 1}`, wrong });
  }
  return found;
};
