// @ts-check
/** The public API of this server. Nothing else in the page speaks to it, and no rule of the server is repeated here. */

import { readEvents } from "./events.js";

/**
 * The body of `POST /v1/images/generations` or `/edits`, exactly as it is sent; `n` pictures have the seeds `seed`, `seed + 1` and so on.
 * @typedef {object} Order
 * @property {string} prompt
 * @property {string} [model]
 * @property {string} [size]
 * @property {string} [quality]
 * @property {string} [background]
 * @property {string} [output_format]
 * @property {number} [output_compression]
 * @property {number} [n]
 * @property {number} [seed]
 * @property {boolean} [keep]
 * @property {{image_url?: string, file_id?: string}[]} [images] with these it is an edit
 * @property {{image_url?: string, file_id?: string}} [mask]
 * @property {string} [mask_mode]
 * @property {string} [region]
 * @property {string} [canvas]
 * @property {string} [input_fidelity]
 */

/** @typedef {{blob: Blob, index: number}} Partial a picture on its way; `index` counts from 0 */

/**
 * A finished picture; `id` is of the kept picture, `seconds` from order to answer.
 * @typedef {object} Drawn
 * @property {Blob} blob
 * @property {string | null} id
 * @property {number} seed
 * @property {string} snapshot
 * @property {string | null} parent
 * @property {string} size
 * @property {string} quality
 * @property {string} background
 * @property {string} output_format
 * @property {{input_tokens: number, output_tokens: number, total_tokens: number}} usage
 * @property {number} seconds
 */

/** @typedef {{id: string, object: string, created_at: number, expires_at: number, bytes: number, width: number, height: number, kind: string,
 *   instruction: string, seed: number, snapshot: string, parent: string | null, settings: Record<string, any>}} Picture */
/** @typedef {{id: string, name: string, role: string, hint: string, created_at: number, expires_at: number | null, revoked_at: number | null,
 *   is_current?: boolean}} Key */
/** @typedef {{sizes: {min: number, max: number, multiple_of: number, max_ratio: number}, qualities: string[], formats: string[],
 *   backgrounds: string[], max_n: number, max_images: number, max_prompt_chars: number, max_partial_images: number, retention_days: number,
 *   [name: string]: any}} Limits */
/** @typedef {{object: "session", project_id: string, is_dev: boolean, key: Key | null, limits: Limits, version: string}} Session */
/** @typedef {{id: string, name: string, version: number, created_at: number, prompt: string, variables: string[], settings: Record<string, any>,
 *   inputs: string[], chosen: string | null, note: string | null}} Prompt */
/** @typedef {{date: string, requests: number, pictures: number, input_tokens: number, output_tokens: number, refused: number}} UsageDay */
/**
 * @template Item
 * @typedef {{data: Item[], first_id: string | null, last_id: string | null, has_more: boolean}} Page
 */

/** What the server, or the way to it, answered in place of what was asked for. */
export class ApiError extends Error {
  /** @param {{status: number, code: string | null, param: string | null, message: string, requestId: string | null}} facts */
  constructor({ status, code, param, message, requestId }) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.param = param;
    this.requestId = requestId;
  }
}

const [DAY_S, MAX_FILE_DAYS] = [86_400, 30]; // the longest life that the Files API gives to a file that ends
const UNREACHABLE = "The server cannot be reached. It may have stopped, or the connection was lost.";
const TORN = "The connection ended before the picture was finished. The server may have stopped.";

/** One caller of the API: with a key, or without one where the server asks for none. */
export class Api {
  /**
   * @param {{key: string | null, onUnauthorized?: (error: ApiError) => void}} session `onUnauthorized` hears that the key is no longer taken
   */
  constructor({ key, onUnauthorized = () => undefined }) {
    this.key = key;
    this.onUnauthorized = onUnauthorized;
    this.numPartials = 3;
  }

  /** @returns {Promise<Session>} */
  async session() {
    const session = await this.#json("GET", "limner/v1/session");
    this.numPartials = session.limits.max_partial_images;
    return session;
  }

  /**
   * Exchange the one-time token of a link for a key.
   * @param {string} token
   * @returns {Promise<{key: string, expires_at: number}>}
   */
  signIn(token) {
    return this.#json("POST", "limner/v1/sign-in", { token });
  }

  /** End the key, if it came from a link. */
  signOut() {
    return this.#json("DELETE", "limner/v1/session");
  }

