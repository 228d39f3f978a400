// @ts-check
/** Building elements. Text is always text: nothing here, or anywhere in the page, parses HTML. */

/** @typedef {Node | string | number | boolean | null | undefined | any[]} Child */
/** @typedef {Record<string, any>} Props */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. `on...` functions listen, `vars` are CSS variables, `dataset` is data; booleans switch attributes;
 * objects and `value` become properties; everything else becomes an attribute, and what is null or undefined is left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  give(element, props ?? {});
  element.append(...flatten(children));
  return element;
}

/**
 * Make an SVG element.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, props, ...children) {
  const element = document.createElementNS(SVG, tag);
  give(element, props ?? {});
  element.append(...flatten(children));
  return element;
}

/**
 * Put children in the place of those that an element has.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...flatten(children));
}

/**
 * Return a URL of a blob that stays valid until `signal` says that it is no longer needed.
 * @param {Blob} blob
 * @param {AbortSignal} signal
 * @returns {string}
 */
export function urlOf(blob, signal) {
  const url = URL.createObjectURL(blob);
  signal.addEventListener("abort", () => URL.revokeObjectURL(url), { once: true });
  return url;
}

/**
 * Let the browser save a blob as a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

let numIds = 0;

/**
 * Return an id that no other element has.
 * @param {string} name
 * @returns {string}
 */
export function uniqueId(name) {
  numIds += 1;
  return `${name}-${numIds}`;
}

/**
 * @param {Element} element
 * @param {Props} props
 */
function give(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === "vars") for (const [key, text] of Object.entries(value)) /** @type {HTMLElement} */ (element).style.setProperty(key, text);
    else if (name === "dataset") Object.assign(/** @type {HTMLElement} */ (element).dataset, value);
    else if (typeof value === "boolean" && !name.startsWith("aria-")) element.toggleAttribute(name, value);
    else if (name === "value" || typeof value === "object") /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, String(value));
  }
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function flatten(children) {
  return children.flatMap((child) => {
    if (child === null || child === undefined || typeof child === "boolean") return [];
    if (Array.isArray(child)) return flatten(child);
    return [child instanceof Node ? child : String(child)];
  });
}

/**
 * Give a room's heading the focus, where what had it is gone, so that keys and screen readers go on from there.
 * @param {Element} room
 */
export function focusHeading(room) {
  const heading = room.querySelector("h1");
  if (!heading || document.activeElement !== document.body) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
