// @ts-check
/** The room of saved prompts: find one, fill in its variables, run it, and keep what became of it. */

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { emptyState, errorBox } from "./notices.js";
import { promptSheet } from "./prompt-sheet.js";
import { modelsOf } from "./settings-form.js";
import { Thumbnails } from "./thumbnails.js";

/** @typedef {import("./api.js").Prompt} Prompt */
/** @typedef {import("./main.js").Visit} Visit */

const PAGE = 50;

/**
 * @param {HTMLElement} main
 * @param {Visit} visit
 */
export async function show(main, visit) {
  const { api, params, signal } = visit;
  const models = await modelsOf(visit);
  const shelf = h("ul", { class: "shelf", "aria-label": "Saved prompts" });
  const stage = h("div", { class: "stage" });
  const search = h("input", { class: "input", type: "search", placeholder: "Search", "aria-label": "Search saved prompts" });
  const more = h("button", { class: "button button--small", type: "button", hidden: true }, "More");
  /** @type {Prompt[]} */
  let prompts = [];
  let chosen = params.get("name");
  let isNew = false;

  /** @param {boolean} isMore */
  const load = async (isMore) => {
    const words = search.value.trim();
    const after = isMore ? prompts.at(-1)?.id : undefined;
    const page = await api.listPrompts({ limit: PAGE, search: words, after });
    if (words !== search.value.trim() || signal.aborted) return;
    prompts = isMore ? [...prompts, ...page.data] : page.data;
    more.hidden = !page.has_more;
    fill(shelf, prompts.length ? prompts.map(item) : h("li", { class: "quiet small" }, words ? "No prompt has these words." : "Nothing is saved yet."));
  };
  const tryTo = (/** @type {Promise<unknown>} */ work) => work.catch((error) => signal.aborted || fill(stage, errorBox(error, { label: "Try again", act: () => void tryTo(refresh()) })));

  /** @param {Prompt} prompt */
  const item = (prompt) => {
    const box = h("span", { class: "picture" }, icon("prompts"));
    if (prompt.chosen) void showSmall(box, visit, prompt.chosen);
    const words = h("span", { class: "shelf__words" }, h("strong", null, prompt.name), h("span", { class: "quiet small" }, prompt.prompt));
    const face = h("button", { class: "shelf__item", type: "button", onClick: () => void tryTo(open(prompt.name).then(showStage)) }, box, words, h("span", { class: "chip" }, `v${prompt.version}`));
    if (prompt.name === chosen) face.setAttribute("aria-current", "true");
    return h("li", null, face);
  };

  /**
   * @param {string} name
   * @param {number} [version] the newest unless given
   */
  const open = async (name, version) => {
    const versions = (await api.promptVersions(name)).data;
    if (signal.aborted) return;
    const prompt = versions.find((other) => other.version === version) ?? versions.reduce((newest, other) => (other.version > newest.version ? other : newest));
    chosen = name;
    history.replaceState(null, "", `#/prompts?name=${encodeURIComponent(name)}`);
    fill(shelf, prompts.map(item));
    fill(stage, promptSheet(visit, { prompt, versions, models, onVersion: (number) => void tryTo(open(name, number)), onSaved: (saved) => void tryTo(refresh(saved.name)), onDeleted: () => void tryTo(refresh(null)) }));
  };
  const showStage = () => {
    if (!signal.aborted && !matchMedia("(min-width: 60rem)").matches) stage.scrollIntoView({ block: "start" });
  };
  const openNew = () => {
    isNew = true;
    chosen = null;
    fill(shelf, prompts.map(item));
    fill(stage, promptSheet(visit, { prompt: null, versions: [], models, onVersion: () => undefined, onSaved: (saved) => void tryTo(refresh(saved.name)), onDeleted: () => undefined }));
  };
  const refresh = async (/** @type {string | null} */ name = chosen) => {
    await load(false);
    if (signal.aborted) return;
    chosen = name ?? prompts[0]?.name ?? null;
    if (chosen) return open(chosen);
    history.replaceState(null, "", "#/prompts");
    if (!isNew) fill(stage, nothing(openNew));
  };

  search.addEventListener("input", () => void tryTo(load(false)));
  more.addEventListener("click", () => void tryTo(load(true)));
  const add = h("button", { class: "button button--small", type: "button", onClick: openNew }, icon("add"), "New prompt");
  const side = h("div", { class: "panel stack" }, h("div", { class: "row row--apart" }, h("h1", null, "Prompts"), add), search, shelf, more);
  main.append(h("div", { class: "room room--split" }, h("div", { class: "side" }, side), stage));
  await tryTo(refresh());
}

/** @param {() => void} openNew */
function nothing(openNew) {
  const text = "Write a prompt with variables, such as {product}, or save one from a picture that you drew. It keeps its settings, its inputs and its versions, and comes out as code.";
  const empty = emptyState({ icon: "prompts", title: "No saved prompts yet", text });
  empty.append(h("button", { class: "button button--primary", type: "button", onClick: openNew }, "Write the first"));
  return empty;
}

/**
 * @param {HTMLElement} box
 * @param {Visit} visit
 * @param {string} id
 */
async function showSmall(box, visit, id) {
  try {
    fill(box, h("img", { src: await Thumbnails.of(visit).load(id, visit.signal), alt: "" }));
  } catch {
    box.title = "The chosen picture is gone."; // or the room was left; the icon stays
  }
}
