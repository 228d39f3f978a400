// @ts-check
/** The room that comes here. */

import { h } from "./dom.js";

/**
 * @param {HTMLElement} main
 * @param {import("./main.js").Visit} visit
 */
export function show(main, visit) {
  main.append(h("section", { class: "room" }, h("h1", null, "Edit")));
}
