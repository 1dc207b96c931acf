// Judges an answer on a page, as checks.py does in a notebook, by the table that page.py has packed.

/**
 * An answer in a table, or the parts of one that count.
 * @typedef {{near: number} | {is: string | boolean} | {between: {from?: number, to?: number}}} Single
 * @typedef {Single | Pattern[] | {parts: Record<string, Pattern>}} Pattern
 *
 * What has been read from an answer, or a part of it.
 * @typedef {number | string | boolean | number[]} Value
 *
 * @typedef {object} Kind
 * @property {string} words
 * @property {number[]} [shape] Of numbers: empty for a single one.
 * @property {number} [turnedByBox] Of two numbers: also read how far a clip by value turns them.
 * @property {(string | number)[]} [keys] Of choices.
 * @property {(string | boolean)[]} [choices]
 * @property {string} [missing]
 *
 * @typedef {object} Table
 * @property {Record<"MISSING" | "KIND" | "WRONG" | "RIGHT", string>} verdicts
 * @property {{relative: number, absolute: number}} tolerance
 * @property {string} missing
 * @property {Kind} kind
 * @property {[Pattern, string][]} rows The right answer first.
 * @property {string} otherwise
 *
 * @typedef {object} Feedback
 * @property {keyof Table["verdicts"]} verdict
 * @property {string} hint
 */

/**
 * Unpacks what page.py has packed.
 * @param {string} packed
 * @returns {Table}
 */
export function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * Judges an answer.
 * @param {Table} table
 * @param {string | Record<string, string | boolean | null>} given What was typed; for choices, the
 *   one that was made for each key.
 * @returns {Feedback}
 */
export function judge(table, given) {
  const { kind } = table;
  if (typeof given === "string") {
    if (!given.trim()) return { verdict: "MISSING", hint: table.missing };
    const numbers = numbersIn(given, kind.shape ?? []);
    if (numbers === null) return { verdict: "KIND", hint: kind.words };
    if (!Array.isArray(numbers) || !kind.turnedByBox) return byRows(table, { given: numbers });
    return byRows(table, { given: numbers, turned: turnedByBox(numbers, kind.turnedByBox) });
  }
  /** @type {Record<string, string | boolean>} */
  const chosen = {};
  for (const key of kind.keys ?? []) {
    const choice = given[key] ?? null;
    if (choice === null) return { verdict: "MISSING", hint: filled(kind.missing ?? "", { key }) };
    chosen[key] = choice;
  }
  return byRows(table, chosen);
}

/**
 * @param {Table} table
 * @param {Record<string, Value>} read
 * @returns {Feedback}
 */
function byRows({ rows, otherwise, tolerance }, read) {
  const fits = rows.map(([pattern]) =>
    Object.entries(partsOf(pattern)).map(([name, each]) => matches(each, read[name], tolerance)),
  );
  const row = fits.findIndex((parts) => parts.every(Boolean));
  const right = partsOf(rows[0][0]);
  const places = Object.entries(read).map(([name, part]) => [name, shown(part, right[name])]);
  const hint = row < 0 ? otherwise : rows[row][1];
  const count = fits[0].filter(Boolean).length;
  return {
    verdict: row === 0 ? "RIGHT" : "WRONG",
    hint: filled(hint, { ...Object.fromEntries(places), right: count }),
  };
}

/**
 * Reads one number, or a list of them with or without brackets.
 * @param {string} text
 * @param {number[]} shape
 * @returns {number | number[] | null} null if it is anything else.
 */
function numbersIn(text, [count]) {
  const typed = text.trim().replaceAll("−", "-");
  if (count === undefined) return number(typed);
  const inside = typed.replace(/^[[(](.*)[\])]$/, "$1").trim();
  const numbers = inside.split(inside.includes(",") ? "," : /\s+/).map(number);
  const are = numbers.filter((each) => each !== null);
  return are.length === count && numbers.length === count ? are : null;
}

/**
 * @param {string} text
 * @returns {number | null}
 */
function number(text) {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/**
 * Returns by how many degrees, to a tenth, a clip to a box turns two numbers.
 * @param {number[]} arrow
 * @param {number} bound
 */
function turnedByBox(arrow, bound) {
  const clipped = arrow.map((each) => Math.min(Math.max(each, -bound), bound));
  const [before, after] = [arrow, clipped].map(([x, y]) => Math.atan2(y, x));
  return Math.round((Math.abs(before - after) * 1800) / Math.PI) / 10;
}

/**
 * @param {Pattern} pattern
 * @returns {Record<string, Pattern>}
 */
function partsOf(pattern) {
  return "parts" in pattern ? pattern.parts : { given: pattern };
}

/**
 * @param {Pattern} pattern
 * @param {Value} value
 * @param {Table["tolerance"]} tolerance
 * @returns {boolean}
 */
function matches(pattern, value, tolerance) {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((each, n) => matches(each, value[n], tolerance));
  }
  if ("is" in pattern) return value === pattern.is;
  if (typeof value !== "number" || "parts" in pattern) return false;
  if ("between" in pattern) {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = pattern.between;
    return from <= value && value <= to;
  }
  const size = Math.max(Math.abs(value), Math.abs(pattern.near));
  const { relative, absolute } = tolerance;
  return Math.abs(value - pattern.near) <= Math.max(relative * size, absolute);
}

/**
 * Writes numbers in four digits, or in as many as tell them from the right ones.
 * @param {Value} value
 * @param {Pattern | undefined} right
 * @returns {string}
 */
function shown(value, right) {
  const digits = [4, 8].find((each) => written(value, each) !== written(right, each));
  return written(value, digits ?? 17);
}

/**
 * @param {Value | Pattern | undefined} value
 * @param {number} digits
 * @returns {string}
 */
function written(value, digits) {
  if (Array.isArray(value)) return `[${value.map((each) => written(each, digits)).join(", ")}]`;
  if (typeof value === "object" && "near" in value) return written(value.near, digits);
  return typeof value === "number" ? rounded(value, digits) : `${value}`;
}

/**
 * Writes a number as Python's format "g" does.
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
function rounded(value, digits) {
  const [mantissa, power] = value.toExponential(digits - 1).split("e").map(Number);
  if (power >= -4 && power < digits) return `${Number(value.toPrecision(digits))}`;
  return `${mantissa}e${power < 0 ? "-" : "+"}${`${Math.abs(power)}`.padStart(2, "0")}`;
}

/**
 * Fills the named places of a sentence.
 * @param {string} words
 * @param {Record<string, string | number>} places
 * @returns {string}
 */
function filled(words, places) {
  return words.replace(/\{(\w+)\}/g, (_, name) => `${places[name]}`);
}
