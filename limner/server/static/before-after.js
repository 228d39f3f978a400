// @ts-check
/** `<before-after>`: two pictures, one over the other, with a line between them that is moved by pointer or arrow keys. */

import { h } from "./dom.js";

/** @typedef {{url: string, alt: string}} Shown */

export class BeforeAfter extends HTMLElement {
  #before = h("img", { alt: "", draggable: "false" });
  #after = h("img", { alt: "", draggable: "false" });
  #slider = h("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, "aria-label": "How much of the picture before is shown" });

  constructor() {
    super();
    this.#slider.addEventListener("input", () => this.#move());
  }

  connectedCallback() {
    if (this.firstChild) return;
    this.append(
      h("div", { class: "versus__after checkerboard" }, this.#after),
      h("div", { class: "versus__before checkerboard" }, h("div", { class: "versus__place" }, this.#before)),
      h("span", { class: "versus__label versus__label--before" }, "Before"),
      h("span", { class: "versus__label versus__label--after" }, "After"),
      h("div", { class: "versus__line" }),
      this.#slider,
    );
  }

  /**
   * Show two pictures; `place` is where the first lies on the second, in pixels of the second, where that is not everywhere.
   * @param {Shown} before
   * @param {Shown & {width: number, height: number}} after
   * @param {{left: number, top: number, width: number, height: number}} [place]
   */
  open(before, after, place = { left: 0, top: 0, width: after.width, height: after.height }) {
    Object.assign(this.#before, { src: before.url, alt: before.alt });
    Object.assign(this.#after, { src: after.url, alt: after.alt });
    this.style.setProperty("--ratio", String(after.width / after.height));
    this.style.setProperty("--before-left", `${(place.left / after.width) * 100}%`);
    this.style.setProperty("--before-top", `${(place.top / after.height) * 100}%`);
    this.style.setProperty("--before-width", `${(place.width / after.width) * 100}%`);
    this.style.setProperty("--before-height", `${(place.height / after.height) * 100}%`);
    this.#slider.value = "50";
    this.#move();
  }

  #move() {
    this.style.setProperty("--at", `${this.#slider.value}%`);
    this.#slider.setAttribute("aria-valuetext", `${Math.round(Number(this.#slider.value))}% before`);
  }
}

customElements.define("before-after", BeforeAfter);
