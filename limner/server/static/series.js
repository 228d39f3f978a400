// @ts-check
/** Drawing all pictures of an order, each as a stream of its own, so that every one can be watched and stopped. */

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./api.js").Drawn} Drawn */
/** @typedef {import("./api.js").Partial} Partial */

const AT_ONCE = 3; // browsers open few connections to one server, and the other rooms need some
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
 * Draw orders. The first that fails ends those that are not finished, and its error is thrown; finished pictures stay.
 * @param {import("./api.js").Api} api
 * @param {Order[]} orders
 * @param {object} on
 * @param {(index: number) => void} [on.started]
 * @param {(index: number, partial: Partial) => void} [on.partial]
 * @param {(index: number, drawn: Drawn) => void} [on.drawn]
 * @param {AbortSignal} signal
 */
export async function drawAll(api, orders, on, signal) {
  const failing = new AbortController();
  const any = AbortSignal.any([signal, failing.signal]);
  let next = 0;
  const work = async () => {
    while (next < orders.length && !any.aborted) {
      const index = next;
      next += 1;
      on.started?.(index);
      const options = { signal: any, onPartial: (/** @type {Partial} */ partial) => on.partial?.(index, partial) };
      const drawn = await (orders[index].images ? api.edit(orders[index], options) : api.draw(orders[index], options));
      on.drawn?.(index, drawn);
    }
  };
  const workers = Array.from({ length: Math.min(AT_ONCE, orders.length) }, () =>
    work().catch((error) => {
      if (!failing.signal.aborted) failing.abort(error);
    }),
  );
  await Promise.all(workers);
  signal.throwIfAborted();
  if (failing.signal.aborted) throw failing.signal.reason;
}
