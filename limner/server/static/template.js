// @ts-check
/** Prompts with variables: `{product}` stands for what is filled in, `{{` and `}}` for braces. Any other brace is a brace. */

/** @typedef {string | {name: string}} Piece  text as it is, or a variable */

const PIECES = /\{\{|\}\}|\{([a-z_][a-z0-9_]*)\}/g;

/**
 * Cut a prompt into text and variables, in their order; no two pieces of text stand side by side.
 * @param {string} prompt
 * @returns {Piece[]}
 */
export function cut(prompt) {
  /** @type {Piece[]} */
  const pieces = [];
  let text = "";
  let end = 0;
  for (const match of prompt.matchAll(PIECES)) {
    text += prompt.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[1] === undefined) {
      text += match[0][0];
      continue;
    }
    if (text) pieces.push(text);
    pieces.push({ name: match[1] });
    text = "";
  }
  text += prompt.slice(end);
  return text ? [...pieces, text] : pieces;
}

/**
 * Return the names of a prompt's variables, each once, in the order in which they first occur.
 * @param {string} prompt
 * @returns {string[]}
 */
export function variablesOf(prompt) {
  return [...new Set(cut(prompt).flatMap((piece) => (typeof piece === "string" ? [] : [piece.name])))];
}

/**
 * Put values in the place of variables; a variable without a value becomes nothing.
 * @param {string} prompt
 * @param {Readonly<Record<string, string>>} values
 * @returns {string}
 */
export function fillIn(prompt, values) {
  return cut(prompt)
    .map((piece) => (typeof piece === "string" ? piece : valueIn(values, piece.name)))
    .join("");
}

/**
 * Return a variable's value, nothing if it has none; what every object has, such as `constructor`, is none.
 * @param {Readonly<Record<string, string>>} values
 * @param {string} name
 * @returns {string}
 */
export function valueIn(values, name) {
  return Object.hasOwn(values, name) ? values[name] : "";
}

/**
 * Write a text so that it is a prompt without variables.
 * @param {string} text
 * @returns {string}
 */
export function escapeBraces(text) {
  return text.replace(/[{}]/g, "$&$&");
}
