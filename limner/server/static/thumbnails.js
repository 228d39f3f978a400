// @ts-check
/** Small copies of kept pictures: few are fetched at once, and not all are held, so that a long history fills no memory. */

const MAX_HELD = 400; // some 10 KB each
const AT_ONCE = 4;

/** The small copies that one user of the page has seen last. */
export class Thumbnails {
  /** @type {Map<string, string>} */
  #urls = new Map();
  /** @type {(() => void)[]} */
  #waiting = [];
  #numLoading = 0;
  #api;

  /**
   * @param {import("./api.js").Api} api
   * @param {AbortSignal} ended when every URL is given back
   */
  constructor(api, ended) {
    this.#api = api;
    ended.addEventListener("abort", () => {
      for (const id of [...this.#urls.keys()]) this.forget(id);
    });
  }

  /**
   * Return the thumbnails of a visit's user.
   * @param {{api: import("./api.js").Api, memory: Map<string, any>, ended: AbortSignal}} visit
   * @returns {Thumbnails}
   */
  static of({ api, memory, ended }) {
    if (!memory.has("thumbnails")) memory.set("thumbnails", new Thumbnails(api, ended));
    return memory.get("thumbnails");
  }

  /**
   * Return a small copy's URL at once if it is held.
   * @param {string} id
   * @returns {string | undefined}
   */
  known(id) {
    return this.#urls.get(id);
  }

  /**
   * Return the URL of a small copy; it is held until many others were asked for.
   * @param {string} id
   * @param {AbortSignal} signal
   * @returns {Promise<string>}
   */
  async load(id, signal) {
    await this.#turn(signal);
    try {
      const url = this.#urls.get(id) ?? URL.createObjectURL(await this.#api.content(id, { signal, isSmall: true }));
      this.#urls.delete(id);
      this.#urls.set(id, url);
      if (this.#urls.size > MAX_HELD) this.forget(/** @type {string} */ (this.#urls.keys().next().value));
      return url;
    } finally {
      this.#numLoading -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** @param {string} id */
  forget(id) {
    const url = this.#urls.get(id);
    if (url) URL.revokeObjectURL(url);
    this.#urls.delete(id);
  }

  /** @param {AbortSignal} signal */
  async #turn(signal) {
    while (this.#numLoading >= AT_ONCE) await new Promise((resolve) => this.#waiting.push(() => resolve(null)));
    if (signal.aborted) {
      this.#waiting.shift()?.();
      signal.throwIfAborted();
    }
    this.#numLoading += 1;
  }
}
