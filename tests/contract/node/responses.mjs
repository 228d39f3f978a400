// `responses` of the `openai` package for Node against a server: prints what it saw as one JSON object.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import OpenAI from 'openai';

const [sourcePath, maskPath] = process.argv.slice(2);
const client = new OpenAI({ maxRetries: 0 });
const asDataUrl = (path) => `data:image/png;base64,${fs.readFileSync(path).toString('base64')}`;
const tool = { type: 'image_generation', size: '256x256', quality: 'low' };
const ask = (input, more = {}, options = {}) =>
  client.responses.create({ model: 'gpt-5', input, tools: [{ ...tool, ...options }], ...more });
const drawn = (response) => response.output.filter((item) => item.type === 'image_generation_call');
const facts = {};

const plain = await ask('a red apple', { instructions: 'Be kind.', metadata: { order: '7' } });
facts.plain = { status: plain.status, kinds: plain.output.map(({ type }) => type), text: plain.output_text, metadata: plain.metadata };
facts.picture = drawn(plain)[0].result;

const source = { type: 'input_image', detail: 'auto', image_url: asDataUrl(sourcePath) };
const mask = { input_image_mask: { image_url: asDataUrl(maskPath) }, size: 'auto' };
const masked = await ask([{ role: 'user', content: [{ type: 'input_text', text: 'a hole' }, source] }], {}, mask);
const again = await ask('a hill', { previous_response_id: masked.id }, mask);
facts.masked = drawn(masked)[0].result;
facts.again = drawn(again)[0].result;
facts.actions = [plain, masked, again].map((response) => drawn(response)[0].action);

const events = [];
for await (const event of await ask('a red apple', { stream: true }, { partial_images: 2, quality: 'medium' })) events.push(event);
facts.events = events.map(({ type }) => type);
facts.numbers = events.map((event) => event.sequence_number);
facts.partials = events.filter(({ type }) => type.endsWith('partial_image')).map((event) => event.partial_image_b64);
assert.equal(drawn(events.at(-1).response)[0].result, events.find(({ type }) => type === 'response.output_item.done').item.result);

const streamed = client.responses.stream({ model: 'gpt-5', input: 'a red apple', tools: [tool] });
facts.gathered = (await streamed.finalResponse()).output.map(({ type }) => type);

let background = await ask('a red apple', { background: true });
facts.begun = background.status;
while (['queued', 'in_progress'].includes(background.status)) {
  await new Promise((resolve) => setTimeout(resolve, 200));
  background = await client.responses.retrieve(background.id);
}
facts.ended = background.status;
const resumed = [];
for await (const event of await client.responses.retrieve(background.id, { stream: true, starting_after: 2 })) resumed.push(event);
facts.resumed = [resumed[0].sequence_number, resumed.at(-1).type];

const conversation = await client.conversations.create({});
await ask('a red apple', { conversation: conversation.id });
facts.said = [];
for await (const item of client.conversations.items.list(conversation.id, { order: 'asc', limit: 1 })) facts.said.push(item.type);
facts.sent = (await client.responses.inputItems.list(plain.id)).data.map(({ content }) => content[0].text);

await client.responses.delete(plain.id);
facts.failures = {};
for (const [name, work] of [
  ['deleted', () => client.responses.retrieve(plain.id)],
  ['previous', () => ask('a hill', { previous_response_id: plain.id })],
  ['tool', () => ask('a hill', {}, { size: '77x77' })],
]) {
  await assert.rejects(work, ({ constructor, status, code, param }) => {
    facts.failures[name] = [constructor.name, status, code, param];
    return true;
  });
}
console.log(JSON.stringify(facts));
