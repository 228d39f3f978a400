// @ts-check
/**
 * From an order to code that places it: Python and JavaScript with the `openai` package, and curl. Nothing is asked or drawn here.
 *
 * What is written reads OPENAI_BASE_URL and OPENAI_API_KEY, sends the page's own body, less what is about streaming, and saves the
 * pictures beside itself.
 */

import { Code, JAVASCRIPT, JQ, PYTHON, interpolate, quote, shellQuote, write } from "./literals.js";
import { cut, valueIn, variablesOf } from "./template.js";

/** @typedef {{prompt: string, [field: string]: any}} Order  the JSON body of a request */
/**
 * @typedef {object} Recipe
 * @property {"generations" | "edits"} route
 * @property {Order} order
 * @property {Readonly<Record<string, string>>} [values]  if given, the prompt is one with variables, and these are filled in
 * @property {string} [name]  of the files that are written
 */
/** @typedef {{language: string, filename: string, text: string, need: string}} Program  `need` says what it takes to run it */
/**
 * What the programs of all languages share: the body without its prompt, the prompt, a long mask, and the parameters with their values.
 * @typedef {object} Plan
 * @property {string} path
 * @property {Record<string, any>} rest
 * @property {import("./template.js").Piece[]} prompt
 * @property {string | null} mask
 * @property {[string, string][]} parameters
 * @property {string} stem
 * @property {string} suffix
 */

const NOT_EXPORTED = new Set(["stream", "partial_images"]);
const LONG = 1000; // characters of a mask's URL that is better a name than a line of a call
const KNOWN_TO_PYTHON = new Set(
  "background model moderation n output_compression output_format prompt quality response_format size style user".split(" "),
);
const TAKEN = new Set(
  // words of the languages, names in the programs, and variables that curl reads
  (
    "and as assert async await break case catch class const continue debugger def default del delete do elif else enum except export extends " +
    "false finally for from function global if implements import in instanceof interface is lambda let match new nonlocal not null or package " +
    "pass private protected public raise return static super switch this throw true try type typeof undefined var void while with yield " +
    "answer arguments base64 bytes client draw enumerate eval file index open picture str http_proxy https_proxy all_proxy no_proxy ftp_proxy _ " +
    "__proto__ __loc__ then end reduce foreach label include module"
  ).split(" "),
);

/**
 * Return the programs in all languages, in the order in which they are shown.
 * @param {Recipe} recipe
 * @returns {Program[]}
 */
export function exportAll(recipe) {
  const plan = settle(recipe);
  return [
    { language: "Python", filename: `${plan.stem}.py`, text: toPython(plan), need: "pip install openai" },
    { language: "JavaScript", filename: `${plan.stem}.mjs`, text: toJavaScript(plan), need: "npm install openai" },
    { language: "curl", filename: `${plan.stem}.sh`, text: toCurl(plan), need: "bash, curl, jq" },
  ];
}

/**
 * @param {Recipe} recipe
 * @returns {Plan}
 */
function settle({ route, order, values, name }) {
  const { prompt, mask, ...given } = order;
  const rest = Object.fromEntries(Object.entries(given).filter(([field, value]) => !NOT_EXPORTED.has(field) && value !== null && value !== undefined));
  if (String(rest.model ?? "").startsWith("dall-e")) rest.response_format = "b64_json"; // these names answer with URLs
  const isLong = (mask?.image_url?.length ?? 0) > LONG;
  if (mask) rest.mask = isLong ? { image_url: new Code("MASK") } : mask;
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const variable of values ? variablesOf(prompt) : []) names.set(variable, freeName(variable, new Set(names.values())));
  const pieces = values ? cut(prompt) : [prompt];
  return {
    path: `/images/${route}`,
    rest,
    prompt: pieces.map((piece) => (typeof piece === "string" ? piece : { name: names.get(piece.name) ?? piece.name })),
    mask: isLong ? mask.image_url : null,
    parameters: [...names].map(([variable, free]) => [free, valueIn(values ?? {}, variable) || variable]),
    stem: fileName(name ?? "picture"),
    suffix: fileName(rest.output_format ?? "png"),
  };
}

/** @param {string} text */
function fileName(text) {
  return text.replace(/[^\w.-]+/g, "-");
}

/**
 * Return a variable's name, with underscores behind it as long as it means something else already.
 * @param {string} variable
 * @param {Set<string>} others
 */
function freeName(variable, others) {
  let name = variable;
  while (TAKEN.has(name) || others.has(name)) name += "_";
  return name;
}

/**
 * @param {Plan} plan
 * @returns {string}
 */
