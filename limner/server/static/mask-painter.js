// @ts-check
/** `<mask-painter>`: a picture on which is painted what is drawn anew, at the picture's own pixels whatever size it is shown at. */

import { fill, h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { Mask, Steps, countMarked } from "./mask.js";
import { encodeMask, toDataUrl } from "./png.js";

/** @typedef {import("./mask.js").Point} Point */
/** @typedef {"brush" | "eraser" | "box"} Tool */

const VEIL = colour(214, 20, 170, 120); // that of --veil
const EDGE = colour(255, 255, 255, 230);
const EDGE_SHARE = 350; // the edge of what is marked is this part of the longer side wide
const THINNEST = 2; // pixels of a brush
const SLIDER_STEPS = 100;
/** @type {[Tool, string, string][]} */
const TOOLS = [
  ["brush", "Brush", "b"],
  ["eraser", "Eraser", "e"],
  ["box", "Box", "x"],
];
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Says `change` when what is drawn anew has changed. Its `toolbar` is placed by whoever holds it. */
export class MaskPainter extends HTMLElement {
  #mask = new Mask(1, 1);
  #steps = new Steps(this.#mask.save());
  /** @type {Tool} */
  #tool = "brush";
  /** @type {Point | null} where the tool was last, while it is down; of a box the corner that it began with */
  #from = null;
  /** @type {Point | null} where the tool is */
  #at = null;
  /** @type {Point | null} where the last stroke ended, for straight lines with shift */
  #ended = null;
  #isDirty = false;
  #image = h("img", { alt: "", draggable: "false" });
  #veil = h("canvas", { class: "painter__veil" });
  #brush = h("div", { class: "painter__brush", hidden: true });
  #box = h("div", { class: "painter__box", hidden: true });
  #said = h("output", { class: "painter__said" });
  #size = h("input", { type: "range", min: 0, max: SLIDER_STEPS, value: 68, "aria-label": "Brush size", title: "Brush size ( [ and ] )" });
  #surface = h("div", { class: "painter__surface", tabindex: 0, role: "application" });
  /** @type {Record<string, HTMLButtonElement>} */
  #buttons = {};
  toolbar = this.#makeToolbar();

  constructor() {
    super();
    const hint = uniqueId("hint");
    this.#surface.setAttribute("aria-label", "Mask");
    this.#surface.setAttribute("aria-describedby", hint);
    const words = "Arrow keys move the tool, space puts it down and takes it up. B brush, E eraser, X box, I invert, Delete clears.";
    this.#surface.append(this.#image, this.#veil, this.#box, this.#brush, h("span", { id: hint, class: "visually-hidden" }, words));
    this.#listen();
  }

  connectedCallback() {
    if (!this.#surface.isConnected) this.append(this.#surface);
  }

  /**
   * Show a picture, nothing of which is marked.
   * @param {{url: string, width: number, height: number, alt: string}} picture
   */
  open({ url, width, height, alt }) {
    this.#image.src = url;
    this.#image.alt = alt;
    this.#mask = new Mask(width, height);
    this.#steps = new Steps(this.#mask.save());
    this.#from = this.#at = this.#ended = null;
    Object.assign(this.#veil, { width, height });
    this.#settle();
  }

  /** Whether it can be painted on; what is painted shows only then. */
  get isActive() {
    return !this.hasAttribute("inert");
  }

  set isActive(isActive) {
    this.toggleAttribute("inert", !isActive);
    this.toolbar.hidden = !isActive;
  }

  /** What is marked, to be marked again another time. */
  get marked() {
    return this.#steps.current;
  }

  set marked(runs) {
    this.#mask.restore(runs);
    this.#steps.add(runs);
    this.#settle();
  }

  /** How many pixels are marked. */
  get numMarked() {
    return countMarked(this.#steps.current);
  }

  /**
   * Return what is marked as a PNG of the picture's size, transparent where drawn anew; null if nothing is.
   * @returns {Promise<string | null>} a data URL
   */
  async toUrl() {
    return this.numMarked ? toDataUrl(await encodeMask(this.#mask)) : null;
  }

  #makeToolbar() {
    /** @type {(name: string, label: string, key: string, act: () => void) => HTMLButtonElement} */
    const button = (name, label, key, act) => {
      const title = `${label} (${key})`;
      this.#buttons[name] = h("button", { class: "icon-button", type: "button", "aria-label": label, title, onClick: act }, icon(name));
      return this.#buttons[name];
    };
    const tools = TOOLS.map(([tool, label, key]) => button(tool, label, key.toUpperCase(), () => this.#choose(tool)));
    const line = () => h("span", { class: "toolbar__line" });
    const bar = h(
      "div",
      { class: "toolbar painter__tools", role: "group", "aria-label": "Mask" },
      tools,
      h("label", { class: "painter__size" }, h("span", { class: "painter__dot", "aria-hidden": "true" }), this.#size),
      line(),
      button("undo", "Undo", "Ctrl+Z", () => this.#step("undo")),
      button("redo", "Redo", "Ctrl+Shift+Z", () => this.#step("redo")),
      line(),
      button("invert", "Invert", "I", () => this.#whole("invert")),
      button("delete", "Clear", "Delete", () => this.#whole("clear")),
      this.#said,
    );
    this.#size.addEventListener("input", () => this.#showBrush());
    bar.addEventListener("keydown", (event) => this.#onShortcut(event));
    return bar;
  }

  #listen() {
    const surface = this.#surface;
    surface.addEventListener("pointerdown", (event) => this.#onDown(event));
    surface.addEventListener("pointermove", (event) => this.#onMove(event));
    surface.addEventListener("pointerup", () => this.#lift());
    surface.addEventListener("pointercancel", () => this.#giveUp());
    surface.addEventListener("pointerleave", () => this.#from || this.#show(null));
    surface.addEventListener("keydown", (event) => this.#onKey(event));
    surface.addEventListener("blur", () => this.#show(null));
  }

  /** @param {PointerEvent} event */
  #onDown(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    this.#surface.focus({ preventScroll: true });
    this.#surface.setPointerCapture(event.pointerId);
    const place = this.#place(event);
    this.#put(event.shiftKey && this.#ended ? this.#ended : place);
    this.#moveTo(place);
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    if (!event.isPrimary) return;
    const passed = this.#from ? event.getCoalescedEvents() : [];
    for (const each of passed.length ? passed : [event]) this.#moveTo(this.#place(each));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.target !== this.#surface || this.#onShortcut(event)) return;
    const arrow = ARROWS[event.key];
    const at = this.#at ?? { x: this.#mask.width / 2, y: this.#mask.height / 2 };
    if (arrow) {
      const far = event.shiftKey ? 1 : Math.max(1, Math.round(this.#diameter() / 2));
      const x = Math.min(Math.max(at.x + arrow[0] * far, 0), this.#mask.width);
      const y = Math.min(Math.max(at.y + arrow[1] * far, 0), this.#mask.height);
      this.#moveTo({ x, y });
    } else if (event.key === " " || event.key === "Enter") {
      if (this.#from) this.#lift();
      else {
        this.#put(at);
        this.#moveTo(at);
      }
    } else if (event.key === "Escape" && this.#from) this.#giveUp();
    else return;
    event.preventDefault();
  }

  /**
   * Do what a key stands for; says whether it stands for something.
   * @param {KeyboardEvent} event
   */
  #onShortcut(event) {
    const key = event.key.toLowerCase();
    const tool = TOOLS.find(([, , letter]) => letter === key)?.[0];
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && (key === "z" || key === "y")) this.#step(key === "y" || event.shiftKey ? "redo" : "undo");
    else if (isCommand || event.altKey) return false;
    else if (tool) this.#choose(tool);
    else if (key === "i") this.#whole("invert");
    else if (key === "delete" || key === "backspace") this.#whole("clear");
    else if (key === "[" || key === "]") {
      this.#size.value = String(Number(this.#size.value) + (key === "[" ? -5 : 5));
      this.#showBrush();
    } else return false;
    event.preventDefault();
    return true;
  }

  /** @param {Tool} tool */
  #choose(tool) {
    this.#giveUp();
    this.#tool = tool;
    this.#settle();
  }

  /** @param {Point} place */
  #put(place) {
    this.#from = place;
    if (this.#tool === "box") this.#at = place;
  }

  /** @param {Point} place */
  #moveTo(place) {
    if (this.#from && this.#tool !== "box") {
      this.#paint(this.#mask.stroke(this.#from, place, this.#diameter(), this.#tool === "brush"));
      this.#from = place;
    }
    this.#show(place);
  }

  /** Take up the tool: what it did is one step. */
  #lift() {
    if (!this.#from) return;
    if (this.#tool === "box" && this.#at) this.#paint(this.#mask.fillBox(this.#from, this.#at, true));
    this.#ended = this.#tool === "box" ? null : this.#from;
    this.#from = null;
    if (this.#isDirty) this.#steps.add(this.#mask.save());
    this.#isDirty = false;
    this.#tell();
    this.dispatchEvent(new Event("change"));
  }

  /** Take up the tool as if it had not been put down. */
  #giveUp() {
    if (!this.#from) return;
    this.#from = null;
    this.#mask.restore(this.#steps.current);
    this.#settle();
  }

  /** @param {"undo" | "redo"} way */
  #step(way) {
    this.#from = null;
    this.#mask.restore(this.#steps[way]());
    this.#settle();
    this.dispatchEvent(new Event("change"));
  }

  /** @param {"invert" | "clear"} action */
  #whole(action) {
    this.#giveUp();
    if (action === "clear" && !this.numMarked) return;
    this.#mask[action]();
    this.#steps.add(this.#mask.save());
    this.#settle();
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Show a part of the mask as it is now.
   * @param {import("./mask.js").Box | null} box
   */
  #paint(box) {
    if (!box) return;
    this.#isDirty = true;
    const edge = Math.max(1, Math.round(Math.max(this.#mask.width, this.#mask.height) / EDGE_SHARE));
    const { left, top, width, height } = grown(box, edge, this.#mask);
    const part = new ImageData(width, height);
    draw(new Uint32Array(part.data.buffer), this.#mask, { left, top, width, height }, edge);
    this.#veil.getContext("2d")?.putImageData(part, left, top);
  }

  /** Show everything as it is now. */
  #settle() {
    const { width, height } = this.#mask;
    this.#paint({ left: 0, top: 0, width, height });
    this.#isDirty = false;
    this.#tell();
  }

  /** Say what can be done, and how much is marked. */
  #tell() {
    const { width, height } = this.#mask;
    for (const [tool] of TOOLS) this.#buttons[tool].setAttribute("aria-pressed", String(tool === this.#tool));
    this.#buttons.undo.disabled = !this.#steps.canUndo;
    this.#buttons.redo.disabled = !this.#steps.canRedo;
    this.#buttons.delete.disabled = !this.numMarked;
    this.#surface.dataset.tool = this.#tool;
    fill(this.#said, this.numMarked ? `${share(this.numMarked, width * height)} is drawn anew` : "Nothing is marked");
    this.#showBrush();
  }

  /** @param {Point | null} place */
  #show(place) {
    this.#at = place;
    this.#showBrush();
  }

  #showBrush() {
    const { width, height } = this.#mask;
    const diameter = this.#diameter();
    this.#size.setAttribute("aria-valuetext", `${diameter} pixels`);
    this.toolbar.style.setProperty("--brush-share", String(Number(this.#size.value) / SLIDER_STEPS));
    this.#brush.hidden = !this.#at || this.#tool === "box";
    const box = this.#tool === "box" && this.#from && this.#at ? this.#mask.boxBetween(this.#from, this.#at) : null;
    this.#box.hidden = !box;
    if (this.#at) place(this.#brush, this.#at.x - diameter / 2, this.#at.y - diameter / 2, diameter, diameter, width, height);
    if (box) place(this.#box, box.left, box.top, box.width, box.height, width, height);
  }

  /** Return the brush's size in pixels of the picture: small ones are as easy to choose as large ones. */
  #diameter() {
    const thickest = Math.max(THINNEST, Math.min(this.#mask.width, this.#mask.height) / 2);
    return Math.round(THINNEST * (thickest / THINNEST) ** (Number(this.#size.value) / SLIDER_STEPS));
  }

  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  #place(event) {
    const shown = this.#surface.getBoundingClientRect();
    const x = ((event.clientX - shown.left) / shown.width) * this.#mask.width;
    const y = ((event.clientY - shown.top) / shown.height) * this.#mask.height;
    return { x, y };
  }
}

/**
 * Colour what is marked in a box of a mask, and the edges of it.
 * @param {Uint32Array} colours
 * @param {Mask} mask
 * @param {import("./mask.js").Box} box
 * @param {number} edge  how wide edges are
 */
function draw(colours, { width, height, pixels }, box, edge) {
  for (let row = 0, at = 0; row < box.height; row += 1) {
    const y = box.top + row;
    const above = y < edge ? 0 : edge * width;
    const below = y + edge >= height ? 0 : edge * width;
    for (let x = box.left, pixel = y * width + x; x < box.left + box.width; x += 1, at += 1, pixel += 1) {
      if (!pixels[pixel]) continue;
      const isInside =
        pixels[pixel - above] && pixels[pixel + below] && pixels[x < edge ? pixel : pixel - edge] && pixels[x + edge >= width ? pixel : pixel + edge];
      colours[at] = isInside ? VEIL : EDGE;
    }
  }
}

/**
 * @param {import("./mask.js").Box} box
 * @param {number} by
 * @param {Mask} mask
 * @returns {import("./mask.js").Box}
 */
function grown({ left, top, width, height }, by, mask) {
  const [first, start] = [Math.max(0, left - by), Math.max(0, top - by)];
  return { left: first, top: start, width: Math.min(mask.width, left + width + by) - first, height: Math.min(mask.height, top + height + by) - start };
}

/**
 * @param {...number} channels  red, green, blue and alpha
 * @returns {number} as pixels are stored
 */
function colour(...channels) {
  return new Uint32Array(Uint8Array.from(channels).buffer)[0];
}

/** @type {(element: HTMLElement, left: number, top: number, wide: number, high: number, width: number, height: number) => void} */
function place(element, left, top, wide, high, width, height) {
  const { style } = element;
  style.left = `${(left / width) * 100}%`;
  style.top = `${(top / height) * 100}%`;
  style.width = `${(wide / width) * 100}%`;
  style.height = `${(high / height) * 100}%`;
}

/**
 * @param {number} part
 * @param {number} whole
 */
function share(part, whole) {
  const percent = (part / whole) * 100;
  return percent < 1 ? `${part} pixels` : `${Math.round(percent)}%`;
}

customElements.define("mask-painter", MaskPainter);