  /** @returns {Promise<{data: {id: string, snapshot: string}[]}>} */
  models() {
    return this.#json("GET", "v1/models");
  }

  /** @returns {Promise<{data: Key[]}>} */
  keys() {
    return this.#json("GET", "limner/v1/keys");
  }

  /** @param {string} id */
  revokeKey(id) {
    return this.#json("DELETE", `limner/v1/keys/${encodeURIComponent(id)}`);
  }

  /**
   * @param {number} days
   * @returns {Promise<{days: UsageDay[], total: Record<string, number>}>}
   */
  usage(days) {
    return this.#json("GET", `limner/v1/usage?days=${days}`);
  }

  /**
   * @param {{limit?: number, order?: string, after?: string | null, search?: string, kind?: string, parent?: string}} [query]
   * @param {AbortSignal} [signal]
   * @returns {Promise<Page<Picture>>}
   */
  listPictures(query = {}, signal) {
    return this.#json("GET", `limner/v1/pictures${asQuery(query)}`, undefined, signal);
  }

  /**
   * @param {string} id
   * @returns {Promise<Picture>}
   */
  picture(id) {
    return this.#json("GET", `limner/v1/pictures/${encodeURIComponent(id)}`);
  }

  /**
   * Return a kept picture's exact pixels as PNG, or a small copy as WebP.
   * @param {string} id
   * @param {{signal?: AbortSignal, isSmall?: boolean}} [options]
   * @returns {Promise<Blob>}
   */
  async content(id, { signal, isSmall = false } = {}) {
    const part = isSmall ? "thumbnail" : "content";
    const answer = await this.#ask("GET", `limner/v1/pictures/${encodeURIComponent(id)}/${part}`, undefined, signal);
    return answer.blob();
  }

  /**
   * @param {string} id
   * @returns {Promise<Page<Picture>>}
   */
  lineage(id) {
    return this.#json("GET", `limner/v1/pictures/${encodeURIComponent(id)}/lineage`);
  }

  /**
   * Store a picture as a file, which orders may name by its id until so many days are over.
   * @param {Blob} blob
   * @param {string} name
   * @param {number} days
   * @returns {Promise<{id: string}>}
   */
  upload(blob, name, days) {
    const form = new FormData();
    form.append("purpose", "vision");
    form.append("expires_after[anchor]", "created_at");
    form.append("expires_after[seconds]", String(Math.min(days, MAX_FILE_DAYS) * DAY_S));
    form.append("file", blob, name);
    return this.#json("POST", "v1/files", form);
  }

  /** @param {string} id */
  deletePicture(id) {
    return this.#json("DELETE", `limner/v1/pictures/${encodeURIComponent(id)}`);
  }

  /**
   * @param {{limit?: number, after?: string | null, search?: string}} [query]
   * @returns {Promise<Page<Prompt>>}
   */
  listPrompts(query = {}) {
    return this.#json("GET", `limner/v1/prompts${asQuery(query)}`);
  }

  /**
   * @param {string} name
   * @returns {Promise<Prompt>} its newest version
   */
  prompt(name) {
    return this.#json("GET", `limner/v1/prompts/${encodeURIComponent(name)}`);
  }

  /**
   * @param {string} name
   * @returns {Promise<Page<Prompt>>}
   */
  promptVersions(name) {
    return this.#json("GET", `limner/v1/prompts/${encodeURIComponent(name)}/versions`);
  }

  /**
   * @param {string} name
   * @param {number} version
   * @returns {Promise<Prompt>}
   */
  promptVersion(name, version) {
    return this.#json("GET", `limner/v1/prompts/${encodeURIComponent(name)}/versions/${version}`);
  }

  /**
   * Save the next version of a prompt.
   * @param {{name: string, prompt: string, settings: Record<string, any>, inputs?: string[], chosen?: string | null, note?: string | null}} prompt
   * @returns {Promise<Prompt>}
   */
  savePrompt(prompt) {
    return this.#json("POST", "limner/v1/prompts", prompt);
  }

  /** @param {string} name */
  deletePrompt(name) {
    return this.#json("DELETE", `limner/v1/prompts/${encodeURIComponent(name)}`);
  }

  /**
   * Draw one picture of an order that has no `n` above 1.
   * @param {Order} order
   * @param {{onPartial?: (partial: Partial) => void, signal?: AbortSignal}} [options] aborting closes the stream, which stops the drawing
   * @returns {Promise<Drawn>}
   */
  draw(order, options = {}) {
    return this.#stream("v1/images/generations", order, options);
  }

