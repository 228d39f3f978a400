// @ts-check
/** The door: an API key, or the link that the server printed. */

import { fill, h, uniqueId } from "./dom.js";
import { errorBox } from "./notices.js";

/**
 * @param {HTMLElement} main
 * @param {{enter: (key: string) => Promise<void>, reason?: unknown}} ways `reason` is why the last key or link was not taken
 */
export function show(main, { enter, reason }) {
  const id = uniqueId("key");
  const refused = h("div", null, reason ? errorBox(reason) : null);
  const field = h("input", { id, type: "password", class: "input", autocomplete: "current-password", spellcheck: "false", required: true, placeholder: "sk-limner-…" });
  const button = h("button", { class: "button button--primary button--wide", type: "submit" }, "Sign in");
  const form = h("form", { class: "panel stack" }, h("div", { class: "field" }, h("label", { for: id }, "API key"), field), refused, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    fill(refused);
    try {
      await enter(field.value.trim());
    } catch (error) {
      fill(refused, errorBox(error));
    } finally {
      button.disabled = false;
    }
  });
  main.append(
    h(
      "section",
      { class: "door" },
      h("img", { src: "playground/icon.svg", width: "56", height: "56", alt: "" }),
      h("h1", null, "Pictures from words"),
      h("p", { class: "lead" }, "Sign in with a key of this server, or open the link that it printed when it started."),
      form,
      h("p", { class: "hint" }, "The key stays in this tab and is forgotten when it closes. ", h("code", null, "limner keys create"), " makes another."),
    ),
  );
  field.focus();
}
