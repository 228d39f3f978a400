// Calls the page's modules for tests: one JSON line in, one out. The folder of the modules is the first argument.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const load = (name) => import(pathToFileURL(`${process.argv[2]}/${name}`).href);
const [{ exportAll }, template, { Mask, Steps, countMarked }, png, { Chain }] = await Promise.all(
  ["export.js", "template.js", "mask.js", "png.js", "chain.js"].map(load),
);
const AsyncFunction = (async () => undefined).constructor;

/** Run an exported JavaScript program against a client that only takes down what it is given. */
async function runProgram(text) {
  const asked = [];
  const written = [];
  const answer = { data: [{ b64_json: "AAAA" }, { b64_json: "AAAA" }] };
  const take = (path, body) => (asked.push({ path, body }), answer);
  class Client {
    images = { generate: (body) => take("/images/generations", body) };
    post = (path, { body }) => take(path, body);
  }
  const code = text.replaceAll(/^import .*$/gm, "");
  await new AsyncFunction("OpenAI", "writeFile", code)(Client, async (name) => written.push(name));
  return { asked, written };
}

async function paint({ width, height, actions }) {
  const mask = new Mask(width, height);
  const steps = new Steps(mask.save());
  const boxes = [];
  for (const [action, ...given] of actions) {
    if (action === "undo" || action === "redo") mask.restore(steps[action]());
    else {
      boxes.push(mask[action](...given) ?? null);
      steps.add(mask.save());
    }
  }
  const blob = await png.encodeMask(mask);
  return { url: await png.toDataUrl(blob), count: countMarked(mask.save()), boxes, canUndo: steps.canUndo, canRedo: steps.canRedo };
}

function walk(actions) {
  const chain = new Chain();
  for (const [action, ...given] of actions) chain[action](...given);
  const path = chain.path().map((turn) => turn.id);
  return { path, current: chain.current, tip: chain.tip, branches: path.map((id) => chain.branches(id).map((turn) => turn.id)) };
}

const CALLS = { exportAll, ...template, runProgram, paint, walk };
for await (const line of createInterface({ input: process.stdin })) {
  const { name, given } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify((await CALLS[name](...given)) ?? null)}\n`);
}
