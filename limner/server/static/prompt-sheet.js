// @ts-check
/** One saved prompt: its words and variables, its settings, inputs and chosen result, its versions, and what it gives when it is run. */

import { isAbort } from "./api.js";
import { fill, h, uniqueId } from "./dom.js";
import { drawingCell } from "./drawing-cell.js";
import { showExport } from "./export-dialog.js";
import { icon } from "./icons.js";
import { ask, errorBox, notice } from "./notices.js";
import { pictureCard } from "./picture-card.js";
import { savePrompt } from "./save-prompt.js";
import { drawAll, singly } from "./series.js";
import { settingsForm } from "./settings-form.js";
import { fillIn, variablesOf } from "./template.js";
import { Thumbnails } from "./thumbnails.js";

/** @typedef {import("./api.js").Prompt} Prompt */
/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./main.js").Visit} Visit */
/**
 * @typedef {object} Parts
 * @property {Prompt | null} prompt none when one is written
 * @property {Prompt[]} versions
 * @property {{id: string}[]} models
 * @property {(version: number) => void} onVersion
 * @property {(saved: Prompt) => void} onSaved
 * @property {() => void} onDeleted
 */

/** @type {import("./settings-form.js").FieldName[]} */
const SETTINGS = ["size", "quality", "background", "n", "seed", "output_format", "model", "output_compression"];

/**
 * @param {Visit} visit
 * @param {Parts} parts
 * @returns {HTMLElement}
 */
export function promptSheet(visit, { prompt, versions, models, onVersion, onSaved, onDeleted }) {
  const { api, session } = visit;
  const inputs = prompt?.inputs ?? [];
  const shown = inputs.length ? [...SETTINGS, /** @type {const} */ ("input_fidelity")] : SETTINGS;
  const words = h("textarea", { class: "input", id: uniqueId("prompt"), required: true, value: prompt?.prompt ?? "", placeholder: "a sticker of a {product}" });
  const settings = settingsForm({ limits: session.limits, models, values: prompt?.settings ?? {}, only: shown });
  const variables = variableFields(remembered(visit, `values of ${prompt?.name ?? ""}`, () => new Map()));
  const trouble = h("div");
  const results = remembered(visit, `results of ${prompt?.name ?? ""}`, () => h("div", { class: "grid results" }));
  const kept = Object.entries(prompt?.settings ?? {}).filter(([name]) => !(/** @type {string[]} */ (shown).includes(name)));
  const template = () => /** @type {Order} */ ({ prompt: words.value, ...Object.fromEntries(kept), ...settings.read(), ...(inputs.length ? { images: inputs.map((id) => ({ file_id: id })) } : {}), keep: true });
  const fail = (/** @type {unknown} */ error) => isAbort(error) || fill(trouble, errorBox(error));

  const saveVersion = async (/** @type {Order} */ order, /** @type {string | null} */ chosen) => {
    const saved = await savePrompt(api, order, { name: prompt?.name ?? "", chosen, isTemplate: true });
    if (saved) onSaved(saved);
  };
  const run = () => {
    fill(trouble);
    const order = template();
    runOrder(visit, results, { ...order, prompt: fillIn(order.prompt, variables.read()) }, (drawn) => [
      chooseButton(() => void saveVersion({ ...template(), n: 1, seed: drawn.seed }, drawn.id).catch(fail)),
    ]).catch(fail);
  };
  const remove = async () => {
    const name = prompt?.name ?? "";
    if (!(await ask({ title: `Delete ${name}?`, text: "All of its versions are deleted. Its pictures stay until their own time is over; those past it go too.", yes: "Delete" }))) return;
    await api.deletePrompt(name);
    notice(`${name} is deleted.`);
    onDeleted();
  };

  words.addEventListener("input", () => variables.show(variablesOf(words.value)));
  variables.show(variablesOf(words.value));
  const code = () => showExport({ route: inputs.length ? "edits" : "generations", order: template(), values: variables.read(), name: prompt?.name });
  const form = h(
    "form",
    { class: "stack" },
    h("div", { class: "field" }, h("label", { for: words.id }, "Prompt"), words, h("p", { class: "hint" }, "{name} is a variable, {{ and }} are braces.")),
    variables.element,
    inputs.length > 0 && h("div", { class: "field" }, h("span", { class: "label" }, "Inputs, in their order"), pictures(visit, inputs)),
    h("details", null, h("summary", null, "Settings"), settings.element),
    h(
      "div",
      { class: "row" },
      h("button", { class: "button button--primary", type: "submit" }, icon("draw"), "Run"),
      h("button", { class: "button", type: "button", onClick: () => void saveVersion(template(), prompt?.chosen ?? null).catch(fail) }, icon("prompts"), prompt ? "Save a version" : "Save"),
      h("button", { class: "button", type: "button", onClick: code }, icon("code"), "Code"),
      prompt && h("button", { class: "button button--quiet", type: "button", onClick: () => void remove().catch(fail) }, icon("delete"), "Delete"),
    ),
  );
  form.addEventListener("submit", (event) => (event.preventDefault(), run()));
  const chosen = prompt?.chosen && h("div", { class: "sheet__chosen" }, h("span", { class: "label" }, "Chosen result"), pictures(visit, [prompt.chosen]));
  const body = h("div", { class: chosen ? "sheet" : null }, form, chosen);
  return h("section", { class: "stack" }, h("div", { class: "panel stack" }, head(prompt, versions, onVersion), body), trouble, results);
}

