// @ts-check
/** What the page says to its user: errors in the server's own words, short notices, questions, and empty places. */

import { ApiError } from "./api.js";
import { fill, h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";

const NOTICE_MS = 5000;

/**
 * A box with an error, in the server's words.
 * @param {unknown} error
 * @param {{label: string, act: () => void} | null} [way] a button, such as one that tries again
 * @returns {HTMLElement}
 */
export function errorBox(error, way = null) {
  const told = error instanceof ApiError ? error : null;
  const facts = [told?.status || null, told?.code, told?.param && `field ${told.param}`, told?.requestId].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "error-box", role: "alert" },
    h("p", { class: "error-box__message" }, error instanceof Error ? error.message : String(error)),
    facts && h("p", { class: "error-box__facts" }, facts),
    way && h("button", { class: "button", type: "button", onClick: way.act }, way.label),
  );
}

/**
 * What stands where nothing is yet.
 * @param {{icon: string, title: string, text: string, link?: {href: string, label: string}}} facts
 * @returns {HTMLElement}
 */
export function emptyState({ icon: name, title, text, link }) {
  return h(
    "div",
    { class: "empty" },
    icon(name),
    h("h2", null, title),
    h("p", null, text),
    link && h("a", { class: "button", href: link.href }, link.label),
  );
}

/**
 * Say something for a moment; a screen reader reads it aloud.
 * @param {string} text
 */
export function notice(text) {
  const place = document.getElementById("notices");
  const said = h("div", { class: "notice" }, text);
  place?.append(said);
  setTimeout(() => said.remove(), NOTICE_MS);
}

/**
 * Ask before something that cannot be undone; says whether the answer was yes.
 * @param {{title: string, text: string, yes: string, isDangerous?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, yes, isDangerous = true }) {
  const content = h("p", null, text);
  return openDialog({ title, content, yes, isDangerous }).then((answer) => answer === "yes");
}

/** Close whatever dialog is open, as when its user goes elsewhere: the answer is no. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) dialog.close("");
}

/**
 * Open a dialog with a form around `content`. `check` may refuse by throwing; its error is shown in the dialog, which stays.
 * @param {{title: string, content: Node, yes: string, isDangerous?: boolean, check?: () => Promise<void> | void}} parts
 * @returns {Promise<string>} "yes", or "" when it was closed
 */
export function openDialog({ title, content, yes, isDangerous = false, check }) {
  const titleId = uniqueId("dialog");
  const refused = h("div");
  const agree = h("button", { class: isDangerous ? "button button--danger" : "button button--primary", type: "submit" }, yes);
  const cancel = h("button", { class: "button", type: "button", onClick: () => dialog.close("") }, "Cancel");
  const form = h("form", null, h("h2", { id: titleId }, title), content, refused, h("div", { class: "dialog__ways" }, cancel, agree));
  const dialog = h("dialog", { class: "dialog", "aria-labelledby": titleId }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    agree.disabled = true;
    try {
      await check?.();
      dialog.close("yes");
    } catch (error) {
      fill(refused, errorBox(error));
    } finally {
      agree.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}
