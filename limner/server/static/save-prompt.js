// @ts-check
/** The question under which name an order is saved as a prompt. */

import { h, uniqueId } from "./dom.js";
import { notice, openDialog } from "./notices.js";
import { escapeBraces } from "./template.js";

const KEPT = /^pic_/;
const NOT_SETTINGS = ["prompt", "images", "mask", "keep", "stream", "partial_images"];

/**
 * Save an order as the next version of a prompt, if its user wants to.
 * @param {import("./api.js").Api} api
 * @param {import("./api.js").Order} order its `images` that are kept pictures become inputs
 * @param {{name?: string, chosen?: string | null, note?: string, isTemplate?: boolean}} [known] of a template, braces are variables; of any other order
 *   they are braces, as they were when it was drawn
 * @returns {Promise<import("./api.js").Prompt | null>} null when it was not saved
 */
export async function savePrompt(api, order, { name = "", chosen = null, note = "", isTemplate = false } = {}) {
  const refusal = whyNot(order);
  if (refusal) {
    notice(refusal);
    return null;
  }
  const [nameId, noteId, hintId] = ["name", "note", "hint"].map(uniqueId);
  const nameField = h("input", { id: nameId, class: "input", value: name, required: true, autocomplete: "off", spellcheck: "false", placeholder: "product-hero", "aria-describedby": hintId });
  const noteField = h("input", { id: noteId, class: "input", value: note, placeholder: "what changed, or why this one" });
  const content = h(
    "div",
    { class: "stack" },
    h("div", { class: "field" }, h("label", { for: nameId }, "Name"), nameField, h("p", { class: "hint", id: hintId }, "Small letters, digits, dots, hyphens and underscores. A name that is taken gets its next version.")),
    h("div", { class: "field" }, h("label", { for: noteId }, "Note"), noteField),
  );
  /** @type {import("./api.js").Prompt | null} */
  let saved = null;
  const check = async () => {
    const settings = Object.fromEntries(Object.entries(order).filter(([field]) => !NOT_SETTINGS.includes(field)));
    const inputs = (order.images ?? []).flatMap(({ file_id }) => (file_id ? [file_id] : []));
    saved = await api.savePrompt({ name: nameField.value.trim(), prompt: isTemplate ? order.prompt : escapeBraces(order.prompt), settings, inputs, chosen, note: noteField.value.trim() });
  };
  await openDialog({ title: "Save as a prompt", content, yes: "Save", check });
  if (saved) notice(`Saved ${/** @type {import("./api.js").Prompt} */ (saved).name}, version ${/** @type {import("./api.js").Prompt} */ (saved).version}.`);
  return saved;
}

/**
 * Return why an order cannot be saved whole, in words for its user; nothing when it can.
 * @param {import("./api.js").Order} order
 * @returns {string}
 */
function whyNot({ mask, images = [] }) {
  if (mask) return "A painted mask is not saved with a prompt. Name the part in words, or take the code.";
  if (images.every(({ file_id }) => KEPT.test(file_id ?? ""))) return "";
  return "A prompt is saved with pictures of the history alone, and a file of yours went into this edit. Save a later turn, or take the code.";
}
