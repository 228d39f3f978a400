// @ts-check
/** The page's own icons: strokes on a grid of 24. */

import { svg } from "./dom.js";

/** @type {Record<string, string>} */
const STROKES = {
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c.9-3.700 3.700-5.500 7.500-5.500s6.600 1.800 7.500 5.500",
  add: "M12 5v14M5 12h14",
  back: "M10 6l-6 6 6 6M4 12h16",
  box: "M5 5h14v14H5z",
  branch: "M7 4v11M7 20a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM17 9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM17 9c0 4-10 2-10 6",
  brush: "M20 4c-5 2-8.500 5.500-10.500 9.500l2 2C15.500 13.500 18.500 9.500 20 4zM9 14.500c-3 0-4 2-4 5.500 3.500 0 6-1 6-4",
  check: "M5 12.500l4.500 4.500L19 7.500",
  close: "M6 6l12 12M18 6L6 18",
  code: "M9 7l-5 5 5 5M15 7l5 5-5 5",
  compare: "M4 5h7v14H4zM13 5h7v14h-7z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  dark: "M19.500 14A8 8 0 1 1 10 4.500a6.500 6.500 0 0 0 9.500 9.500z",
  delete: "M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7 10.500l5 5 5-5M5 20h14",
  draw: "M4 20l1-5L16.500 3.500l4 4L9 19zM14 6l4 4",
  edit: "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.500 9.500h.01",
  eraser: "M9 20l-5-5 10-11 6 6-9 10zM8.500 10.500l6 6M9 20h11",
  extend: "M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5",
  history: "M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500M12 8v4.500l3 2",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.500 9.500h.01",
  invert: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  key: "M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 12.500L20 4M16 8l3 3",
  light: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600L7 7M17 17l1.400 1.400M5.600 18.400L7 17M17 7l1.400-1.400",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  prompts: "M6 4h12v16l-6-4-6 4z",
  redo: "M15 5l5 5-5 5M20 10H9a5 5 0 0 0 0 10h4",
  refresh: "M20 11a8 8 0 0 0-14.500-4L4 8.500M4 4v4.500h4.500M4 13a8 8 0 0 0 14.500 4l1.500-1.500M20 20v-4.500h-4.500",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500",
  stop: "M7 7h10v10H7z",
  undo: "M9 5l-5 5 5 5M4 10h11a5 5 0 0 1 0 10h-4",
  up: "M6 15l6-6 6 6",
  upload: "M12 16V5M7 9.500l5-5 5 5M5 20h14",
  winner: "M12 4l2.500 5 5.500.8-4 3.900.9 5.500L12 16.600l-4.900 2.600.9-5.500-4-3.900 5.500-.8z",
};

/**
 * Draw an icon beside words, or alone in a button that has a label. It says nothing to a screen reader.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, svg("path", { d: STROKES[name] ?? STROKES.more }));
}
