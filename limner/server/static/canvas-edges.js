// @ts-check
/** `<canvas-edges>`: a frame around a picture whose edges are dragged, or typed, to where the canvas is to end. */

import { fill, h, uniqueId } from "./dom.js";

/** @typedef {"left" | "top" | "right" | "bottom"} Side */

/** @type {Side[]} */
const SIDES = ["left", "top", "right", "bottom"];
const STEP = 16; // pixels that a drag or an arrow key goes at once; one with shift
const ROOM = 0.2; // of the longer side is free around the frame, to drag into

/** Says `change` when the canvas has another size. Its `numbers` are placed by whoever holds it. */
export class CanvasEdges extends HTMLElement {
  #width = 1;
  #height = 1;
  /** @type {Record<Side, number>} */
  #margins = { left: 0, top: 0, right: 0, bottom: 0 };
  #table = { left: 0, top: 0, width: 1, height: 1 };
  #frame = h("div", { class: "edges__frame" });
  #place = h("div", { class: "edges__picture" });
  #said = h("p", { class: "hint", role: "status" });
  /** @type {Record<Side, HTMLElement>} */
  #handles = /** @type {any} */ ({});
  /** @type {Record<Side, HTMLInputElement>} */
  #inputs = /** @type {any} */ ({});
  numbers = this.#makeNumbers();

  constructor() {
    super();
    for (const side of SIDES) this.#handles[side] = this.#makeHandle(side);
    this.#frame.append(this.#place, ...Object.values(this.#handles));
  }

