// @ts-check
/** Small copies of kept pictures, made once by the browser, so that two hundred of them scroll smoothly and fill no memory. */

const SIDE_PX = 480;
const MAX_KEPT = 400;
const AT_ONCE = 4;

/** The small copies that one user of the page has seen. */
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
   * Return a small copy's URL at once if there is one.
   * @param {string} id
   * @returns {string | undefined}
   */
  known(id) {
    return this.#urls.get(id);
  }

  /**
   * Return the URL of a small copy.
   * @param {string} id
   * @param {AbortSignal} signal
   * @returns {Promise<string>}
   */
  async load(id, signal) {
    await this.#turn(signal);
    try {
      const url = this.#urls.get(id) ?? URL.createObjectURL(await shrink(await this.#api.content(id, { signal })));
      this.#urls.delete(id);
      this.#urls.set(id, url);
      if (this.#urls.size > MAX_KEPT) this.forget(/** @type {string} */ (this.#urls.keys().next().value));
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

/**
 * @param {Blob} blob
 * @returns {Promise<Blob>}
 */
async function shrink(blob) {
  const whole = await createImageBitmap(blob);
  const scale = SIDE_PX / Math.max(whole.width, whole.height);
  if (scale >= 1) return blob;
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(whole.width * scale)), Math.max(1, Math.round(whole.height * scale)));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return canvas.convertToBlob({ type: "image/webp", quality: 0.9 });
}
