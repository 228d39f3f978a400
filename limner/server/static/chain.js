// @ts-check
/** Turns of an edit as a tree: every kept picture knows what it was made of, and any of them can be gone on from. */

/**
 * @typedef {object} Turn
 * @property {string} id
 * @property {string | null} parent
 * @property {string} instruction
 * @property {number} created_at
 */

export class Chain {
  constructor() {
    /** @type {Map<string, Turn>} */
    this.turns = new Map();
    /** @type {string | null} the turn that is gone on from */
    this.current = null;
    /** @type {string | null} the last turn of the branch that is shown; the current one, or one after it */
    this.tip = null;
  }

  /**
   * Take a turn that was just made, and go on from it.
   * @param {Turn} turn
   */
  add(turn) {
    this.turns.set(turn.id, turn);
    this.current = this.tip = turn.id;
  }

  /**
   * Learn of turns without going anywhere.
   * @param {Iterable<Turn>} turns
   */
  learn(turns) {
    for (const turn of turns) this.turns.set(turn.id, turn);
  }

  /**
   * Go to a turn; if it lies on the branch that is shown, what comes after it stays in sight.
   * @param {string} id
   */
  stepTo(id) {
    if (!this.path().some((turn) => turn.id === id)) this.tip = this.#lastAfter(id);
    this.current = id;
  }

  /**
   * Return the turns of the branch that is shown, the first one first.
   * @returns {Turn[]}
   */
  path() {
    const path = [];
    for (let turn = this.turns.get(this.tip ?? ""); turn; turn = this.turns.get(turn.parent ?? "")) path.unshift(turn);
    return path;
  }

  /**
   * Return the turns that were made of the same picture as this one, itself among them, the oldest first.
   * @param {string} id
   * @returns {Turn[]}
   */
  branches(id) {
    const turn = this.turns.get(id);
    return turn?.parent ? this.#children(turn.parent) : turn ? [turn] : [];
  }

  /**
   * Forget a turn; what was made of it stays.
   * @param {string} id
   */
  forget(id) {
    const turn = this.turns.get(id);
    this.turns.delete(id);
    if (this.tip === id) this.tip = turn?.parent && this.turns.has(turn.parent) ? turn.parent : null;
    if (this.current === id) this.current = this.tip;
  }

  /** @param {string} id */
  #children(id) {
    const made = [...this.turns.values()].filter((turn) => turn.parent === id);
    return made.sort((one, other) => one.created_at - other.created_at);
  }

  /** @param {string} id */
  #lastAfter(id) {
    let last = id;
    for (let next = this.#children(id).at(-1); next; next = this.#children(last).at(-1)) last = next.id;
    return last;
  }
}
