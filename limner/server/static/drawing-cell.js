// @ts-check
/** The place of one picture while it is drawn, and afterwards: its box stands from the beginning, so that nothing jumps. */

import { fill, h, save, urlOf } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./api.js").Drawn} Drawn */
/**
 * @typedef {object} Cell
 * @property {HTMLElement} element
 * @property {() => void} start
 * @property {(partial: import("./api.js").Partial) => void} showPartial
 * @property {(drawn: Drawn) => void} showDrawn
 * @property {(words: string, why?: HTMLElement) => void} end the picture will not be drawn; a finished one stays
 */

const TICK_MS = 100;
/** @type {Record<string, string>} */
const RATIOS = { square: "1", landscape: "3 / 2", portrait: "2 / 3" };

/**
 * @param {object} parts
 * @param {import("./api.js").Order} parts.order
 * @param {number} parts.numPartials
 * @param {AbortSignal} parts.ended when URLs are given back
 * @param {(drawn: Drawn) => import("./dom.js").Child} [parts.actions] more to do with a finished picture
 * @returns {Cell}
 */
export function drawingCell({ order, numPartials, ended, actions }) {
  const image = h("img", { alt: order.prompt, hidden: true, decoding: "async" });
  const bar = h("div");
  const progress = h("div", { class: "progress", "aria-hidden": "true" }, bar);
  const box = h("div", { class: "picture picture--waiting", vars: { "--ratio": ratioOf(order.size) } }, image);
  const state = h("div", { class: "meta" }, "Waiting");
  const ways = h("div", { class: "card__line cell__ways" });
  const element = h("figure", { class: "card cell", "aria-busy": "true" }, box, progress, h("figcaption", null, state, ways));
  let isOver = false;
  let ticking = 0;

  /** @param {Blob} blob */
  const show = (blob) => {
    const shown = new AbortController();
    const old = image.dataset.url;
    image.src = urlOf(blob, AbortSignal.any([ended, shown.signal]));
    image.dataset.url = image.src;
    image.hidden = false;
    if (old) URL.revokeObjectURL(old);
  };
  const finish = () => {
    isOver = true;
    clearInterval(ticking);
    element.setAttribute("aria-busy", "false");
    box.classList.remove("picture--waiting");
    progress.classList.add("progress--over");
  };

  return {
    element,
    start() {
      const begun = performance.now();
      const tick = () => fill(state, h("span", null, "Drawing"), h("span", null, `${((performance.now() - begun) / 1000).toFixed(1)} s`));
      tick();
      ticking = setInterval(tick, TICK_MS);
      ended.addEventListener("abort", () => clearInterval(ticking), { once: true });
    },
    showPartial({ blob, index }) {
      bar.style.setProperty("--done", String((index + 1) / (numPartials + 1)));
      image.classList.add("is-partial");
      show(blob);
    },
    showDrawn(drawn) {
      bar.style.setProperty("--done", "1");
      image.classList.remove("is-partial");
      box.classList.toggle("checkerboard", drawn.background === "transparent");
      show(drawn.blob);
      finish();
      fill(state, h("span", null, `Seed ${drawn.seed}`), h("span", null, `${drawn.seconds.toFixed(1)} s`), h("span", null, `${drawn.usage.total_tokens} tokens`));
      fill(ways, usualActions(drawn), actions?.(drawn));
    },
    end(words, why) {
      if (isOver) return;
      finish();
      image.hidden = true;
      fill(state, words);
      if (why) ways.replaceWith(why);
    },
  };
}

/**
 * @param {Drawn} drawn
 * @returns {import("./dom.js").Child[]}
 */
function usualActions(drawn) {
  const download = () => save(drawn.blob, `${drawn.snapshot}-${drawn.seed}.${drawn.output_format}`);
  return [
    h("button", { class: "icon-button", type: "button", "aria-label": "Download", title: "Download", onClick: download }, icon("download")),
    drawn.id && iconLink("edit", "Use as input", `#/edit?picture=${encodeURIComponent(drawn.id)}`),
    drawn.id && iconLink("history", "Where it came from", `#/history?picture=${encodeURIComponent(drawn.id)}`),
  ];
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} href
 * @returns {HTMLElement}
 */
export function iconLink(name, label, href) {
  return h("a", { class: "icon-button", href, "aria-label": label, title: label }, icon(name));
}

/**
 * Return the shape that a size asks for, as CSS writes it; a square where it does not say.
 * @param {string} [size]
 * @returns {string}
 */
export function ratioOf(size = "auto") {
  const sides = /^(\d+)x(\d+)$/.exec(size);
  return sides ? `${sides[1]} / ${sides[2]}` : (RATIOS[size] ?? "1");
}
