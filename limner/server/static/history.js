// @ts-check
/** The room of everything that was kept: searched, looked at closely, gone back to, deleted. */

import { isAbort } from "./api.js";
import { fill, focusHeading, h } from "./dom.js";
import { icon } from "./icons.js";
import { emptyState, errorBox } from "./notices.js";
import { pictureCard } from "./picture-card.js";
import { showPicture } from "./picture-page.js";
import { Thumbnails } from "./thumbnails.js";

/** @typedef {import("./main.js").Visit} Visit */
/** @typedef {{element: HTMLElement, scroll: number, forget: (id: string) => void}} List */

const PAGE = 60;
const NEAR = "1200px";
const TYPING_MS = 250;
const LIST_ITEM = "history";

/**
 * @param {HTMLElement} main
 * @param {Visit} visit
 */
export async function show(main, visit) {
  const { params, memory, previous, signal } = visit;
  const picture = params.get("picture");
  if (picture) {
    await showPicture(main, visit, picture, () => /** @type {List | undefined} */ (memory.get(LIST_ITEM))?.forget(picture));
    return;
  }
  const isBack = previous === "history" && memory.has(LIST_ITEM);
  if (!isBack) memory.set(LIST_ITEM, makeList(visit));
  const list = /** @type {List} */ (memory.get(LIST_ITEM));
  main.append(list.element);
  focusHeading(main);
  if (isBack) window.scrollTo(0, list.scroll);
  window.addEventListener("scroll", () => (list.scroll = window.scrollY), { signal, passive: true });
}

/**
 * @param {Visit} visit
 * @returns {List}
 */
function makeList(visit) {
  const { api, ended } = visit;
  const thumbnails = Thumbnails.of(visit);
  const search = h("input", { class: "input", type: "search", placeholder: "Search", "aria-label": "Search" });
  const kind = h("select", { class: "input", "aria-label": "Kind" }, KINDS.map(([value, words]) => h("option", { value }, words)));
  const grid = h("ul", { class: "grid gallery", "aria-label": "Pictures" });
  const state = h("div", { class: "gallery__state", "aria-live": "polite" });
  const end = h("div", { class: "gallery__end" });
  let asking = new AbortController();
  let after = /** @type {string | null} */ (null);
  let isWhole = false;
  let isLoading = false;

  const loadMore = async () => {
    if (isLoading || isWhole) return;
    isLoading = true;
    const { signal } = asking;
    fill(state, h("div", { class: "loading" }, "Loading"));
    try {
      const page = await api.listPictures({ limit: PAGE, after, search: search.value.trim(), kind: kind.value }, signal);
      grid.append(...page.data.map((picture) => h("li", { dataset: { id: picture.id } }, pictureCard(picture, { thumbnails }))));
      after = page.last_id;
      isWhole = !page.has_more;
      fill(state, grid.children.length ? null : nothing(search.value || kind.value));
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      fill(state, errorBox(error, { label: "Try again", act: () => void loadMore() }));
      return;
    } finally {
      if (!signal.aborted) isLoading = false;
    }
    if (isNear(end)) void loadMore();
  };
  const begin = () => {
    asking.abort();
    asking = new AbortController();
    [after, isWhole, isLoading] = [null, false, false];
    fill(grid);
    void loadMore();
  };

  let typing = 0;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(begin, TYPING_MS);
  });
  kind.addEventListener("change", begin);
  const watching = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && void loadMore(), { rootMargin: NEAR });
  watching.observe(end);
  ended.addEventListener("abort", () => watching.disconnect());

  const tools = h("div", { class: "row gallery__tools" }, h("div", { class: "search" }, icon("search"), search), kind);
  const element = h("section", { class: "room" }, h("div", { class: "room__head" }, h("h1", null, "History"), tools), grid, state, end);
  begin();
  return { element, scroll: 0, forget: (id) => grid.querySelector(`[data-id="${CSS.escape(id)}"]`)?.remove() };
}

/** @type {[string, string][]} */
const KINDS = [
  ["", "All kinds"],
  ["generation", "Drawn from words"],
  ["edit", "Edited"],
  ["variation", "Variations"],
];

/**
 * @param {string} asked
 * @returns {HTMLElement}
 */
function nothing(asked) {
  if (asked) return emptyState({ icon: "search", title: "Nothing found", text: "No kept picture was made with these words." });
  const link = { href: "#/draw", label: "Draw the first one" };
  return emptyState({ icon: "history", title: "No pictures yet", text: "Everything that you draw here is kept, and can be found, edited and gone back to.", link });
}

/**
 * @param {Element} element
 * @returns {boolean}
 */
function isNear(element) {
  return element.isConnected && element.getBoundingClientRect().top < window.innerHeight + parseInt(NEAR, 10);
}
