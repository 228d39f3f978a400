// @ts-check
/** The room where orders stand side by side: words, seeds, qualities or models differ, and one of them wins. */

import { isAbort } from "./api.js";
import { compareColumn } from "./compare-column.js";
import { fill, h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { errorBox } from "./notices.js";
import { drawAll } from "./series.js";
import { modelsOf, segmented, settingsForm, textField } from "./settings-form.js";

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./main.js").Visit} Visit */
/** @typedef {import("./compare-column.js").Column} Column */
/** @typedef {import("./compare-column.js").Differences} Differences */

const FIRST_COLUMNS = 4;
const [VARIED, SAME] = ["varied", "same for all"];

/**
 * @param {HTMLElement} main
 * @param {Visit} visit
 */
export async function show(main, visit) {
  const { memory } = visit;
  if (!memory.has("compare")) memory.set("compare", makeRoom(visit, await modelsOf(visit)));
  main.append(memory.get("compare"));
}

/**
 * @param {Visit} visit
 * @param {{id: string, snapshot: string}[]} models
 * @returns {HTMLElement}
 */
function makeRoom(visit, models) {
  const { api, session, ended } = visit;
  const { limits } = session;
  const promptId = uniqueId("prompt");
  const prompt = h("textarea", { id: promptId, class: "input", placeholder: "The words of every column that has none of its own" });
  const settings = settingsForm({ limits, models, only: ["size", "background"] });
  const seedMode = segmented("Seeds", [VARIED, SAME]);
  const seed = textField("Seed of all columns", "any");
  const showSeed = () => {
    seed.element.hidden = seedMode.read() !== SAME;
  };
  const setSeeds = (/** @type {string} */ mode) => (seedMode.write(mode), showSeed());
  seedMode.element.addEventListener("change", showSeed);
  showSeed();
  const columns = /** @type {Column[]} */ ([]);
  const place = h("div", { class: "columns", role: "group", "aria-label": "Columns", tabindex: "0" });
  const trouble = h("div");
  let running = /** @type {AbortController | null} */ (null);

  /** @param {Differences} [differences] */
  const add = (differences = {}) => {
    const column = compareColumn({ visit, models, differences, onPick: pick, onRemove: remove });
    columns.push(column);
    place.append(column.element);
    name();
  };
  /** @param {Column} column */
  const remove = (column) => {
    columns.splice(columns.indexOf(column), 1);
    column.element.remove();
    name();
  };
  /** @param {Column} column */
  const pick = (column) => {
    for (const other of columns) other.setWinner(other === column);
  };
  const name = () => columns.forEach((column, index) => column.setName(String.fromCharCode(65 + index), columns.length > 1));
  /** @param {Differences[]} each */
  const replaceWith = (each) => {
    for (const column of [...columns]) remove(column);
    each.forEach(add);
  };

  const start = h("button", { class: "button button--primary", type: "submit" }, icon("draw"), "Draw all");
  const stop = h("button", { class: "button", type: "button", hidden: true, onClick: () => running?.abort() }, icon("stop"), "Stop");
  const form = h("form", { class: "room compare" });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running = new AbortController();
    [start.hidden, stop.hidden] = [true, false];
    fill(trouble);
    const common = seedMode.read() === SAME ? (seed.read() ?? anySeed()) : undefined;
    const shared = { prompt: prompt.value, ...settings.read(), seed: common, keep: true };
    const taking = columns.map((column) => column.begin(shared, ended));
    const on = {
      started: (/** @type {number} */ index) => taking[index].cell.start(),
      partial: (/** @type {number} */ index, /** @type {import("./api.js").Partial} */ partial) => taking[index].cell.showPartial(partial),
      drawn: (/** @type {number} */ index, /** @type {import("./api.js").Drawn} */ drawn) => taking[index].finish(drawn),
      failed: (/** @type {number} */ index, /** @type {unknown} */ error) => taking[index].cell.end("Not drawn", errorBox(error)),
    };
    try {
      await drawAll(api, taking.map(({ order }) => order), on, AbortSignal.any([ended, running.signal]), { areIndependent: true });
    } catch (error) {
      for (const { cell } of taking) cell.end(isAbort(error) ? "Stopped" : "Not drawn");
      if (!isAbort(error)) fill(trouble, errorBox(error));
    } finally {
      [start.hidden, stop.hidden] = [false, true];
    }
  });

  const snapshots = models.filter(({ id, snapshot }) => id === snapshot);
  const presets = [
    preset("Four seeds", () => (setSeeds(VARIED), replaceWith(Array.from({ length: FIRST_COLUMNS }, () => ({}))))),
    preset("Every quality", () => (setSeeds(SAME), replaceWith(limits.qualities.filter((word) => word !== "auto").map((quality) => ({ quality }))))),
    preset("Every model", () => (setSeeds(SAME), replaceWith(snapshots.map(({ id }) => ({ model: id }))))),
  ];
  form.append(
    h("div", { class: "room__head" }, h("h1", null, "Compare"), h("div", { class: "row" }, h("button", { class: "button", type: "button", onClick: () => add(columns.at(-1)?.differences()) }, icon("add"), "Add a column"), start, stop)),
    h(
      "div",
      { class: "panel compare__shared" },
      h("div", { class: "field" }, h("label", { for: promptId }, "Prompt of all columns"), prompt, h("div", { class: "row" }, h("span", { class: "hint" }, "Set up"), presets)),
      settings.element,
      h("div", { class: "stack" }, seedMode.element, seed.element),
    ),
    trouble,
    place,
  );
  Array.from({ length: FIRST_COLUMNS }, () => add());
  return form;
}

/**
 * @param {string} label
 * @param {() => void} act
 * @returns {HTMLElement}
 */
function preset(label, act) {
  return h("button", { class: "button button--small", type: "button", onClick: act }, label);
}

/** @returns {number} */
function anySeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
