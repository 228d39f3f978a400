// @ts-check
/** Drawing all pictures of an order, each as a stream of its own, so that every one can be watched and stopped. */

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./api.js").Drawn} Drawn */
/** @typedef {import("./api.js").Partial} Partial */

const AT_ONCE = 3; // of the page: browsers open few connections to one server, and its other requests need some
const SEEDS = 2 ** 53;

/**
 * Return one order for each picture: picture i has the seed `seed + i`, as in an answer with `n`.
 * @param {Order} order
 * @returns {Order[]}
 */
export function singly({ n = 1, ...order }) {
  return Array.from({ length: n }, (_, index) => (typeof order.seed === "number" ? { ...order, seed: seedAfter(order.seed, index) } : order));
}

/**
 * @param {number} seed
 * @param {number} index
 * @returns {number}
 */
function seedAfter(seed, index) {
  return Number((BigInt(seed) + BigInt(index)) % BigInt(SEEDS));
}

/**
 * Draw orders, as many at once as the page may, whoever else draws. After one has failed no other begins, but those that have begun are
 * finished; then its error is thrown. Where they are independent the others begin all the same, and only `failed` hears of errors.
 * @param {import("./api.js").Api} api
 * @param {Order[]} orders
 * @param {object} on
 * @param {(index: number) => void} [on.started]
 * @param {(index: number, partial: Partial) => void} [on.partial]
 * @param {(index: number, drawn: Drawn) => void} [on.drawn]
 * @param {(index: number, error: unknown) => void} [on.failed]
 * @param {AbortSignal} signal ends those that have begun, too
 * @param {{areIndependent?: boolean}} [how]
 */
export async function drawAll(api, orders, on, signal, { areIndependent = false } = {}) {
  const failing = new AbortController();
  const beginning = AbortSignal.any([signal, failing.signal]);
  const work = async (/** @type {Order} */ order, /** @type {number} */ index) => {
    if (!(await takePlace(beginning))) return;
    try {
      on.started?.(index);
      const options = { signal, onPartial: (/** @type {Partial} */ partial) => on.partial?.(index, partial) };
      on.drawn?.(index, await (order.images ? api.edit(order, options) : api.draw(order, options)));
    } catch (error) {
      if (signal.aborted) return;
      on.failed?.(index, error);
      if (!areIndependent) failing.abort(error);
    } finally {
      givePlaceBack();
    }
  };
  await Promise.all(orders.map(work));
  signal.throwIfAborted();
  failing.signal.throwIfAborted();
}

let numDrawing = 0;
/** @type {(() => void)[]} */
let waiting = [];

/**
 * Wait for one of the page's places; says whether there is one, or `signal` came first.
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
async function takePlace(signal) {
  while (numDrawing >= AT_ONCE && !signal.aborted) {
    await /** @type {Promise<void>} */ (
      new Promise((wake) => {
        waiting.push(wake);
        signal.addEventListener("abort", () => wake(), { once: true });
      })
    );
  }
  if (signal.aborted) return false;
  numDrawing += 1;
  return true;
}

function givePlaceBack() {
  numDrawing -= 1;
  const all = waiting;
  waiting = [];
  for (const wake of all) wake(); // the first takes the place, the others wait again in their order
}
