// @ts-check
/** The turns of an edit as a strip: any of them can be gone back to, and gone on from in another way. */

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { isAbort } from "./api.js";

/** @typedef {import("./chain.js").Chain} Chain */
/** @typedef {import("./chain.js").Turn} Turn */

/**
 * Show the branch that a chain is on.
 * @param {HTMLElement} strip
 * @param {Chain} chain
 * @param {object} on
 * @param {(turn: Turn) => Promise<string>} on.urlOf a small copy
 * @param {(id: string) => void} on.step
 */
export function showTurns(strip, chain, { urlOf, step }) {
  const path = chain.path();
  const at = path.findIndex((turn) => turn.id === chain.current);
  strip.hidden = path.length < 2 && path.every((turn) => chain.branches(turn.id).length < 2);
  const items = path.map((turn, index) => {
    const branches = chain.branches(turn.id);
    const number = branches.findIndex((other) => other.id === turn.id);
    const box = h("span", { class: "picture checkerboard" });
    void urlOf(turn).then(
      (url) => fill(box, h("img", { src: url, alt: "" })),
      (error) => isAbort(error) || fill(box, icon("image")),
    );
    const label = `${index ? `Turn ${index}` : "Start"}: ${turn.instruction}`;
    const face = h("button", { class: "turns__step", type: "button", title: label, "aria-label": label, onClick: () => step(turn.id) }, box, h("span", { class: "turns__words" }, turn.instruction));
    if (index === at) face.setAttribute("aria-current", "step");
    const other = branches.length > 1 && branches[(number + 1) % branches.length];
    const branch =
      other &&
      h(
        "button",
        { class: "turns__branch", type: "button", "aria-label": `Way ${number + 1} of ${branches.length}; show the next: ${other.instruction}`, title: "Show the other way from here", onClick: () => step(other.id) },
        icon("branch"),
        `${number + 1}/${branches.length}`,
      );
    return h("li", { class: index > at ? "turns__item turns__item--after" : "turns__item" }, face, branch);
  });
  fill(strip, items);
  strip.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/**
 * Learn the turns that led to a kept picture, and what else was made of each.
 * @param {import("./api.js").Api} api
 * @param {Chain} chain
 * @param {string} id
 */
export async function learnTurns(api, chain, id) {
  const { data } = await api.lineage(id);
  chain.learn(data);
  const made = await Promise.all(data.map((turn) => api.listPictures({ parent: turn.id, limit: 100 })));
  for (const page of made) chain.learn(page.data);
}
