// @ts-check
/**
 * Which pixels of a picture are drawn anew, exactly: a pixel is or is not, there is no half.
 *
 * Places are in pixels of the picture with its top left corner at 0, 0, whatever size it is shown at; they need not be whole, and may
 * lie outside.
 */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{left: number, top: number, width: number, height: number}} Box  whole pixels, inside the picture */
/** @typedef {Uint32Array} Runs  how many pixels in a row are kept, then drawn anew, then kept, and so on */

export class Mask {
  /**
   * @param {number} width
   * @param {number} height
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height); // 1 is drawn anew
  }

  /**
   * Mark what a round brush of a diameter covers on its way, or unmark it; returns the box in which something may have changed.
   * @param {Point} from
   * @param {Point} to
   * @param {number} diameter
   * @param {boolean} isMarked
   * @returns {Box | null}
   */
  stroke(from, to, diameter, isMarked) {
    const radius = Math.max(diameter, 1) / 2;
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - radius));
    const bottom = Math.min(this.height, Math.ceil(Math.max(from.y, to.y) + radius));
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - radius));
    const right = Math.min(this.width, Math.ceil(Math.max(from.x, to.x) + radius));
    if (top >= bottom || left >= right) return null;
    const corners = sides(from, to, radius);
    for (let row = top; row < bottom; row += 1) {
      const [first, last] = across(from, to, radius, corners, row + 0.5);
      this.#mark(row, Math.ceil(first - 0.5), Math.floor(last - 0.5) + 1, isMarked);
    }
    this.#mark(Math.floor(to.y), Math.floor(to.x), Math.floor(to.x) + 1, isMarked); // however thin the brush
    return { left, top, width: right - left, height: bottom - top };
  }

  /**
   * Mark every pixel that a box between two points touches, or unmark them.
   * @param {Point} from
   * @param {Point} to
   * @param {boolean} isMarked
   * @returns {Box | null}
   */
  fillBox(from, to, isMarked) {
    const box = this.boxBetween(from, to);
    for (let row = box?.top ?? 0; box && row < box.top + box.height; row += 1) this.#mark(row, box.left, box.left + box.width, isMarked);
    return box;
  }

  /**
   * Return the pixels that a box between two points touches, null if none.
   * @param {Point} from
   * @param {Point} to
   * @returns {Box | null}
   */
  boxBetween(from, to) {
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x)));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y)));
    const width = Math.min(this.width, Math.ceil(Math.max(from.x, to.x))) - left;
    const height = Math.min(this.height, Math.ceil(Math.max(from.y, to.y))) - top;
    return width > 0 && height > 0 ? { left, top, width, height } : null;
  }

  /** Mark what is not marked, and the other way round. */
  invert() {
    for (let index = 0; index < this.pixels.length; index += 1) this.pixels[index] ^= 1;
  }

  /** Mark nothing. */
  clear() {
    this.pixels.fill(0);
  }

  /**
   * Return all that is marked, in little room.
   * @returns {Runs}
   */
  save() {
    const runs = [];
    for (let start = 0, value = 0; start < this.pixels.length; value ^= 1) {
      const found = this.pixels.indexOf(value ^ 1, start);
      const end = found < 0 ? this.pixels.length : found;
      runs.push(end - start);
      start = end;
    }
    return Uint32Array.from(runs);
  }

  /**
   * Mark what was marked when it was saved.
   * @param {Runs} runs
   */
  restore(runs) {
    let start = 0;
    runs.forEach((count, index) => {
      this.pixels.fill(index % 2, start, start + count);
      start += count;
    });
  }

  /**
   * @param {number} row
   * @param {number} first
   * @param {number} end
   * @param {boolean} isMarked
   */
  #mark(row, first, end, isMarked) {
    if (row < 0 || row >= this.height || first >= this.width || end <= 0 || end <= first) return;
    this.pixels.fill(isMarked ? 1 : 0, row * this.width + Math.max(first, 0), row * this.width + Math.min(end, this.width));
  }
}

/**
 * Return how many pixels are marked.
 * @param {Runs} runs
 * @returns {number}
 */
export function countMarked(runs) {
  return runs.reduce((sum, count, index) => (index % 2 ? sum + count : sum), 0);
}

/**
 * States that can be gone back to and forth.
 * @template State
 */
export class Steps {
  /**
   * @param {State} first
   * @param {number} [limit]  how many are remembered
   */
  constructor(first, limit = 200) {
    this.states = [first];
    this.at = 0;
    this.limit = limit;
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.states.length - 1;
  }

  /** @returns {State} */
  get current() {
    return this.states[this.at];
  }

  /**
   * Take a new state; what was undone is gone.
   * @param {State} state
   */
  add(state) {
    this.states = [...this.states.slice(0, this.at + 1), state].slice(-this.limit);
    this.at = this.states.length - 1;
  }

  /** @returns {State} */
  undo() {
    this.at = Math.max(0, this.at - 1);
    return this.current;
  }

  /** @returns {State} */
  redo() {
    this.at = Math.min(this.states.length - 1, this.at + 1);
    return this.current;
  }
}

/**
 * Return the corners of the straight part of a stroke, one after the other around it.
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @returns {Point[]}
 */
function sides(from, to, radius) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (!length) return [];
  const x = ((from.y - to.y) / length) * radius;
  const y = ((to.x - from.x) / length) * radius;
  return [
    { x: from.x + x, y: from.y + y },
    { x: to.x + x, y: to.y + y },
    { x: to.x - x, y: to.y - y },
    { x: from.x - x, y: from.y - y },
  ];
}

/**
 * Return from where to where a stroke covers a row, the first above the last if it does not.
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @param {Point[]} corners
 * @param {number} y
 * @returns {[number, number]}
 */
function across(from, to, radius, corners, y) {
  let first = Infinity;
  let last = -Infinity;
  for (const end of [from, to]) {
    const half = Math.sqrt(radius ** 2 - (y - end.y) ** 2);
    if (Number.isNaN(half)) continue;
    first = Math.min(first, end.x - half);
    last = Math.max(last, end.x + half);
  }
  corners.forEach((corner, index) => {
    const next = corners[(index + 1) % corners.length];
    if (corner.y < y === next.y < y) return;
    const x = corner.x + ((y - corner.y) / (next.y - corner.y)) * (next.x - corner.x);
    first = Math.min(first, x);
    last = Math.max(last, x);
  });
  return [first, last];
}
