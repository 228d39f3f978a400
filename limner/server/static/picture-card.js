// @ts-check
/** `<picture-card>`: one kept picture, whose content is fetched when it comes near the view. */

import { isAbort } from "./api.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./api.js").Picture} Picture */

const NEAR = "600px";

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
    this.#leaving = new AbortController();
    const { picture } = this;
    this.#box.classList.toggle("checkerboard", picture.settings.background === "transparent");
    const face = this.onPick
      ? h("button", { class: "card__face", type: "button", onClick: () => this.onPick?.(picture) }, this.#box)
      : h("a", { class: "card__face", href: `#/history?picture=${encodeURIComponent(picture.id)}` }, this.#box);
    this.classList.add("card");
    fill(this, face, this.caption ?? caption(picture));
    const known = this.thumbnails.known(picture.id);
    if (known) this.#show(known);
    else observer().observe(this);
  }

  disconnectedCallback() {
    watching?.unobserve(this);
    this.#leaving.abort();
  }

  /** Fetch the content. */
  async load() {
    observer().unobserve(this);
    try {
      this.#show(await this.thumbnails.load(this.picture.id, this.#leaving.signal));
    } catch (error) {
      if (!isAbort(error)) fill(this.#box, icon("image"), h("span", { class: "visually-hidden" }, this.picture.instruction));
    }
  }

  /** @param {string} url */
  #show(url) {
    const image = h("img", { src: url, alt: this.picture.instruction, decoding: "async", draggable: "false" });
    image.addEventListener("error", () => void this.load(), { once: true }); // the copy was given back meanwhile
    fill(this.#box, image);
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
      for (const entry of entries) if (entry.isIntersecting) void /** @type {PictureCard} */ (entry.target).load();
    },
    { rootMargin: NEAR },
  );
  return watching;
}

customElements.define("picture-card", PictureCard);