  /**
   * Edit: an order with `images`.
   * @param {Order} order
   * @param {{onPartial?: (partial: Partial) => void, signal?: AbortSignal}} [options]
   * @returns {Promise<Drawn>}
   */
  edit(order, options = {}) {
    return this.#stream("v1/images/edits", order, options);
  }

  /**
   * @param {string} path
   * @param {Order} order
   * @param {{onPartial?: (partial: Partial) => void, signal?: AbortSignal}} options
   * @returns {Promise<Drawn>}
   */
  async #stream(path, order, { onPartial, signal }) {
    const begun = performance.now();
    const answer = await this.#ask("POST", path, { ...order, stream: true, partial_images: this.numPartials }, signal);
    try {
      for await (const { name, data } of readEvents(/** @type {ReadableStream<Uint8Array>} */ (answer.body))) {
        if (name === "error") throw asError(answer, data);
        const blob = decode(data.b64_json, data.output_format);
        if (name.endsWith(".completed")) return asDrawn(data, blob, (performance.now() - begun) / 1000);
        onPartial?.({ blob, index: data.partial_image_index });
      }
    } catch (error) {
      if (error instanceof ApiError || signal?.aborted) throw error;
      throw lost(TORN, answer);
    }
    throw lost(TORN, answer);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async #json(method, path, body, signal) {
    const answer = await this.#ask(method, path, body, signal);
    return answer.status === 204 ? null : answer.json();
  }

  /**
   * @param {string} method
   * @param {string} path relative to the page, so that the page also works below a path
   * @param {unknown} [body]
   * @param {AbortSignal} [signal]
   * @returns {Promise<Response>}
   */
  async #ask(method, path, body, signal) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (this.key) headers.authorization = `Bearer ${this.key}`;
    const isForm = body instanceof FormData; // whose content type the browser writes
    if (body !== undefined && !isForm) headers["content-type"] = "application/json";
    let answer;
    try {
      const sent = isForm || body === undefined ? body : JSON.stringify(body);
      answer = await fetch(new URL(path, document.baseURI), { method, headers, body: sent, signal, credentials: "omit", cache: "no-store" });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw lost(UNREACHABLE, null);
    }
    if (answer.ok) return answer;
    const error = asError(answer, await answer.json().catch(() => null));
    if (answer.status === 401 && this.key) this.onUnauthorized(error);
    throw error;
  }
}

/**
 * Say whether an error only means that somebody stopped waiting.
 * @param {unknown} error
 * @returns {boolean}
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/**
 * Load a part of the page, and say that the server is gone in the page's words rather than in the browser's.
 * @template Module
 * @param {() => Promise<Module>} load
 * @returns {Promise<Module>}
 */
export async function loadPart(load) {
  try {
    return await load();
  } catch (error) {
    throw error instanceof TypeError ? lost(UNREACHABLE, null) : error;
  }
}

/**
 * @param {Response} answer
 * @param {any} body
 * @returns {ApiError}
 */
function asError(answer, body) {
  const told = body?.error ?? {};
  return new ApiError({
    status: answer.status,
    code: told.code ?? null,
    param: told.param ?? null,
    message: told.message ?? `The server answered ${answer.status} ${answer.statusText}`.trim(),
    requestId: answer.headers.get("x-request-id"),
  });
}

/**
 * @param {string} message
 * @param {Response | null} answer
 * @returns {ApiError}
 */
function lost(message, answer) {
  return new ApiError({ status: 0, code: "connection_lost", param: null, message, requestId: answer?.headers.get("x-request-id") ?? null });
}

/**
 * @param {any} data
 * @param {Blob} blob
 * @param {number} seconds
 * @returns {Drawn}
 */
function asDrawn(data, blob, seconds) {
  const { size, quality, background, output_format, usage, limner } = data;
  const { picture_id: id, seed, snapshot, parent } = limner;
  return { blob, id, seed, snapshot, parent, size, quality, background, output_format, usage, seconds };
}

/**
 * @param {string} base64
 * @param {string} format
 * @returns {Blob}
 */
function decode(base64, format) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return new Blob([bytes], { type: `image/${format}` });
}

/**
 * @param {Record<string, string | number | null | undefined>} query what is empty is not asked
 * @returns {string}
 */
function asQuery(query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
}
