// @ts-check
/** The room of who is here: the session, the project's keys, what it used, and what the server takes. */

import { fill, h, svg } from "./dom.js";
import { icon } from "./icons.js";
import { ask, errorBox, notice } from "./notices.js";
import { day } from "./picture-page.js";

/** @typedef {import("./main.js").Visit} Visit */
/** @typedef {import("./api.js").Key} Key */

const DAYS = 30;
const [CHART_WIDTH, CHART_HEIGHT, GAP] = [600, 120, 0.25];

/**
 * @param {HTMLElement} main
 * @param {Visit} visit
 */
export function show(main, visit) {
  const usage = h("div", { class: "loading" }, "Loading");
  const keys = h("div", { class: "loading" }, "Loading");
  main.append(
    h(
      "section",
      { class: "room room--narrow" },
      h("div", { class: "room__head" }, h("h1", null, "Account"), h("button", { class: "button", type: "button", onClick: () => void visit.signOut() }, "Sign out")),
      h("div", { class: "account" }, panel("You", whoIsHere(visit)), panel("Limits", limits(visit))),
      panel(`Usage of the last ${DAYS} days`, usage),
      panel("Keys of this project", keys),
    ),
  );
  visit.api.usage(DAYS).then(
    (used) => replace(usage, chart(used)),
    (error) => replace(usage, errorBox(error)),
  );
  void showKeys(keys, visit);
}

/**
 * @param {string} title
 * @param {Node} content
 * @returns {HTMLElement}
 */
function panel(title, content) {
  return h("section", { class: "panel stack", "aria-label": title }, h("h2", null, title), content);
}

/**
 * @param {HTMLElement} place
 * @param {...Node} content
 */
function replace(place, ...content) {
  place.className = "stack";
  fill(place, ...content);
}

/**
 * @param {Visit} visit
 * @returns {HTMLElement}
 */
function whoIsHere({ session }) {
  const { key } = session;
  return factList([
    ["Project", h("code", null, session.project_id)],
    ["Key", key ? `${key.name}, ending in ${key.hint}` : session.is_dev ? "none: the server runs with --dev" : "none"],
    ["Role", key?.role],
    ["Ends", key?.expires_at ? day(key.expires_at) : key ? "no end" : null],
    ["Server", `Limner ${session.version}`],
  ]);
}

/**
 * @param {Visit} visit
 * @returns {HTMLElement}
 */
function limits({ session: { limits: given } }) {
  const { min, max, multiple_of: step, max_ratio: ratio } = given.sizes;
  const number = new Intl.NumberFormat();
  return factList([
    ["Prompt", `${number.format(given.max_prompt_chars)} characters`],
    ["Size", `${min} to ${max} pixels a side, in steps of ${step}, up to ${ratio}:1`],
    ["Pictures an order", `1 to ${given.max_n}`],
    ["Input pictures", `${given.max_images}, up to ${number.format(Math.round(given.max_image_bytes / 2 ** 20))} MiB each`],
    ["Requests at once", given.max_open_requests],
    ["Pictures are kept", `${given.retention_days} days`],
    ["Moderation", given.moderation],
  ]);
}

/**
 * @param {[string, import("./dom.js").Child][]} rows
 * @returns {HTMLElement}
 */
