// @ts-check
/** The room where pictures are drawn from words. */

import { isAbort } from "./api.js";
import { fill, h, uniqueId } from "./dom.js";
import { drawingCell } from "./drawing-cell.js";
import { showExport } from "./export-dialog.js";
import { icon } from "./icons.js";
import { emptyState, errorBox, notice } from "./notices.js";
import { savePrompt } from "./save-prompt.js";
import { drawAll, singly } from "./series.js";
import { modelsOf, settingsForm } from "./settings-form.js";

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./main.js").Visit} Visit */

const DRAFT_ITEM = "limner.draft";
const IDEAS = ["a sticker of a sleepy fox", "a flat icon of a lighthouse", "a red kite over green hills", "a watercolor teapot, transparent background"];

/**
 * @param {HTMLElement} main
 * @param {Visit} visit
 */
export async function show(main, visit) {
  const { session, memory } = visit;
  const models = await modelsOf(visit);
  const promptId = uniqueId("prompt");
  const prompt = h("textarea", { id: promptId, class: "input", required: true, placeholder: "What should be drawn?" });
  const settings = settingsForm({ limits: session.limits, models });
  const runs = runsOf(memory);
  const stage = h("div", { class: "stage", "aria-label": "Drawn pictures", role: "region" });

  const read = () => /** @type {Order} */ ({ prompt: prompt.value, ...settings.read(), keep: true });
  /** @param {Partial<Order>} order */
  const write = (order) => {
    prompt.value = order.prompt ?? "";
    settings.fill(order);
    remember();
  };
  const remember = () => sessionStorage.setItem(DRAFT_ITEM, JSON.stringify(read()));
  const showRuns = () => fill(stage, runs.length ? runs.map((run) => run.element) : ideas((idea) => void (write({ ...read(), prompt: idea }), prompt.focus())));

  const form = h(
    "form",
    { class: "panel stack", onInput: remember },
    h("div", { class: "field" }, h("label", { for: promptId }, "Prompt"), prompt),
    h("button", { class: "button button--primary button--wide", type: "submit" }, icon("draw"), "Draw"),
    h("details", { open: matchMedia("(min-width: 60rem)").matches }, h("summary", null, "Settings"), settings.element),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    runs.unshift(startRun(visit, read(), { use: write, removed: (run) => void (runs.splice(runs.indexOf(run), 1), showRuns()) }));
    showRuns();
    if (!matchMedia("(min-width: 60rem)").matches) stage.scrollIntoView({ behavior: "smooth", block: "start" });
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  write(await firstOrder(visit));
  for (const run of runs) run.use = write;
  showRuns();
  main.append(h("h1", { class: "visually-hidden" }, "Draw"), h("div", { class: "room room--split" }, h("div", { class: "side" }, form), stage));
}

/**
 * @typedef {object} Run the pictures of one order
 * @property {HTMLElement} element
 * @property {(order: Order) => void} use
 */

/**
 * @param {Visit} visit
 * @param {Order} order
 * @param {{use: (order: Order) => void, removed: (run: Run) => void}} on
 * @returns {Run}
 */
function startRun({ api, ended }, order, { use, removed }) {
  const stopping = new AbortController();
  const signal = AbortSignal.any([ended, stopping.signal]);
  const orders = singly(order);
  const cells = orders.map((single) => drawingCell({ order: single, numPartials: api.numPartials, ended, actions: (drawn) => moreActions(api, order, drawn, () => run.use) }));
  const stop = h("button", { class: "button button--small", type: "button", onClick: () => stopping.abort() }, icon("stop"), "Stop");
  const again = h("button", { class: "button button--small button--quiet", type: "button", hidden: true, onClick: () => run.use(order) }, icon("refresh"), "Use these settings");
  const clear = h("button", { class: "icon-button", type: "button", hidden: true, "aria-label": "Clear from this view", title: "Clear from this view", onClick: () => removed(run) }, icon("close"));
  const trouble = h("div");
  const element = h(
    "article",
    { class: "run" },
    h("div", { class: "run__head" }, h("div", { class: "run__words" }, h("h2", { title: order.prompt }, order.prompt), h("p", { class: "meta" }, factsOf(order))), again, stop, clear),
    trouble,
    h("div", { class: "grid run__grid", vars: { "--num": String(Math.min(orders.length, 4)) } }, cells.map((cell) => cell.element)),
  );
  /** @type {Run} */
  const run = { element, use };
  const on = {
    started: (/** @type {number} */ index) => cells[index].start(),
    partial: (/** @type {number} */ index, /** @type {import("./api.js").Partial} */ partial) => cells[index].showPartial(partial),
    drawn: (/** @type {number} */ index, /** @type {import("./api.js").Drawn} */ drawn) => cells[index].showDrawn(drawn),
    failed: (/** @type {number} */ index) => cells[index].end("Not drawn"),
  };
  drawAll(api, orders, on, signal)
    .then(() => notice(orders.length > 1 ? `${orders.length} pictures are finished.` : "The picture is finished."))
    .catch((error) => {
      for (const cell of cells) cell.end(isAbort(error) ? "Stopped" : "Not drawn");
      if (!isAbort(error)) fill(trouble, errorBox(error));
    })
    .finally(() => {
      stop.hidden = true;
      again.hidden = false;
      clear.hidden = false;
    });
  return run;
}

/**
 * @param {import("./api.js").Api} api
 * @param {Order} order
 * @param {import("./api.js").Drawn} drawn
 * @param {() => (order: Order) => void} use
 * @returns {import("./dom.js").Child[]}
 */
function moreActions(api, order, drawn, use) {
  const chosen = { ...order, seed: drawn.seed, n: 1 };
  return [
    h("button", { class: "icon-button", type: "button", "aria-label": "Save as a prompt", title: "Save as a prompt", onClick: () => void savePrompt(api, chosen, { chosen: drawn.id }) }, icon("prompts")),
    h("button", { class: "icon-button", type: "button", "aria-label": "Code", title: "Code", onClick: () => showExport({ route: "generations", order: chosen }) }, icon("code")),
    h("button", { class: "button button--small button--quiet cell__seed", type: "button", onClick: () => use()(chosen) }, "Use seed"),
  ];
}

/**
 * @param {Order} order
 * @returns {HTMLElement[]}
 */
function factsOf({ size, quality, background, output_format, model }) {
  const asked = [size, quality && `${quality} quality`, background && `${background} background`, output_format, model];
  return asked.filter((fact) => fact && !fact.startsWith("auto")).map((fact) => h("span", null, fact));
}

/**
 * @param {(idea: string) => void} use
 * @returns {HTMLElement}
 */
function ideas(use) {
  const buttons = IDEAS.map((idea) => h("button", { class: "button button--small", type: "button", onClick: () => use(idea) }, idea));
  const empty = emptyState({ icon: "image", title: "Nothing drawn yet", text: "Write what you want to see. Pictures appear here while they are drawn, and are kept in the history." });
  empty.append(h("div", { class: "row ideas" }, buttons));
  return empty;
}

/**
 * Return what the form begins with: a kept picture's order, what the address says, or what stood there before.
 * @param {Visit} visit
 * @returns {Promise<Partial<Order>>}
 */
async function firstOrder({ api, params }) {
  const again = params.get("again");
  if (again) {
    const { instruction, settings, seed, snapshot } = await api.picture(again);
    const { size, quality, background } = settings;
    return { prompt: instruction, model: snapshot, size, quality, background, seed };
  }
  const draft = JSON.parse(sessionStorage.getItem(DRAFT_ITEM) ?? "{}");
  const asked = params.get("prompt");
  return asked === null ? draft : { ...draft, prompt: asked };
}

/**
 * @param {Map<string, any>} memory
 * @returns {Run[]} the newest first
 */
function runsOf(memory) {
  if (!memory.has("runs")) memory.set("runs", []);
  return memory.get("runs");
}
