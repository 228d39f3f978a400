// @ts-check
/** `<picture-card>`: one kept picture, whose content is fetched when it comes near the view. */

import { isAbort } from "./api.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./api.js").Picture} Picture */

const NEAR = "800px";

/** @type {IntersectionObserver | null} */
let watching = null;

/** A kept picture as a link, or as a button if it has `onPick`. */
export class PictureCard extends HTMLElement {
  /** @type {Picture} */
  picture = /** @type {any} */ (null);
  /** @type {import("./thumbnails.js").Thumbnails} */
  thumbnails = /** @type {any} */ (null);
  /** @type {((picture: Picture) => void) | null} */
  onPick = null;
  /** @type {Node | null} what stands below it; its words and date unless given */
  caption = null;
  #leaving = new AbortController();
  #box = h("span", { class: "picture" });

  connectedCallback() {
    const { picture } = this;
    this.#box.classList.toggle("checkerboard", picture.settings.background === "transparent");
    const face = this.onPick
      ? h("button", { class: "card__face", type: "button", "aria-label": picture.instruction, onClick: () => this.onPick?.(picture) }, this.#box)
      : h("a", { class: "card__face", "aria-label": picture.instruction, href: `#/history?picture=${encodeURIComponent(picture.id)}` }, this.#box);
    this.classList.add("card");
    fill(this, face, this.caption ?? caption(picture));
    const known = this.thumbnails.known(picture.id);
    if (known) this.#show(known);
    observer().observe(this);
  }

  disconnectedCallback() {
    watching?.unobserve(this);
    this.unload();
  }

  /** Fetch the content and show it. */
  async load() {
    if (this.#box.firstChild) return;
    try {
      this.#show(await this.thumbnails.load(this.picture.id, this.#leaving.signal));
    } catch (error) {
      if (!isAbort(error)) fill(this.#box, icon("image"));
    }
  }

  /** Show nothing, far from the view. */
  unload() {
    this.#leaving.abort();
    this.#leaving = new AbortController();
    fill(this.#box);
  }

  /** @param {string} url */
  #show(url) {
    fill(this.#box, h("img", { src: url, alt: this.picture.instruction, decoding: "async", draggable: "false" }));
  }
}

/**
 * Make a card.
 * @param {Picture} picture
 * @param {{thumbnails: import("./thumbnails.js").Thumbnails, onPick?: (picture: Picture) => void, caption?: Node}} parts
 * @returns {PictureCard}
 */
export function pictureCard(picture, { thumbnails, onPick, caption: below }) {
  const card = /** @type {PictureCard} */ (document.createElement("picture-card"));
  Object.assign(card, { picture, thumbnails, onPick: onPick ?? null, caption: below ?? null });
  return card;
}

/**
 * @param {Picture} picture
 * @returns {HTMLElement}
 */
function caption(picture) {
  return h(
    "span",
    { class: "card__caption" },
    h("span", { class: "card__text", title: picture.instruction }, picture.instruction),
    h("span", { class: "meta" }, `${picture.width} × ${picture.height}`, picture.parent && h("span", null, "edited")),
  );
}

/** @returns {IntersectionObserver} */
function observer() {
  watching ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const card = /** @type {PictureCard} */ (target);
        if (isIntersecting) void card.load();
        else card.unload();
      }
    },
    { rootMargin: NEAR },
  );
  return watching;
}

customElements.define("picture-card", PictureCard);