function toPython(plan) {
  const isEdit = plan.path === "/images/edits";
  const body = { prompt: interpolate(plan.prompt, PYTHON), ...plan.rest };
  return lines(
    "import base64",
    "",
    "from openai import OpenAI",
    isEdit && "from openai.types import ImagesResponse",
    "",
    plan.mask && ["# the mask: what is transparent in it is drawn anew", `MASK = ${quote(plan.mask)}`, ""],
    "",
    `def draw(${plan.parameters.map(([name]) => `${name}: str`).join(", ")}) -> list[bytes]:`,
    "    client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY",
    isEdit && `    body = ${indented(write(body, PYTHON, ""), 4)}`,
    isEdit
      ? `    answer = client.post("${plan.path}", body=body, cast_to=ImagesResponse)`
      : ["    answer = client.images.generate(", ...pythonArguments(body), "    )"],
    "    return [base64.b64decode(picture.b64_json) for picture in answer.data]",
    "",
    "",
    `for index, picture in enumerate(draw(${plan.parameters.map(([name, value]) => `${name}=${quote(value)}`).join(", ")}), 1):`,
    `    with open(f"${plan.stem}-{index}.${plan.suffix}", "wb") as file:`,
    "        file.write(picture)",
  );
}

/**
 * Write the arguments of `client.images.generate`; what it does not know goes into `extra_body`.
 * @param {Record<string, any>} body
 * @returns {string[]}
 */
function pythonArguments(body) {
  const known = Object.entries(body).filter(([name]) => KNOWN_TO_PYTHON.has(name));
  const own = Object.fromEntries(Object.entries(body).filter(([name]) => !KNOWN_TO_PYTHON.has(name)));
  const given = Object.keys(own).length ? [...known, ["extra_body", own]] : known;
  return given.map(([name, value]) => `        ${name}=${write(value, PYTHON)},`);
}

/**
 * @param {Plan} plan
 * @returns {string}
 */
function toJavaScript(plan) {
  const names = plan.parameters.map(([name]) => name).join(", ");
  const filled = plan.parameters.map(([name, value]) => `${name}: ${quote(value)}`).join(", ");
  const body = indented(write({ prompt: interpolate(plan.prompt, JAVASCRIPT), ...plan.rest }, JAVASCRIPT, ""), 2);
  return lines(
    'import { writeFile } from "node:fs/promises";',
    "",
    'import OpenAI from "openai";',
    "",
    plan.mask && ["// the mask: what is transparent in it is drawn anew", `const MASK = ${quote(plan.mask)};`, ""],
    `async function draw(${names && `{ ${names} }`}) {`,
    "  const client = new OpenAI(); // reads OPENAI_BASE_URL and OPENAI_API_KEY",
    plan.path === "/images/edits"
      ? [`  const body = ${body};`, `  const answer = await client.post("${plan.path}", { body });`]
      : `  const answer = await client.images.generate(${body});`,
    '  return answer.data.map((picture) => Buffer.from(picture.b64_json, "base64"));',
    "}",
    "",
    `for (const [index, picture] of (await draw(${filled && `{ ${filled} }`})).entries()) {`,
    `  await writeFile(\`${plan.stem}-\${index + 1}.${plan.suffix}\`, picture);`,
    "}",
  );
}

/**
 * @param {Plan} plan
 * @returns {string}
 */
function toCurl(plan) {
  const mask = plan.mask ? { mask: { image_url: plan.mask } } : {};
  const body = write({ prompt: interpolate(plan.prompt, JQ), ...plan.rest, ...mask }, JQ, "");
  const parameters = plan.parameters.map(([name]) => ` --arg ${name} "$${name}"`).join("");
  const send = [
    `curl --silent --show-error --fail-with-body --output "$answer" "$OPENAI_BASE_URL${plan.path}" \\`,
    '  --header "Authorization: Bearer $OPENAI_API_KEY" --header "Content-Type: application/json" \\',
  ];
  const orShow = '|| { cat "$answer" >&2; exit 1; }';
  return lines(
    "#!/usr/bin/env bash",
    "set -euo pipefail",
    "answer=$(mktemp)",
    `trap 'rm -f "$answer"' EXIT`,
    "",
    parameters
      ? [
          ...plan.parameters.map(([name, value]) => `${name}=${shellQuote(value)}`),
          `jq --null-input${parameters} --from-file /dev/stdin << 'END' |`,
          body,
          "END",
          ...send,
          `  --data-binary @- ${orShow}`,
        ]
      : [...send, `  --data-binary @- << 'END' ${orShow}`, body, "END"],
    "",
    `for index in $(jq '.data | keys[]' "$answer"); do`,
    `  jq --raw-output ".data[$index].b64_json" "$answer" | base64 --decode > "${plan.stem}-$((index + 1)).${plan.suffix}"`,
    "done",
  );
}

/**
 * Put spaces before every line but the first.
 * @param {string} text
 * @param {number} count
 */
function indented(text, count) {
  return text.replaceAll("\n", `\n${" ".repeat(count)}`);
}

/** @param {...(string | string[] | null | false)} given  an empty text is an empty line, false and null are none */
function lines(...given) {
  return given.flatMap((line) => (line === null || line === false ? [] : line)).join("\n") + "\n";
}
