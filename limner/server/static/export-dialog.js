// @ts-check
/** The dialog that shows an order as programs in three languages. */

import { h, save, uniqueId } from "./dom.js";
import { exportAll } from "./export.js";
import { icon } from "./icons.js";
import { notice } from "./notices.js";

/**
 * Show the programs that place an order.
 * @param {import("./export.js").Recipe} recipe
 */
export function showExport(recipe) {
  const programs = exportAll(recipe);
  const [titleId, name] = [uniqueId("export"), uniqueId("language")];
  let shown = programs[0];
  const code = h("code");
  const need = h("p", { class: "hint mono program__need" });
  const choose = (/** @type {import("./export.js").Program} */ program) => {
    shown = program;
    code.textContent = program.text;
    need.textContent = `${program.need} · OPENAI_BASE_URL=${new URL("v1", document.baseURI)} · OPENAI_API_KEY=a key of yours`;
  };
  const tabs = programs.map((program, index) =>
    h("label", null, h("input", { type: "radio", name, value: program.language, checked: index === 0, onChange: () => choose(program) }), h("span", null, program.language)),
  );
  const copy = async () => {
    getSelection()?.selectAllChildren(code);
    if (!navigator.clipboard) return notice("Marked; press Ctrl+C to copy."); // pages that did not come by https or loopback have none
    await navigator.clipboard.writeText(shown.text);
    notice("Copied.");
  };
  const download = () => save(new Blob([shown.text], { type: "text/plain" }), shown.filename);
  const dialog = h(
    "dialog",
    { class: "dialog program", "aria-labelledby": titleId },
    h(
      "div",
      { class: "stack" },
      h("div", { class: "row row--apart" }, h("h2", { id: titleId }, "As code"), h("button", { class: "icon-button", type: "button", "aria-label": "Close", onClick: () => dialog.close() }, icon("close"))),
      h("fieldset", { class: "field" }, h("legend", { class: "visually-hidden" }, "Language"), h("div", { class: "segmented" }, tabs)),
      h("pre", { tabindex: 0, "aria-label": "Program" }, code),
      need,
      h(
        "div",
        { class: "dialog__ways" },
        h("button", { class: "button", type: "button", onClick: download }, icon("download"), "Download"),
        h("button", { class: "button button--primary", type: "button", onClick: () => void copy() }, icon("copy"), "Copy"),
      ),
    ),
  );
  choose(shown);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