function factList(rows) {
  const told = rows.filter(([, value]) => value !== null && value !== undefined);
  return h("dl", { class: "facts" }, told.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
}

/**
 * @param {{days: import("./api.js").UsageDay[], total: Record<string, number>}} used
 * @returns {HTMLElement}
 */
function chart({ days, total }) {
  const number = new Intl.NumberFormat();
  const tallest = Math.max(1, ...days.map((one) => one.pictures));
  const width = CHART_WIDTH / Math.max(1, days.length);
  const bars = days.map((one, index) => {
    const height = Math.max(one.pictures ? 2 : 0, (one.pictures / tallest) * CHART_HEIGHT);
    const place = { x: (index + GAP / 2) * width, y: CHART_HEIGHT - height, width: width * (1 - GAP), height, rx: 2 };
    return svg("rect", { class: "chart__bar", ...place }, svg("title", null, `${one.date}: ${number.format(one.pictures)} pictures`));
  });
  const words = `${number.format(total.pictures)} pictures in ${days.length} days, at most ${number.format(tallest)} a day`;
  const drawing = svg("svg", { class: "chart", viewBox: `0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words }, bars);
  /** @type {[string, number][]} */
  const sums = [
    ["Pictures", total.pictures],
    ["Requests", total.requests],
    ["Input tokens", total.input_tokens],
    ["Output tokens", total.output_tokens],
    ["Refused", total.refused],
  ];
  const figures = h("dl", { class: "figures" }, sums.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, number.format(value)))));
  const ends = h("div", { class: "row row--apart hint" }, h("span", null, days[0]?.date), h("span", null, days.at(-1)?.date));
  return h("div", { class: "stack" }, figures, h("div", null, drawing, ends), h("details", null, h("summary", null, "As a table"), table(days)));
}

/**
 * @param {import("./api.js").UsageDay[]} days
 * @returns {HTMLElement}
 */
function table(days) {
  const heads = ["Day", "Requests", "Pictures", "Input tokens", "Output tokens", "Refused"];
  const rows = days
    .filter((one) => one.requests || one.refused)
    .map((one) => h("tr", null, h("th", { scope: "row" }, one.date), [one.requests, one.pictures, one.input_tokens, one.output_tokens, one.refused].map((value) => h("td", { class: "number" }, value))));
  const body = rows.length ? rows : h("tr", null, h("td", { colspan: heads.length }, "Nothing was used."));
  return scrolling("Usage by day", h("table", null, h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", null, body)));
}

/**
 * @param {string} label
 * @param {HTMLElement} content
 * @returns {HTMLElement}
 */
function scrolling(label, content) {
  return h("div", { class: "scrolling", tabindex: "0", role: "region", "aria-label": label }, content);
}

/**
 * @param {HTMLElement} place
 * @param {Visit} visit
 */
async function showKeys(place, visit) {
  try {
    const { data } = await visit.api.keys();
    const [good, over] = [data.filter((key) => !isOver(key)), data.filter(isOver)];
    const hint = h("p", { class: "hint" }, "Another key of this project: ", h("code", null, `limner keys create --name NAME --project ${visit.session.project_id}`));
    const folded = h("details", { hidden: !over.length }, h("summary", null, `Ended and revoked (${over.length})`), keyTable("Ended and revoked keys", over, visit, place));
    replace(place, keyTable("Keys", good, visit, place), folded, hint);
  } catch (error) {
    replace(place, errorBox(error));
  }
}

/**
 * @param {Key} key
 * @returns {boolean}
 */
function isOver({ revoked_at: revoked, expires_at: end }) {
  return revoked !== null || (end !== null && end * 1000 <= Date.now());
}

/**
 * @param {string} label
 * @param {Key[]} keys
 * @param {Visit} visit
 * @param {HTMLElement} place
 * @returns {HTMLElement}
 */
function keyTable(label, keys, visit, place) {
  const heads = ["Name", "Role", "Hint", "Made", "Until", ""];
  const body = keys.length ? keys.map((key) => keyRow(key, visit, place)) : h("tr", null, h("td", { colspan: heads.length }, "This project has no key."));
  return scrolling(label, h("table", null, h("thead", null, h("tr", null, heads.map((head) => (head ? h("th", { scope: "col" }, head) : h("td"))))), h("tbody", null, body)));
}

/**
 * @param {Key} key
 * @param {Visit} visit
 * @param {HTMLElement} place
 * @returns {HTMLElement}
 */
function keyRow(key, visit, place) {
  const revoke = async () => {
    const text = key.is_current ? "You are signed in with this key, and will be signed out." : "Programs that use it are refused within a second.";
    if (!(await ask({ title: `Revoke ${key.name}?`, text, yes: "Revoke" }))) return;
    try {
      await visit.api.revokeKey(key.id);
      notice(`${key.name} is revoked.`);
      await showKeys(place, visit);
    } catch (error) {
      place.append(errorBox(error));
    }
  };
  const end = key.expires_at ? day(key.expires_at) : "no end";
  const state = key.revoked_at ? `revoked ${day(key.revoked_at)}` : isOver(key) ? `ended ${end}` : end;
  const way = isOver(key) ? null : h("button", { class: "button button--small button--quiet", type: "button", "aria-label": `Revoke ${key.name}`, onClick: () => void revoke() }, icon("delete"), "Revoke");
  const name = h("th", { scope: "row" }, key.name, " ", key.is_current && h("span", { class: "chip chip--accent" }, "this one"));
  return h("tr", isOver(key) ? { class: "is-over" } : null, name, h("td", null, key.role), h("td", { class: "mono" }, key.hint), h("td", null, day(key.created_at)), h("td", null, isOver(key) ? h("span", { class: "chip" }, state) : state), h("td", null, way));
}
