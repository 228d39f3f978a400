// @ts-check
/** Starts the page: who is here, which room, and what to do when a key is no longer taken. */

import { Api, ApiError, loadPart } from "./api.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { closeDialogs, errorBox, notice } from "./notices.js";

/**
 * What a room is shown with.
 * @typedef {object} Visit
 * @property {Api} api
 * @property {import("./api.js").Session} session
 * @property {URLSearchParams} params what follows the room's name in the address: `#/edit?picture=ID`
 * @property {AbortSignal} signal ends when the room is left
 * @property {string | null} previous the room that was left for this one
 * @property {Map<string, any>} memory what rooms remember until their user signs out
 * @property {AbortSignal} ended ends when the user signs out; for work that goes on while other rooms are visited
 * @property {() => Promise<void>} signOut
 */
/** @typedef {{title: string, load: () => Promise<{show: (main: HTMLElement, visit: Visit) => void | Promise<void>}>}} Room */

/** @type {Record<string, Room>} */
const ROOMS = {
  draw: { title: "Draw", load: () => import("./draw.js") },
  edit: { title: "Edit", load: () => import("./edit.js") },
  compare: { title: "Compare", load: () => import("./compare.js") },
  prompts: { title: "Prompts", load: () => import("./prompts.js") },
  history: { title: "History", load: () => import("./history.js") },
  account: { title: "Account", load: () => import("./account.js") },
};
const FIRST_ROOM = "draw";
const KEY_ITEM = "limner.key";

const main = /** @type {HTMLElement} */ (document.getElementById("room"));
const rooms = /** @type {HTMLElement} */ (document.getElementById("rooms"));

/** @typedef {{api: Api, session: import("./api.js").Session, memory: Map<string, any>, ending: AbortController}} Stay */
/** @type {Stay | null} */
let stay = null;
let leaving = new AbortController();

/** Show the room that the address names. */
async function showRoom() {
  if (!stay) return;
  const [path, query] = location.hash.replace(/^#\//, "").split("?", 2);
  const name = Object.hasOwn(ROOMS, path) ? path : FIRST_ROOM;
  const previous = main.dataset.room ?? null;
  leaveRoom();
  const { signal } = leaving;
  markRoom(name);
  fill(main, h("div", { class: "loading", role: "status" }, "Loading"));
  const visit = { ...stay, params: new URLSearchParams(query ?? ""), signal, previous, ended: stay.ending.signal, signOut };
  try {
    const room = await loadPart(ROOMS[name].load);
    if (signal.aborted) return;
    fill(main);
    await room.show(main, visit);
  } catch (error) {
    if (!signal.aborted) showTrouble(error, showRoom);
  }
}

function leaveRoom() {
  leaving.abort();
  leaving = new AbortController();
  closeDialogs();
}

/** @param {string} name */
function markRoom(name) {
  document.title = `${ROOMS[name].title} · Limner`;
  main.dataset.room = name;
  for (const link of rooms.querySelectorAll("a")) {
    if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  window.scrollTo(0, 0);
}

/**
 * Begin with a key, or without one.
 * @param {string | null} key
 */
async function enter(key) {
  const api = new Api({ key, onUnauthorized: (error) => stay?.api === api && leave(error) });
  const session = await api.session();
  stay = { api, session, memory: new Map(), ending: new AbortController() };
  if (key) sessionStorage.setItem(KEY_ITEM, key);
  rooms.hidden = false;
  await showRoom();
}

/**
 * Forget the key and everything that was shown with it.
 * @param {unknown} [reason]
 */
function leave(reason) {
  sessionStorage.clear();
  endStay();
  void showSignIn(reason);
}

function endStay() {
  stay?.ending.abort();
  stay = null;
  leaveRoom();
  rooms.hidden = true;
}

/** Sign out: a key that came from a link ends, a typed one is only forgotten. */
async function signOut() {
  const api = stay?.api;
  try {
    await api?.signOut();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // signed out all the same: the key is forgotten here
  }
  leave();
  notice("Signed out.");
}

/** @param {unknown} [reason] */
async function showSignIn(reason) {
  document.title = "Sign in · Limner";
  delete main.dataset.room;
  try {
    const { show } = await loadPart(() => import("./sign-in.js"));
    fill(main);
    show(main, { enter, reason });
  } catch (error) {
    showTrouble(error, () => showSignIn(reason));
  }
}

function prepareTheme() {
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("theme"));
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const draw = () => fill(button, icon(isDark() ? "light" : "dark"));
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("limner.theme", root.dataset.theme);
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
}

/** Take the one-time token out of the address before anything else can see it. */
function takeToken() {
  const found = /^#sign-in=(.+)$/.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return found[1]; // made of letters that addresses leave as they are
}

async function start() {
  prepareTheme();
  for (const link of rooms.querySelectorAll("a")) link.prepend(icon(link.dataset.icon ?? ""));
  document.querySelector(".skip-link")?.addEventListener("click", (event) => {
    event.preventDefault(); // the address names a room, and stays
    main.focus();
  });
  window.addEventListener("hashchange", () => {
    const token = takeToken();
    if (token || (stay && /^(#\/|$)/.test(location.hash))) void arrive(token); // at the door, another address changes nothing
  });
  await arrive(takeToken());
}

/**
 * Go where the address leads: with a link's token to another stay, without one to a room, or in with the key of this tab.
 * @param {string | null} token
 * @returns {Promise<void>}
 */
async function arrive(token) {
  if (stay && !token) return showRoom();
  if (token && !(await redeem(token))) return;
  const key = sessionStorage.getItem(KEY_ITEM);
  try {
    await enter(key);
  } catch (error) {
    if (!isRefused(error)) return showTrouble(error, () => arrive(null));
    sessionStorage.removeItem(KEY_ITEM);
    await showSignIn(key ? error : undefined);
  }
}

/**
 * Put a token's key in the place of the one that this tab has; says whether there is now a key to enter with.
 * @param {string} token
 * @returns {Promise<boolean>}
 */
async function redeem(token) {
  try {
    const { key } = await new Api({ key: null }).signIn(token);
    endStay();
    sessionStorage.setItem(KEY_ITEM, key);
    return true;
  } catch (error) {
    const hasKey = sessionStorage.getItem(KEY_ITEM) !== null;
    if (stay || hasKey) notice(error instanceof Error ? error.message : String(error));
    else if (isRefused(error)) await showSignIn(error);
    else showTrouble(error, () => arrive(token));
    return hasKey && !stay;
  }
}

/** @param {unknown} error */
function isRefused(error) {
  return error instanceof ApiError && error.status === 401;
}

/**
 * @param {unknown} error
 * @param {() => Promise<void>} again
 */
function showTrouble(error, again) {
  fill(main, h("div", { class: "room" }, errorBox(error, { label: "Try again", act: () => void again() })));
}

void start();