  connectedCallback() {
    if (!this.#frame.isConnected) this.append(this.#frame);
  }

  /**
   * Hold an element that shows the picture.
   * @param {Element} element
   */
  hold(element) {
    fill(this.#place, element);
  }

  /**
   * Frame a picture of a size, without a margin.
   * @param {{width: number, height: number}} size
   */
  open({ width, height }) {
    this.#width = width;
    this.#height = height;
    this.#margins = { left: 0, top: 0, right: 0, bottom: 0 };
    this.#settle();
  }

  /** How many pixels are added at each side. */
  get margins() {
    return { ...this.#margins };
  }

  set margins(margins) {
    this.#margins = { ...margins };
    this.#settle();
  }

  /**
   * Lay another element out as the frame, so that it can hold a picture where this one does.
   * @param {HTMLElement} element
   */
  lay(element) {
    const { left, top, right, bottom } = this.#margins;
    element.style.setProperty("--ratio", String((this.#width + left + right) / (this.#height + top + bottom)));
    for (const name of ["left", "top", "width", "height"]) element.style.setProperty(`--picture-${name}`, this.style.getPropertyValue(`--picture-${name}`));
  }

  /** Whether edges can be dragged. */
  get isActive() {
    return this.classList.contains("edges--active");
  }

  set isActive(isActive) {
    this.classList.toggle("edges--active", isActive);
    this.numbers.hidden = !isActive;
    this.#settle();
  }

  /**
   * Return the canvas in the words of an order, undefined if it is the picture's own.
   * @returns {string | undefined}
   */
  get canvas() {
    const { left, top, right, bottom } = this.#margins;
    if (!left && !top && !right && !bottom) return undefined;
    return `${this.#width + left + right}x${this.#height + top + bottom}+${left}+${top}`;
  }

  #makeNumbers() {
    const fields = SIDES.map((side) => {
      const id = uniqueId("edge");
      const input = h("input", { id, class: "input", type: "number", min: 0, step: 1, inputmode: "numeric", value: 0 });
      input.addEventListener("change", () => this.#stretch(side, Number(input.value) || 0));
      this.#inputs[side] = input;
      return h("div", { class: "field" }, h("label", { for: id }, side[0].toUpperCase() + side.slice(1)), input);
    });
    return h("fieldset", { class: "edges__numbers" }, h("legend", { class: "label" }, "Pixels to add"), h("div", { class: "edges__sides" }, fields), this.#said);
  }

  /**
   * @param {Side} side
   * @returns {HTMLElement}
   */
  #makeHandle(side) {
    const isAcross = side === "left" || side === "right";
    const handle = h("div", {
      class: `edges__handle edges__handle--${side}`,
      role: "slider",
      tabindex: 0,
      "aria-label": `${side} edge`,
      "aria-valuemin": 0,
      "aria-orientation": isAcross ? "horizontal" : "vertical",
    });
    const outwards = side === "left" || side === "top" ? -1 : 1;
    handle.addEventListener("pointerdown", (event) => this.#drag(event, side, isAcross, outwards));
    handle.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: isAcross && -1, ArrowRight: isAcross && 1, ArrowUp: !isAcross && -1, ArrowDown: !isAcross && 1 };
      const move = moves[/** @type {keyof typeof moves} */ (event.key)];
      if (!move) return;
      event.preventDefault();
      this.#stretch(side, this.#margins[side] + move * outwards * (event.shiftKey ? 1 : STEP));
    });
    return handle;
  }

  /**
   * Follow a pointer; how large pixels are shown changes only when it is let go.
   * @param {PointerEvent} event
   * @param {Side} side
   * @param {boolean} isAcross
   * @param {number} outwards
   */
  #drag(event, side, isAcross, outwards) {
    if (event.button !== 0) return;
    event.preventDefault();
    const handle = this.#handles[side];
    const begun = isAcross ? event.clientX : event.clientY;
    const before = this.#margins[side];
    const shownPx = this.getBoundingClientRect().width / this.#table.width;
    const ending = new AbortController();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener(
      "pointermove",
      (moved) => {
        const way = (((isAcross ? moved.clientX : moved.clientY) - begun) * outwards) / shownPx;
        const step = moved.shiftKey ? 1 : STEP;
        this.#margins[side] = Math.max(0, Math.round((before + way) / step) * step);
        this.#draw();
      },
      { signal: ending.signal },
    );
    for (const name of ["pointerup", "pointercancel"]) {
      handle.addEventListener(name, () => (ending.abort(), this.#settle()), { signal: ending.signal });
    }
  }

  /**
   * @param {Side} side
   * @param {number} margin
   */
  #stretch(side, margin) {
    this.#margins[side] = Math.max(0, Math.round(margin));
    this.#settle();
  }

  /** Lay out anew: the frame, and room around it while edges can be dragged. */
  #settle() {
    const { left, top, right, bottom } = this.#margins;
    const [width, height] = [this.#width + left + right, this.#height + top + bottom];
    const room = this.isActive ? Math.round(Math.max(width, height) * ROOM) : 0;
    this.#table = { left: left + room, top: top + room, width: width + 2 * room, height: height + 2 * room };
    this.style.setProperty("--ratio", String(this.#table.width / this.#table.height));
    this.#draw();
    this.dispatchEvent(new Event("change"));
  }

  #draw() {
    const { left, top, right, bottom } = this.#margins;
    const [width, height] = [this.#width + left + right, this.#height + top + bottom];
    const table = this.#table;
    const { style } = this;
    style.setProperty("--frame-left", share(table.left - left, table.width));
    style.setProperty("--frame-top", share(table.top - top, table.height));
    style.setProperty("--frame-width", share(width, table.width));
    style.setProperty("--frame-height", share(height, table.height));
    style.setProperty("--picture-left", share(left, width));
    style.setProperty("--picture-top", share(top, height));
    style.setProperty("--picture-width", share(this.#width, width));
    style.setProperty("--picture-height", share(this.#height, height));
    for (const side of SIDES) {
      this.#inputs[side].value = String(this.#margins[side]);
      this.#handles[side].setAttribute("aria-valuenow", String(this.#margins[side]));
      this.#handles[side].setAttribute("aria-valuetext", `${this.#margins[side]} pixels added`);
    }
    fill(this.#said, this.canvas ? `${this.#width} × ${this.#height} becomes ${width} × ${height}` : "Drag an edge of the picture outwards, or type how much to add.");
  }
}

/**
 * @param {number} part
 * @param {number} whole
 */
function share(part, whole) {
  return `${(part / whole) * 100}%`;
}

customElements.define("canvas-edges", CanvasEdges);
