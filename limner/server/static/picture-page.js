// @ts-check
/** One kept picture closely: how it was made, the turns that led to it, what was made of it, and its end. */

import { fill, focusHeading, h, save, urlOf } from "./dom.js";
import { icon } from "./icons.js";
import { ask, errorBox, notice } from "./notices.js";
import { pictureCard } from "./picture-card.js";
import { Thumbnails } from "./thumbnails.js";

/** @typedef {import("./api.js").Picture} Picture */
/** @typedef {import("./main.js").Visit} Visit */

/**
 * @param {HTMLElement} main
 * @param {Visit} visit
 * @param {string} id
 * @param {() => void} onDeleted
 */
export async function showPicture(main, visit, id, onDeleted) {
  const { api, signal } = visit;
  const picture = await api.picture(id);
  if (signal.aborted) return;
  const box = h("div", { class: "picture closeup", vars: { "--ratio": `${picture.width} / ${picture.height}`, "--width": String(picture.width), "--height": String(picture.height) } });
  const turns = h("div", { class: "stack" });
  const isTransparent = picture.settings.background === "transparent";
  box.classList.toggle("checkerboard", isTransparent);
  /** @type {Blob | null} */
  let blob = null;
  const download = h("button", { class: "button", type: "button", disabled: true, onClick: () => blob && save(blob, `${picture.snapshot}-${picture.seed}.png`) }, icon("download"), "Download");
  const remove = async () => {
    const text = "Its pixels are removed from the server and cannot be brought back. Pictures that were made of it stay.";
    if (!(await ask({ title: "Delete this picture?", text, yes: "Delete" }))) return;
    await api.deletePicture(id);
    Thumbnails.of(visit).forget(id);
    onDeleted();
    notice("The picture is deleted.");
    location.hash = "#/history";
  };
  const trouble = h("div");
  const ways = h(
    "div",
    { class: "row" },
    h("a", { class: "button button--primary", href: `#/edit?picture=${encodeURIComponent(id)}` }, icon("edit"), "Edit"),
    picture.kind === "generation" && h("a", { class: "button", href: `#/draw?again=${encodeURIComponent(id)}` }, icon("refresh"), "Draw again"),
    download,
    h("button", { class: "icon-button", type: "button", "aria-label": "Delete", title: "Delete", onClick: () => void remove().catch((error) => fill(trouble, errorBox(error))) }, icon("delete")),
  );
  const about = h("div", { class: "panel stack closeup__about" }, h("h1", { class: "closeup__words" }, picture.instruction), ways, trouble, facts(picture));
  const back = h("a", { class: "button button--quiet button--small closeup__back", href: "#/history" }, icon("back"), "All pictures");
  main.append(h("section", { class: "room" }, h("div", null, back), h("div", { class: "closeup__parts" }, h("div", { class: "closeup__frame" }, box), about), turns));
  focusHeading(main);

  const showContent = async () => {
    blob = await api.content(id, { signal });
    fill(box, h("img", { src: urlOf(blob, signal), alt: picture.instruction }));
    download.disabled = false;
  };
  await Promise.all([
    showContent().catch((error) => signal.aborted || fill(box, errorBox(error))),
    showTurns(turns, visit, picture).catch((error) => signal.aborted || fill(turns, errorBox(error))),
  ]);
}

/**
 * @param {HTMLElement} place
 * @param {Visit} visit
 * @param {Picture} picture
 */
async function showTurns(place, visit, picture) {
  const thumbnails = Thumbnails.of(visit);
  const [lineage, made] = await Promise.all([visit.api.lineage(picture.id), visit.api.listPictures({ parent: picture.id, limit: 100, order: "asc" }, visit.signal)]);
  /** @param {Picture} turn */
  const item = (turn) => {
    const card = pictureCard(turn, { thumbnails });
    return h("li", turn.id === picture.id ? { "aria-current": "true" } : null, card);
  };
  if (lineage.data.length > 1) {
    const words = lineage.has_more ? "Earlier turns came before these." : "From the first to this one. Open any of them and edit it to branch off.";
    place.append(h("section", { class: "stack" }, h("div", null, h("h2", null, "Turns"), h("p", { class: "hint" }, words)), h("ol", { class: "strip strip--turns" }, lineage.data.map(item))));
  }
  if (made.data.length) {
    place.append(h("section", { class: "stack" }, h("h2", null, "Made of this one"), h("ul", { class: "strip" }, made.data.map(item))));
  }
}

/**
 * @param {Picture} picture
 * @returns {HTMLElement}
 */
function facts(picture) {
  const { settings } = picture;
  /** @type {[string, string | null | undefined][]} */
  const rows = [
    ["Size", `${picture.width} × ${picture.height}`],
    ["Seed", String(picture.seed)],
    ["Model", picture.snapshot],
    ["Quality", settings.quality],
    ["Background", settings.background],
    ["Fidelity", settings.input_fidelity],
    ["Region", settings.region],
    ["Canvas", settings.canvas],
    ["Mask", settings.mask_sha256 && `${settings.mask_sha256.slice(0, 12)}…`],
    ["Drawn", day(picture.created_at)],
    ["Kept until", picture.expires_at ? day(picture.expires_at) : null],
    ["Id", picture.id],
  ];
  const told = rows.filter(([, value]) => value);
  return h("dl", { class: "facts" }, told.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", { class: name === "Id" || name === "Seed" ? "mono" : null }, value))));
}

/**
 * Write a time of the server as its reader's day and time.
 * @param {number} seconds since 1970
 * @returns {string}
 */
export function day(seconds) {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
