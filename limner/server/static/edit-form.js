// @ts-check
/** What an edit is asked with: the words, what may change, and the settings. */

import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { segmented, settingsForm } from "./settings-form.js";

/** @typedef {"anything" | "painted" | "named"} Scope */
/**
 * @typedef {object} EditForm
 * @property {HTMLFormElement} element
 * @property {() => Scope} scope
 * @property {(scope: Scope) => void} setScope
 * @property {() => boolean} isExtending
 * @property {(isExtending: boolean) => void} setExtending
 * @property {() => {prompt: string, region?: string, [field: string]: any}} read the order's own words and settings
 * @property {(order: Record<string, any>) => void} fill
 * @property {() => void} focus
 */

const SCOPES = ["anything", "painted", "named"];
/** @type {import("./settings-form.js").FieldName[]} */
const SETTINGS = ["quality", "input_fidelity", "size", "background", "seed", "output_format", "model", "output_compression"];
const KINDS = /^\s*(box|polygon|words)\s*:/i;

/**
 * @param {object} parts
 * @param {import("./api.js").Limits} parts.limits
 * @param {{id: string}[]} parts.models
 * @param {HTMLElement} parts.inputs what stands at the top
 * @param {HTMLElement} parts.numbers how far the canvas reaches
 * @param {() => void} parts.onScope
 * @param {() => void} parts.onSubmit
 * @returns {EditForm}
 */
export function editForm({ limits, models, inputs, numbers, onScope, onSubmit }) {
  const [promptId, wordsId, hintId] = ["instruction", "words", "hint"].map(uniqueId);
  const prompt = h("textarea", { id: promptId, class: "input edit__words", required: true, placeholder: "What should change? Add a red hat." });
  const scope = segmented("What may change", SCOPES);
  const words = h("input", { id: wordsId, class: "input", placeholder: "the cat", autocomplete: "off", "aria-describedby": hintId });
  const named = h("div", { class: "field" }, h("label", { for: wordsId }, "The part, in words"), words, h("p", { class: "hint", id: hintId }, "The model looks for it. Everything else stays as it is, to the byte."));
  const extending = h("input", { type: "checkbox" });
  const settings = settingsForm({ limits, models, only: SETTINGS });
  const element = h(
    "form",
    { class: "panel stack" },
    inputs,
    h("div", { class: "field" }, h("label", { for: promptId }, "Instruction"), prompt),
    scope.element,
    named,
    h("label", { class: "check" }, extending, "A larger canvas"),
    numbers,
    h("button", { class: "button button--primary button--wide", type: "submit" }, icon("edit"), "Edit"),
    h("details", null, h("summary", null, "Settings"), settings.element),
  );
  const form = {
    element,
    scope: () => /** @type {Scope} */ (scope.read()),
    /** @param {Scope} chosen */
    setScope(chosen) {
      scope.write(chosen);
      settle();
    },
    isExtending: () => extending.checked,
    /** @param {boolean} isExtending */
    setExtending(isExtending) {
      extending.checked = isExtending;
      settle();
    },
    read() {
      const text = words.value.trim();
      const region = form.scope() === "named" ? { region: KINDS.test(text) ? text : `words:${text}` } : {};
      return { prompt: prompt.value, ...settings.read(), ...region };
    },
    /** @param {Record<string, any>} order */
    fill(order) {
      prompt.value = order.prompt ?? "";
      words.value = (order.region ?? "").replace(/^words:/, "");
      settings.fill(order);
      form.setScope(order.region ? "named" : "anything");
    },
    focus: () => prompt.focus(),
  };
  const settle = () => {
    named.hidden = form.scope() !== "named";
    onScope();
  };
  scope.element.addEventListener("change", settle);
  extending.addEventListener("change", settle);
  element.addEventListener("submit", (event) => (event.preventDefault(), onSubmit()));
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) element.requestSubmit();
  });
  named.hidden = true;
  return form;
}
