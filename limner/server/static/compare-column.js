// @ts-check
/** One column of a comparison: what is its own, its picture, and whether it won. */

import { fill, h, uniqueId } from "./dom.js";
import { drawingCell } from "./drawing-cell.js";
import { icon } from "./icons.js";
import { savePrompt } from "./save-prompt.js";
import { selectField, textField } from "./settings-form.js";

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./api.js").Drawn} Drawn */
/** @typedef {{prompt?: string, quality?: string, model?: string, seed?: number}} Differences what a column has of its own */
/** @typedef {{order: Order, cell: import("./drawing-cell.js").Cell, finish: (drawn: Drawn) => void}} Taking one drawing of a column */
/**
 * @typedef {object} Column
 * @property {HTMLElement} element
 * @property {() => Differences} differences
 * @property {(shared: Order, ended: AbortSignal) => Taking} begin
 * @property {(isWinner: boolean) => void} setWinner
 * @property {(letter: string, canGo: boolean) => void} setName
 */

/**
 * @param {object} parts
 * @param {import("./main.js").Visit} parts.visit
 * @param {{id: string}[]} parts.models
 * @param {Differences} parts.differences
 * @param {(column: Column) => void} parts.onPick
 * @param {(column: Column) => void} parts.onRemove
 * @returns {Column}
 */
export function compareColumn({ visit, models, differences, onPick, onRemove }) {
  const { api, session } = visit;
  const promptId = uniqueId("prompt");
  const title = h("h2");
  const chip = h("span", { class: "chip chip--accent", hidden: true }, icon("winner"), "Winner");
  const prompt = h("textarea", { id: promptId, class: "input column__prompt", rows: 2, placeholder: "as above", value: differences.prompt ?? "" });
  const words = session.limits.qualities.includes("auto") ? session.limits.qualities : ["auto", ...session.limits.qualities];
  const quality = selectField("Quality", words.map((word) => [word, word]));
  const model = selectField("Model", [["", "default"], ...models.map(({ id }) => /** @type {[string, string]} */ ([id, id]))]);
  const seed = textField("Own seed", "as above");
  quality.write(differences.quality);
  model.write(differences.model);
  seed.write(differences.seed);
  const place = h("div", null, h("div", { class: "picture column__empty" }, icon("image")));
  const remove = h("button", { class: "icon-button", type: "button", onClick: () => onRemove(column) }, icon("close"));
  const element = h(
    "section",
    { class: "column panel" },
    h("div", { class: "card__line" }, title, chip, h("span", { class: "toolbar__gap" }), remove),
    place,
    h("div", { class: "field" }, h("label", { for: promptId }, "Own prompt"), prompt),
    h("div", { class: "pair" }, quality.element, seed.element),
    model.element,
  );

  /** @type {Column} */
  const column = {
    element,
    differences: () => ({ prompt: prompt.value.trim() || undefined, quality: quality.read(), model: model.read(), seed: seed.read() }),
    begin(shared, ended) {
      column.setWinner(false);
      const given = Object.entries(column.differences()).filter(([, value]) => value !== undefined);
      const order = /** @type {Order} */ ({ ...shared, ...Object.fromEntries(given) });
      const cell = drawingCell({ order, numPartials: api.numPartials, ended });
      fill(place, cell.element);
      const finish = (/** @type {Drawn} */ drawn) => {
        cell.showDrawn(drawn);
        place.append(verdict(api, { ...order, seed: drawn.seed }, drawn, () => onPick(column)));
      };
      return { order, cell, finish };
    },
    setWinner(isWinner) {
      element.classList.toggle("column--winner", isWinner);
      chip.hidden = !isWinner;
      element.querySelector(".column__pick")?.setAttribute("aria-pressed", String(isWinner));
    },
    setName(letter, canGo) {
      title.textContent = letter;
      element.setAttribute("aria-label", `Column ${letter}`);
      remove.setAttribute("aria-label", `Remove column ${letter}`);
      remove.disabled = !canGo;
    },
  };
  return column;
}

/**
 * @param {import("./api.js").Api} api
 * @param {Order} order
 * @param {Drawn} drawn
 * @param {() => void} pick
 * @returns {HTMLElement}
 */
function verdict(api, order, drawn, pick) {
  return h(
    "div",
    { class: "row column__verdict" },
    h("button", { class: "button button--small column__pick", type: "button", "aria-pressed": "false", onClick: pick }, icon("winner"), "Pick"),
    h("button", { class: "button button--small button--quiet column__save", type: "button", onClick: () => void savePrompt(api, order, { chosen: drawn.id }) }, icon("prompts"), "Save as a prompt"),
  );
}
