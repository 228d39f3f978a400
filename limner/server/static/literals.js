// @ts-check
/** Values as they are written in Python, JavaScript and jq. Whatever stands in a text, it stays data and cannot be mistaken for code. */

/** @typedef {import("./template.js").Piece} Piece */
/**
 * @typedef {object} Language
 * @property {[string, string, string]} words  true, false, null
 * @property {(key: string) => string} key  writes the key of an object, with what stands between it and its value
 * @property {[string, string]} quotes  what stands around a text with variables
 * @property {(inner: string) => string} between  makes text that is escaped as in JSON fit between variables
 * @property {(name: string) => string} variable
 * @property {string} step  how much further a line within an object begins
 */

const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g; // what would not be seen in code

/** @type {Language} */
export const PYTHON = {
  words: ["True", "False", "None"],
  key: (key) => `${quote(key)}: `,
  quotes: ['f"', '"'],
  between: (inner) => inner.replace(/[{}]/g, "$&$&"),
  variable: (name) => `{${name}}`,
  step: "    ",
};

/** @type {Language} */
export const JAVASCRIPT = {
  words: ["true", "false", "null"],
  key: (key) => `${/^[a-z_]\w*$/i.test(key) ? key : quote(key)}: `,
  quotes: ["`", "`"],
  between: (inner) => inner.replace(/`|\$(?=\{|$)/g, "\\$&"),
  variable: (name) => `\${${name}}`,
  step: "  ",
};

/** @type {Language} JSON too, as long as there is no variable */
export const JQ = {
  words: ["true", "false", "null"],
  key: (key) => `${quote(key)}: `,
  quotes: ['"', '"'],
  between: (inner) => inner,
  variable: (name) => `\\($${name})`,
  step: "  ",
};

/** Code among values, which is written as it is. */
export class Code {
  /** @param {string} code */
  constructor(code) {
    this.code = code;
  }
}

/**
 * Write a text in double quotes, as all three languages read it.
 * @param {string} text
 * @returns {string}
 */
export function quote(text) {
  return JSON.stringify(text).replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Write a text for bash, which cannot hold the character 0 and loses it here.
 * @param {string} text
 * @returns {string}
 */
export function shellQuote(text) {
  return `'${text.replaceAll("\0", "").replaceAll("'", "'\\''")}'`;
}

/**
 * Write a text with variables in it, whose names may be used as they are.
 * @param {readonly Piece[]} pieces
 * @param {Language} language
 * @returns {Code}
 */
export function interpolate(pieces, language) {
  if (pieces.every((piece) => typeof piece === "string")) return new Code(quote(pieces.join("")));
  const written = pieces.map((piece) => (typeof piece === "string" ? language.between(quote(piece).slice(1, -1)) : language.variable(piece.name)));
  return new Code(language.quotes[0] + written.join("") + language.quotes[1]);
}

/**
 * Write a value on one line, or, if it is an object and has an `indent`, with a line for each of its keys.
 * @param {any} value  JSON, with code in it
 * @param {Language} language
 * @param {string | null} [indent]  of the line that the value begins on
 * @returns {string}
 */
export function write(value, language, indent = null) {
  if (value instanceof Code) return value.code;
  if (typeof value === "string") return quote(value);
  if (value === true) return language.words[0];
  if (value === false) return language.words[1];
  if (value === null) return language.words[2];
  if (Array.isArray(value)) return `[${value.map((item) => write(item, language)).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  const items = Object.entries(value).map(([key, item]) => language.key(key) + write(item, language));
  if (indent === null) return language === JAVASCRIPT ? `{ ${items.join(", ")} }` : `{${items.join(", ")}}`;
  return `{\n${items.map((item) => indent + language.step + item).join(",\n")}\n${indent}}`;
}
