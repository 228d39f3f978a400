// @ts-check
/** The board of the Edit room: the picture to paint on, the picture while it is drawn, and before beside after. */

import { BeforeAfter } from "./before-after.js";
import { CanvasEdges } from "./canvas-edges.js";
import { fill, h, save, urlOf } from "./dom.js";
import { showExport } from "./export-dialog.js";
import { icon } from "./icons.js";
import { MaskPainter } from "./mask-painter.js";
import { savePrompt } from "./save-prompt.js";
import { segmented } from "./settings-form.js";

/** @typedef {import("./edit-inputs.js").Input} Input */
/** @typedef {{marked: import("./mask.js").Runs, margins: {left: number, top: number, right: number, bottom: number}}} Marks */
/**
 * How a turn was made; `at` is where the picture before lies on a larger canvas. Without one it fills the picture after, cropped as the server crops it.
 * @typedef {object} Made
 * @property {import("./api.js").Order} order with the seed that was drawn
 * @property {import("./api.js").Drawn} drawn
 * @property {Input} before
 * @property {{left: number, top: number}} at
 */

const TICK_MS = 100;
const VIEWS = ["picture", "before and after"];

export class Board {
  #painter = new MaskPainter();
  #edges = new CanvasEdges();
  #versus = new BeforeAfter();
  #image = h("img", { class: "checkerboard", alt: "" });
  #working = h("div", { class: "board__working fit" }, this.#image);
  #bar = h("div");
  #said = h("div", { class: "meta", role: "status" });
  #views = segmented("View", VIEWS);
  #ways = h("div", { class: "row" });
  #place = h("div", { class: "board__place" });
  #stop = h("button", { class: "button button--small", type: "button", hidden: true, onClick: () => this.onStop() }, icon("stop"), "Stop");
  #progress = h("div", { class: "progress", hidden: true }, this.#bar);
  /** @type {Made | null} */
  #made = null;
  #isWorking = false;
  #isPainted = false;
  #ticking = 0;
  #api;
  numbers = this.#edges.numbers;
  onStop = () => {};
  element = h(
    "div",
    { class: "board" },
    h("div", { class: "board__head" }, this.#views.element, this.#ways),
    this.#painter.toolbar,
    this.#place,
    this.#progress,
    h("div", { class: "board__under" }, this.#said, this.#stop),
  );

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.#api = api;
    for (const element of [this.#edges, this.#versus]) element.classList.add("fit");
    this.#edges.hold(this.#painter);
    this.#views.element.querySelector("legend")?.classList.add("visually-hidden");
    this.#views.element.addEventListener("change", () => this.#settle());
  }

  /** @returns {Marks} */
  get marks() {
    return { marked: this.#painter.marked, margins: this.#edges.margins };
  }

  /** @param {Marks} marks */
  set marks({ marked, margins }) {
    this.#painter.marked = marked;
    this.#edges.margins = margins;
  }

  /** How far the canvas reaches, in the words of an order. */
  get canvas() {
    return this.#edges.canvas;
  }

  /** @returns {Promise<string | null>} what is marked, as a picture's data URL */
  maskUrl() {
    return this.#painter.toUrl();
  }

  /**
   * Choose the tools.
   * @param {{isPainted: boolean, isExtended: boolean}} tools
   */
  use({ isPainted, isExtended }) {
    this.#isPainted = isPainted;
    this.#edges.isActive = isExtended;
    if (isPainted || isExtended) this.#views.write(VIEWS[0]);
    this.#settle();
  }

  /**
   * Show a picture, and how it was made if that is known.
   * @param {Input} input
   * @param {Made | null} made
   * @param {boolean} [isNew] then what it was before is shown too
   */
  open(input, made, isNew = false) {
    this.#painter.open(input);
    this.#edges.open(input);
    this.#made = made;
    this.#isWorking = false;
    clearInterval(this.#ticking);
    this.#views.write(made && isNew ? VIEWS[1] : VIEWS[0]);
    const { width, height } = input;
    if (made) this.#versus.open(made.before, input, made.order.canvas ? { ...made.at, width: made.before.width, height: made.before.height } : undefined);
    const { seed = null, seconds = null, usage = null } = made?.drawn ?? {};
    const facts = [`${width} × ${height}`, seed !== null && `Seed ${seed}`, seconds !== null && `${seconds.toFixed(1)} s`, usage && `${usage.total_tokens} tokens`];
    fill(this.#said, facts.map((fact) => fact && h("span", null, fact)));
    this.#settle();
  }

  /**
   * Show that a picture is drawn.
   * @param {Input} input
   */
  startWork(input) {
    const begun = performance.now();
    const tick = () => fill(this.#said, h("span", null, "Drawing"), h("span", null, `${((performance.now() - begun) / 1000).toFixed(1)} s`));
    this.#isWorking = true;
    Object.assign(this.#image, { src: input.url, className: "checkerboard is-source", alt: input.alt });
    this.#edges.lay(this.#working);
    this.#bar.style.setProperty("--done", "0");
    this.#ticking = window.setInterval(tick, TICK_MS);
    tick();
    this.#settle();
  }

  /**
   * @param {import("./api.js").Partial} partial
   * @param {AbortSignal} signal
   */
  showPartial({ blob, index }, signal) {
    this.#image.src = urlOf(blob, signal);
    this.#image.classList.remove("is-source");
    this.#bar.style.setProperty("--done", String((index + 1) / (this.#api.numPartials + 1)));
  }

  /** Show the picture again that was to be changed. */
  endWork() {
    this.#isWorking = false;
    clearInterval(this.#ticking);
    fill(this.#said);
    this.#settle();
  }

  #settle() {
    const isCompared = this.#made !== null && this.#views.read() === VIEWS[1];
    const shown = this.#isWorking ? this.#working : isCompared ? this.#versus : this.#edges;
    if (this.#place.firstChild !== shown) fill(this.#place, shown);
    this.#views.element.hidden = this.#made === null || this.#isWorking;
    this.#painter.isActive = this.#isPainted && shown === this.#edges;
    this.#stop.hidden = this.#progress.hidden = !this.#isWorking;
    fill(this.#ways, this.#isWorking || !this.#made ? [] : this.#actions(this.#made));
  }

  /**
   * @param {Made} made
   * @returns {HTMLElement[]}
   */
  #actions({ order, drawn }) {
    /** @type {(name: string, label: string, act: () => void) => HTMLElement} */
    const way = (name, label, act) => h("button", { class: "button button--small button--quiet", type: "button", "aria-label": label, title: label, onClick: act }, icon(name), h("span", null, label));
    return [
      way("download", "Download", () => save(drawn.blob, `${drawn.snapshot}-${drawn.seed}.${drawn.output_format}`)),
      way("code", "Code", () => showExport({ route: "edits", order })),
      way("prompts", "Save as a prompt", () => void savePrompt(this.#api, order, { chosen: drawn.id })),
    ];
  }
}
