// @ts-check
/** The pictures that go into an edit, in their order: the first is the one that is edited, the others stand beside it. */

import { fill, h, uniqueId, urlOf } from "./dom.js";
import { icon } from "./icons.js";
import { emptyState, errorBox, notice } from "./notices.js";
import { pictureCard } from "./picture-card.js";
import { Thumbnails } from "./thumbnails.js";

/**
 * A picture that goes in. `id` is of a kept picture, or of a file once that is stored.
 * @typedef {object} Input
 * @property {string | null} id
 * @property {Blob} blob
 * @property {string} url
 * @property {number} width
 * @property {number} height
 * @property {string} alt
 * @property {boolean} isKept
 */
/** @typedef {import("./main.js").Visit} Visit */

const TYPES = "image/png,image/jpeg,image/webp";
const PAGE = 60;

/**
 * Make an input of a file that was dropped, pasted or picked; null, said to the user, if the browser cannot show it.
 * @param {File} file
 * @param {AbortSignal} ended when its URL is given back
 * @returns {Promise<Input | null>}
 */
export async function inputOfFile(file, ended) {
  try {
    return { id: null, alt: file.name || "A pasted picture", isKept: false, ...(await shown(file, ended)) };
  } catch {
    notice(`${file.name || "What was pasted"} cannot be shown as a picture.`);
    return null;
  }
}

/**
 * Make an input of a kept picture.
 * @param {Pick<Visit, "api" | "ended">} visit
 * @param {import("./api.js").Picture} picture
 * @returns {Promise<Input>}
 */
export async function inputOfPicture({ api, ended }, picture) {
  return { id: picture.id, alt: picture.instruction, isKept: true, ...(await shown(await api.content(picture.id), ended)) };
}

/**
 * Return how an order names an input; a file is stored the first time, for as long as pictures are kept.
 * @param {Pick<Visit, "api" | "session">} visit
 * @param {Input} input
 * @returns {Promise<{file_id: string}>}
 */
export async function reference({ api, session }, input) {
  input.id ??= (await api.upload(input.blob, "input", session.limits.retention_days)).id;
  return { file_id: input.id };
}

/**
 * Let files be picked.
 * @param {(files: File[]) => void} onFiles
 */
export function pickFiles(onFiles) {
  const input = h("input", { type: "file", accept: TYPES, multiple: true });
  input.addEventListener("change", () => onFiles([...(input.files ?? [])]));
  input.click();
}

/**
 * Let pictures be dropped on an element and pasted anywhere, as long as the room is visited.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 * @param {(files: File[]) => void} onFiles
 */
export function takeFiles(element, signal, onFiles) {
  const take = (/** @type {DataTransfer | null} */ transfer, /** @type {Event} */ event) => {
    const files = [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  };
  const mark = (/** @type {boolean} */ isOver) => element.classList.toggle("is-dropping", isOver);
  document.addEventListener("paste", (event) => take(event.clipboardData, event), { signal });
  element.addEventListener("dragover", (event) => (event.preventDefault(), mark(true)), { signal });
  element.addEventListener("dragleave", (event) => element.contains(/** @type {Node | null} */ (event.relatedTarget)) || mark(false), { signal });
  element.addEventListener("drop", (event) => (mark(false), event.preventDefault(), take(event.dataTransfer, event)), { signal });
}

/**
 * Let a kept picture be picked from the history.
 * @param {Visit} visit
 * @param {(picture: import("./api.js").Picture) => void} onPick
 */
export function pickFromHistory(visit, onPick) {
  const titleId = uniqueId("picker");
  const grid = h("div", { class: "grid picker__pictures" }, h("div", { class: "loading" }, "Loading"));
  const search = h("input", { class: "input", type: "search", placeholder: "Search the words", "aria-label": "Search the words of pictures" });
  const close = h("button", { class: "icon-button", type: "button", "aria-label": "Close", onClick: () => dialog.close() }, icon("close"));
  const head = h("div", { class: "row row--apart" }, h("h2", { id: titleId }, "A picture from the history"), close);
  const dialog = h("dialog", { class: "dialog picker", "aria-labelledby": titleId }, h("div", { class: "stack" }, head, search, grid));
  const load = async () => {
    const words = search.value.trim();
    try {
      const { data } = await visit.api.listPictures({ limit: PAGE, search: words }, visit.signal);
      if (words !== search.value.trim()) return;
      const pick = (/** @type {import("./api.js").Picture} */ picture) => (dialog.close(), onPick(picture));
      const cards = data.map((picture) => pictureCard(picture, { thumbnails: Thumbnails.of(visit), onPick: pick }));
      fill(grid, cards.length ? cards : emptyState({ icon: "history", title: "No picture", text: words ? "None has these words." : "What is drawn is kept there." }));
    } catch (error) {
      if (!visit.signal.aborted) fill(grid, errorBox(error));
    }
  };
  search.addEventListener("input", () => void load());
  dialog.addEventListener("close", () => dialog.remove());
  visit.signal.addEventListener("abort", () => dialog.close(), { once: true });
  document.body.append(dialog);
  dialog.showModal();
  void load();
}

/**
 * Return the list of inputs, to be moved and taken out.
 * @param {Input[]} inputs
 * @param {(inputs: Input[]) => void} onChange
 * @returns {HTMLElement}
 */
export function inputsList(inputs, onChange) {
  const items = inputs.map((input, index) => {
    const without = inputs.filter((other) => other !== input);
    const box = h("span", { class: "picture checkerboard" }, h("img", { src: input.url, alt: "" }));
    const words = h("span", { class: "inputs__text" }, h("span", { title: input.alt }, input.alt), h("span", { class: "quiet" }, index ? `Picture ${index + 1}` : "Picture 1, edited"));
    const earlier = index > 0 && way("up", `Earlier: ${input.alt}`, () => onChange([...without.slice(0, index - 1), input, ...without.slice(index - 1)]));
    return h("li", { class: "inputs__item" }, box, words, h("span", { class: "inputs__ways" }, earlier, way("close", `Take out: ${input.alt}`, () => onChange(without))));
  });
  return h("ol", { class: "inputs" }, items);
}

/**
 * @param {string} name
 * @param {string} label
 * @param {() => void} act
 */
function way(name, label, act) {
  return h("button", { class: "icon-button", type: "button", "aria-label": label, title: label, onClick: act }, icon(name));
}

/**
 * @param {Blob} blob
 * @param {AbortSignal} ended
 */
async function shown(blob, ended) {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  bitmap.close();
  return { blob, url: urlOf(blob, ended), width, height };
}