/**
 * @param {Prompt | null} prompt
 * @param {Prompt[]} versions
 * @param {(version: number) => void} onVersion
 */
function head(prompt, versions, onVersion) {
  if (!prompt) return h("h2", null, "New prompt");
  const ordered = [...versions].sort((one, other) => other.version - one.version);
  const select = h("select", { class: "input sheet__versions", "aria-label": "Version" }, ordered.map(({ version, note }) => h("option", { value: version }, `Version ${version}${note ? `: ${note}` : ""}`)));
  select.value = String(prompt.version);
  select.addEventListener("change", () => onVersion(Number(select.value)));
  const saved = new Date(prompt.created_at * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return h("div", { class: "stack" }, h("div", { class: "row row--apart" }, h("h2", null, prompt.name), select), h("p", { class: "meta" }, h("span", null, `Saved ${saved}`)));
}

/**
 * One field for each variable, which keeps what was typed as long as the page is open.
 * @param {Map<string, string>} values
 */
function variableFields(values) {
  const element = h("fieldset", { class: "variables" });
  return {
    element,
    /** @param {string[]} names */
    show(names) {
      element.hidden = !names.length;
      const fields = names.map((name) => {
        const id = uniqueId("variable");
        const input = h("input", { id, class: "input", value: values.get(name) ?? "", onInput: () => values.set(name, input.value) });
        return h("div", { class: "field" }, h("label", { for: id }, name), input);
      });
      fill(element, h("legend", { class: "visually-hidden" }, "Variables"), fields);
    },
    /** @returns {Record<string, string>} */
    read: () => Object.fromEntries(values),
  };
}

/**
 * Return what the page remembers under a name, made the first time.
 * @template Remembered
 * @param {Visit} visit
 * @param {string} name
 * @param {() => Remembered} make
 * @returns {Remembered}
 */
function remembered({ memory }, name, make) {
  if (!memory.has(name)) memory.set(name, make());
  return memory.get(name);
}

/**
 * Show kept pictures as they come; one that is gone is left out, and said so.
 * @param {Visit} visit
 * @param {string[]} ids
 */
function pictures(visit, ids) {
  const place = h("div", { class: "sheet__inputs" });
  void Promise.allSettled(ids.map((id) => visit.api.picture(id))).then((found) => {
    const cards = found.map((each) => (each.status === "fulfilled" ? pictureCard(each.value, { thumbnails: Thumbnails.of(visit) }) : h("span", { class: "quiet small" }, "A picture that is gone.")));
    if (!visit.signal.aborted) fill(place, cards);
  });
  return place;
}

/** @param {() => void} act */
function chooseButton(act) {
  return h("button", { class: "button button--small button--quiet", type: "button", title: "Save a version with this picture and its seed", onClick: act }, icon("check"), "Choose");
}

/**
 * Draw an order's pictures above those that were drawn before.
 * @param {Visit} visit
 * @param {HTMLElement} results
 * @param {Order} order
 * @param {(drawn: import("./api.js").Drawn) => import("./dom.js").Child} actions
 */
async function runOrder({ api, ended }, results, order, actions) {
  const stopping = new AbortController();
  const orders = singly(order);
  const cells = orders.map((single) => drawingCell({ order: single, numPartials: api.numPartials, ended, actions }));
  const stop = h("div", { class: "row" }, h("button", { class: "button button--small", type: "button", onClick: () => stopping.abort() }, icon("stop"), "Stop"));
  results.before(stop);
  results.prepend(...cells.map((cell) => cell.element));
  const on = {
    started: (/** @type {number} */ index) => cells[index].start(),
    partial: (/** @type {number} */ index, /** @type {import("./api.js").Partial} */ partial) => cells[index].showPartial(partial),
    drawn: (/** @type {number} */ index, /** @type {import("./api.js").Drawn} */ drawn) => cells[index].showDrawn(drawn),
    failed: (/** @type {number} */ index) => cells[index].end("Not drawn"),
  };
  try {
    await drawAll(api, orders, on, AbortSignal.any([ended, stopping.signal]));
  } catch (error) {
    for (const cell of cells) cell.end(isAbort(error) ? "Stopped" : "Not drawn");
    throw error;
  } finally {
    stop.remove();
  }
}
