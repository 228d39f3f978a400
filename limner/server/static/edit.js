// @ts-check
/** The room where pictures are changed: one picture at a time, turn by turn, and back to any of them. */

import { isAbort } from "./api.js";
import { Chain } from "./chain.js";
import { fill, h } from "./dom.js";
import { Board } from "./edit-board.js";
import { editForm } from "./edit-form.js";
import { inputOfFile, inputOfPicture, inputsList, pickFiles, pickFromHistory, reference, takeFiles } from "./edit-inputs.js";
import { learnTurns, showTurns } from "./edit-turns.js";
import { icon } from "./icons.js";
import { countMarked } from "./mask.js";
import { emptyState, errorBox, notice } from "./notices.js";
import { modelsOf } from "./settings-form.js";
import { Thumbnails } from "./thumbnails.js";

/** @typedef {import("./main.js").Visit} Visit */
/** @typedef {import("./edit-inputs.js").Input} Input */
/** @typedef {import("./chain.js").Turn} Turn */
/** @typedef {import("./edit-board.js").Made} Made */
/** @typedef {import("./edit-board.js").Marks} Marks */

/**
 * @param {HTMLElement} main
 * @param {Visit} visit
 */
export async function show(main, visit) {
  const { memory, params } = visit;
  if (!memory.has("edit")) memory.set("edit", new EditRoom(visit, await modelsOf(visit)));
  /** @type {EditRoom} */
  const room = memory.get("edit");
  room.enter(visit);
  main.append(h("h1", { class: "visually-hidden" }, "Edit"), room.element);
  const asked = params.getAll("picture");
  if (asked.length && !visit.signal.aborted) await room.openPictures(asked);
}

/** The room as its user left it: it is entered again with everything in its place. */
class EditRoom {
  /** @type {Input[]} */
  #inputs = [];
  #chain = new Chain();
  /** @type {Map<string, Input>} by turn */
  #pictures = new Map();
  /** @type {Map<string, Made>} by turn */
  #made = new Map();
  /** @type {Map<string, Marks>} by turn: what was marked there */
  #marks = new Map();
  /** @type {AbortController | null} */
  #work = null;
  #visit;
  #board;
  #form;
  #list = h("div", { class: "stack" });
  #turns = h("ol", { class: "turns", "aria-label": "Turns", hidden: true });
  #trouble = h("div");
  #stage = h("div", { class: "stage", role: "region", "aria-label": "Picture" });

