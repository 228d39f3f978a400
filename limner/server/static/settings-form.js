// @ts-check
/** The fields of an order beside its words. Choices and bounds are the server's own; what is typed is sent as it is, and the server judges it. */

import { h, uniqueId } from "./dom.js";

/** @typedef {import("./api.js").Order} Order */
/** @typedef {"model" | "size" | "quality" | "background" | "output_format" | "output_compression" | "n" | "seed" | "input_fidelity"} FieldName */
/**
 * @typedef {object} SettingsForm
 * @property {HTMLElement} element
 * @property {() => Partial<Order>} read the fields of the order, without those left empty
 * @property {(values: Record<string, any>) => void} fill take values; a field that is absent goes back to its own
 */
/** @typedef {{element: HTMLElement, read: () => any, write: (value: any) => void}} Field */

const SIZE_WORDS = ["auto", "square", "landscape", "portrait"];
const OTHER_SIZE = "custom";
/** @type {FieldName[]} */
const USUAL = ["size", "quality", "background", "n", "seed", "output_format", "model", "output_compression"];

/**
 * @param {object} parts
 * @param {import("./api.js").Limits} parts.limits
 * @param {{id: string}[]} parts.models
 * @param {Record<string, any>} [parts.values]
 * @param {FieldName[]} [parts.only] the fields to show, in this order
 * @returns {SettingsForm}
 */
export function settingsForm({ limits, models, values = {}, only = USUAL }) {
  /** @type {Map<FieldName, Field>} */
  const fields = new Map(only.map((name) => [name, makeField(name, limits, models)]));
  const form = {
    element: h("div", { class: "settings" }, [...fields].map(([name, field]) => h("div", { class: `settings__${name}` }, field.element))),
    read() {
      const given = [...fields].map(([name, field]) => [name, field.read()]).filter(([, value]) => value !== undefined);
      return Object.fromEntries(given);
    },
    /** @param {Record<string, any>} taken */
    fill(taken) {
      for (const [name, field] of fields) field.write(taken[name]);
    },
  };
  form.fill(values);
  return form;
}

/**
 * @param {FieldName} name
 * @param {import("./api.js").Limits} limits
 * @param {{id: string}[]} models
 * @returns {Field}
 */
function makeField(name, limits, models) {
  const { min, max, multiple_of: step, max_ratio: ratio } = limits.sizes;
  switch (name) {
    case "size":
      return sizeField(`Multiples of ${step}, ${min} to ${max} a side, up to ${ratio}:1.`);
    case "quality":
      return segmented("Quality", withAuto(limits.qualities));
    case "background":
      return segmented("Background", withAuto(limits.backgrounds));
    case "output_format":
      return segmented("Format", limits.formats, "png");
    case "input_fidelity":
      return segmented("Fidelity to the inputs", ["low", "high"]);
    case "n":
      return selectField("Pictures", Array.from({ length: limits.max_n }, (_, index) => [String(index + 1), String(index + 1)]), Number);
    case "model":
      return selectField("Model", [["", "The server’s default"], ...models.map(({ id }) => /** @type {[string, string]} */ ([id, id]))]);
    case "seed":
      return textField("Seed", "any");
    case "output_compression":
      return textField("Compression", "0 to 100, of JPEG and WebP");
  }
}

/**
 * One choice out of few, as buttons side by side.
 * @param {string} label
 * @param {string[]} choices
 * @param {string} [first]
 * @returns {Field}
 */
export function segmented(label, choices, first = choices[0]) {
  const name = uniqueId("choice");
  const inputs = choices.map((value) => h("input", { type: "radio", name, value, checked: value === first }));
  const labels = inputs.map((input) => h("label", null, input, h("span", null, input.value)));
  const element = h("fieldset", { class: "field" }, h("legend", null, label), h("div", { class: "segmented" }, labels));
  return {
    element,
    read: () => inputs.find((input) => input.checked)?.value,
    write: (value) => {
      for (const input of inputs) input.checked = input.value === (value ?? first);
    },
  };
}

/**
 * @param {string} hint
 * @returns {Field}
 */
function sizeField(hint) {
  const words = segmented("Size", [...SIZE_WORDS, OTHER_SIZE]);
  const hintId = uniqueId("hint");
  const typed = h("input", { class: "input", type: "text", "aria-label": "Width and height", "aria-describedby": hintId, placeholder: "1280x720", spellcheck: "false" });
  const other = h("div", { class: "field settings__other-size", hidden: true }, typed, h("p", { class: "hint", id: hintId }, hint));
  const showOther = () => {
    other.hidden = words.read() !== OTHER_SIZE;
  };
  words.element.addEventListener("change", showOther);
  words.element.append(other);
  return {
    element: words.element,
    read: () => (words.read() === OTHER_SIZE ? typed.value.trim().replace("×", "x") : words.read()),
    write: (value) => {
      const isWord = value === undefined || value === null || SIZE_WORDS.includes(value);
      words.write(isWord ? value : OTHER_SIZE);
      typed.value = isWord ? "" : value;
      showOther();
    },
  };
}

/**
 * @param {string} label
 * @param {[string, string][]} choices value and words
 * @param {(value: string) => any} [convert]
 * @returns {Field}
 */
export function selectField(label, choices, convert = (value) => value || undefined) {
  const id = uniqueId("select");
  const select = h("select", { id, class: "input" }, choices.map(([value, words]) => h("option", { value }, words)));
  return {
    element: h("div", { class: "field" }, h("label", { for: id }, label), select),
    read: () => convert(select.value),
    write: (value) => {
      const text = String(value ?? choices[0][0]);
      if (!choices.some(([known]) => known === text)) select.append(h("option", { value: text }, text));
      select.value = text;
    },
  };
}

/**
 * A number that may be left out. What is not a number goes to the server as it was typed.
 * @param {string} label
 * @param {string} placeholder
 * @returns {Field}
 */
export function textField(label, placeholder) {
  const id = uniqueId("text");
  const input = h("input", { id, class: "input", type: "text", inputmode: "numeric", autocomplete: "off", placeholder });
  return {
    element: h("div", { class: "field" }, h("label", { for: id }, label), input),
    read: () => {
      const text = input.value.trim();
      if (!text) return undefined;
      return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    },
    write: (value) => {
      input.value = value === undefined || value === null ? "" : String(value);
    },
  };
}

/**
 * @param {string[]} words
 * @returns {string[]}
 */
function withAuto(words) {
  return ["auto", ...words.filter((word) => word !== "auto")];
}

/**
 * Return the models of the server, asked for once.
 * @param {{api: import("./api.js").Api, memory: Map<string, any>}} visit
 * @returns {Promise<{id: string, snapshot: string}[]>}
 */
export async function modelsOf({ api, memory }) {
  if (!memory.has("models")) memory.set("models", (await api.models()).data);
  return memory.get("models");
}