  /**
   * @param {Visit} visit
   * @param {{id: string}[]} models
   */
  constructor(visit, models) {
    this.#visit = visit;
    this.#board = new Board(visit.api);
    this.#board.onStop = () => this.#work?.abort();
    const { limits } = visit.session;
    const chooseTools = () => this.#board.use({ isPainted: this.#form.scope() === "painted", isExtended: this.#form.isExtending() });
    this.#form = editForm({ limits, models, inputs: this.#list, numbers: this.#board.numbers, onScope: chooseTools, onSubmit: () => void this.#run() });
    this.element = h("div", { class: "room room--split room--edit" }, h("div", { class: "side" }, this.#form.element), this.#stage);
    chooseTools();
    this.#setInputs([]);
  }

  /** @param {Visit} visit */
  enter(visit) {
    this.#visit = visit;
    takeFiles(this.element, visit.signal, (files) => void this.#addFiles(files));
  }

  /**
   * Begin with kept pictures, the first of which is edited.
   * @param {string[]} ids
   */
  async openPictures(ids) {
    history.replaceState(null, "", "#/edit"); // what is opened once stays open; it is not opened again on every return
    const inputs = await Promise.all(ids.map(async (id) => inputOfPicture(this.#visit, await this.#visit.api.picture(id))));
    await this.#begin(inputs);
  }

  /** @param {File[]} files */
  async #addFiles(files) {
    const made = await Promise.all(files.map((file) => inputOfFile(file, this.#visit.ended)));
    this.#add(made.filter((input) => input !== null));
  }

  /** @param {import("./api.js").Picture} picture */
  async #addPicture(picture) {
    try {
      this.#add([await inputOfPicture(this.#visit, picture)]);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {Input[]} inputs */
  #add(inputs) {
    if (!inputs.length) return;
    if (this.#inputs.length) this.#setInputs([...this.#inputs, ...inputs]);
    else void this.#begin(inputs);
  }

  /**
   * Begin a chain of turns with the first of these pictures.
   * @param {Input[]} inputs
   */
  async #begin(inputs) {
    this.#work?.abort();
    this.#chain = new Chain();
    this.#setInputs(inputs);
    const [first] = inputs;
    if (!first) return;
    this.#chain.add(this.#turnOf(first));
    this.#board.open(first, null);
    this.#showTurns();
    if (!first.isKept || !first.id) return;
    try {
      await learnTurns(this.#visit.api, this.#chain, first.id);
    } catch (error) {
      if (!isAbort(error)) notice("The turns that led to this picture could not be read.");
    }
    this.#showTurns();
  }

  /**
   * Return the turn that a picture stands for: of a file that is not stored yet it has a name of the page's own.
   * @param {Input} input
   * @returns {Turn}
   */
  #turnOf(input) {
    const id = input.isKept && input.id ? input.id : input.url;
    this.#pictures.set(id, input);
    return { id, parent: null, instruction: input.alt, created_at: 0 };
  }

  /** @param {Input[]} inputs */
  #setInputs(inputs) {
    const isOther = inputs[0] !== this.#inputs[0];
    this.#inputs = inputs;
    const change = (/** @type {Input[]} */ changed) => (changed[0] === inputs[0] ? this.#setInputs(changed) : void this.#begin(changed));
    const add = h("div", { class: "row" }, h("span", { class: "label" }, "Beside it"), this.#addWays("button button--small"));
    fill(this.#list, inputs.length > 0 && [inputsList(inputs, change), add]);
    if (isOther || !inputs.length) this.#fillStage();
  }

  #fillStage() {
    if (this.#inputs.length) return fill(this.#stage, this.#turns, this.#trouble, this.#board.element);
    const empty = emptyState({ icon: "image", title: "Bring a picture", text: "Drop it here or paste it, open a file, or take one from the history." });
    empty.append(h("div", { class: "row" }, this.#addWays("button")));
    fill(this.#stage, this.#trouble, h("div", { class: "drop" }, empty));
  }

  /** @param {string} look */
  #addWays(look) {
    const fromFiles = () => pickFiles((files) => void this.#addFiles(files));
    const fromHistory = () => pickFromHistory(this.#visit, (picture) => void this.#addPicture(picture));
    return [
      h("button", { class: look, type: "button", onClick: fromFiles }, icon("upload"), "File"),
      h("button", { class: look, type: "button", onClick: fromHistory }, icon("history"), "History"),
    ];
  }

  #showTurns() {
    showTurns(this.#turns, this.#chain, { urlOf: (turn) => this.#thumbnail(turn), step: (id) => void this.#stepTo(id) });
  }

  /**
   * @param {Turn} turn
   * @returns {Promise<string>}
   */
  async #thumbnail({ id }) {
    const known = this.#pictures.get(id);
    return known ? known.url : Thumbnails.of(this.#visit).load(id, this.#visit.signal);
  }

  /**
   * Go back, or forth, to a turn: its picture is the one that is edited next, with what was marked on it.
   * @param {string} id
   */
  async #stepTo(id) {
    if (this.#work) return notice("A picture is being drawn; stop it first.");
    try {
      this.#keepMarks();
      const input = this.#pictures.get(id) ?? (await inputOfPicture(this.#visit, await this.#visit.api.picture(id)));
      this.#pictures.set(id, input);
      this.#chain.stepTo(id);
      this.#setInputs([input, ...this.#inputs.slice(1)]);
      this.#board.open(input, this.#made.get(id) ?? null);
      const marks = this.#marks.get(id);
      if (marks) this.#mark(marks);
      this.#showTurns();
      if (input.isKept) await learnTurns(this.#visit.api, this.#chain, id);
      this.#showTurns();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {Marks} marks */
  #mark(marks) {
    const isExtended = Object.values(marks.margins).some(Boolean);
    if (countMarked(marks.marked)) this.#form.setScope("painted");
    this.#form.setExtending(isExtended);
    this.#board.marks = marks;
  }

  #keepMarks() {
    if (this.#chain.current) this.#marks.set(this.#chain.current, this.#board.marks);
  }

  /** Ask for the edit as it is set, and go on from what comes. */
  async #run() {
    const [before] = this.#inputs;
    if (!before) return notice("Bring a picture first.");
    if (this.#work) return notice("A picture is being drawn; stop it first.");
    this.#work = new AbortController();
    const signal = AbortSignal.any([this.#work.signal, this.#visit.ended]);
    const partials = new AbortController();
    fill(this.#trouble);
    if (!matchMedia("(min-width: 60rem)").matches) this.#board.element.scrollIntoView({ behavior: "smooth", block: "start" });
    try {
      this.#keepMarks();
      const at = this.#board.marks.margins;
      this.#board.startWork(before);
      const order = await this.#order();
      const drawn = await this.#visit.api.edit(order, { signal, onPartial: (partial) => this.#board.showPartial(partial, partials.signal) });
      await this.#take({ order: { ...order, seed: drawn.seed }, drawn, before, at });
    } catch (error) {
      this.#board.endWork();
      if (!isAbort(error)) this.#fail(error);
    } finally {
      this.#work = null;
      partials.abort();
    }
  }

  /**
   * Return the order as it is set; pictures that are not on the server yet are stored first.
   * @returns {Promise<import("./api.js").Order>}
   */
  async #order() {
    const { prompt, ...settings } = this.#form.read();
    const images = await Promise.all(this.#inputs.map((input) => reference(this.#visit, input)));
    const url = this.#form.scope() === "painted" ? await this.#board.maskUrl() : null;
    if (this.#form.scope() === "painted" && !url) throw new Error("Nothing is painted yet: mark on the picture what may change.");
    const canvas = this.#form.isExtending() ? this.#board.canvas : undefined;
    return { prompt, images, ...(url ? { mask: { image_url: url } } : {}), ...(canvas ? { canvas } : {}), ...settings, keep: true };
  }

  /** @param {Made} made */
  async #take(made) {
    const { order, drawn, before } = made;
    if (!drawn.id) throw new Error("The server did not say under which name it keeps the picture.");
    const picture = await this.#visit.api.picture(drawn.id);
    const after = await inputOfPicture(this.#visit, picture);
    this.#pictures.set(picture.id, after);
    this.#made.set(picture.id, made);
    const parent = before.isKept ? picture.parent : before.url; // of a file the server knows no turn
    this.#chain.add({ id: picture.id, parent, instruction: order.prompt, created_at: picture.created_at });
    this.#setInputs([after, ...this.#inputs.slice(1)]);
    this.#form.setExtending(false);
    this.#board.open(after, made, true);
    this.#showTurns();
    notice("The picture is finished.");
  }

  /** @param {unknown} error */
  #fail(error) {
    if (isAbort(error)) return;
    fill(this.#trouble, errorBox(error));
    this.#trouble.scrollIntoView({ block: "nearest" });
  }
}
