// The `openai` package for Node against a server: prints what it saw as one JSON object.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import OpenAI, { toFile } from 'openai';

const [sourcePath, maskPath] = process.argv.slice(2);
const client = new OpenAI({ maxRetries: 0 });
const small = { model: 'gpt-image-1.5', prompt: 'a red apple', size: '256x256', quality: 'low', seed: 61 };
const only = (answer) => answer.data[0].b64_json;

async function failure(work) {
  try {
    await work();
  } catch (error) {
    const { status, code, param, type, requestID } = error;
    return { class: error.constructor.name, status, code, param, type, requestID };
  }
  assert.fail('nothing was refused');
}

async function follow(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

const facts = {};

const answer = await client.images.generate(small);
facts.generated = { size: answer.size, quality: answer.quality, background: answer.background, output_format: answer.output_format };
facts.generated.tokens = answer.usage.output_tokens;
facts.generated.request_id = answer._request_id;
facts.apple = only(answer);
facts.several = (await client.images.generate({ ...small, n: 2, output_format: 'webp', output_compression: 50 })).data.length;

const events = await follow(await client.images.generate({ ...small, quality: 'medium', stream: true, partial_images: 2 }));
facts.streamed = events.map(({ type, partial_image_index }) => [type, partial_image_index ?? null]);
assert.equal(events.at(-1).b64_json, only(await client.images.generate({ ...small, quality: 'medium' })));

// every way in which the package takes a file
const bytes = fs.readFileSync(sourcePath);
const edits = [
  await client.images.edit({ ...small, image: fs.createReadStream(sourcePath) }), // chunked, octet-stream
  await client.images.edit({ ...small, image: await toFile(bytes, 'apple.png') }),
  await client.images.edit({ ...small, image: await toFile(bytes, null, { type: 'image/png' }) }),
  await client.images.edit({ ...small, image: new File([bytes], 'apple.png', { type: 'image/png' }) }),
  await client.images.edit({ ...small, image: [fs.createReadStream(sourcePath)] }),
];
for (const edit of edits) assert.equal(only(edit), only(edits[0]));
const both = await client.images.edit({ ...small, image: [fs.createReadStream(sourcePath), await toFile(bytes, 'apple.png')] });
facts.input_tokens = [edits[0], both].map((edit) => edit.usage.input_tokens_details.image_tokens);

const masked = { ...small, image: fs.createReadStream(sourcePath), mask: fs.createReadStream(maskPath) };
facts.masked = only(await client.images.edit(masked));
const editEvents = await follow(
  await client.images.edit({ ...small, image: await toFile(bytes, 'a.png'), mask: fs.createReadStream(maskPath), stream: true }),
);
facts.edit_streamed = editEvents.map(({ type }) => type);
assert.equal(editEvents.at(-1).b64_json, facts.masked);

const varied = await client.images.createVariation({ image: await toFile(bytes, 'a.png'), size: '256x256', n: 2 });
facts.varied = await Promise.all(varied.data.map(async ({ url }) => (await fetch(url)).headers.get('content-type')));

const file = await client.files.create({ file: fs.createReadStream(sourcePath), purpose: 'vision' });
assert.ok(Buffer.from(await (await client.files.content(file.id)).arrayBuffer()).equals(bytes));
const listed = [];
for await (const { id } of client.files.list({ purpose: 'vision', limit: 1 })) listed.push(id);
assert.ok(listed.includes(file.id));
const byId = await client.post('/images/edits', { body: { ...small, images: [{ file_id: file.id }] } });
assert.equal(only(byId), only(edits[0]));
assert.equal((await client.files.delete(file.id)).deleted, true);
facts.file = { bytes: file.bytes, filename: file.filename, purpose: file.purpose };

const models = [];
for await (const { id } of client.models.list()) models.push(id);
facts.models = models;
const judged = await client.moderations.create({ input: ['a red apple', 'a blue bird'] });
facts.judged = judged.results.map(({ flagged, categories }) => [flagged, Object.keys(categories).length]);

facts.failures = {
  key: await failure(() => new OpenAI({ apiKey: 'wrong', maxRetries: 0 }).models.list()),
  model: await failure(() => client.images.generate({ ...small, model: 'gpt-image-9' })),
  size: await failure(() => client.images.generate({ ...small, size: '77x77' })),
  file: await failure(() => client.files.retrieve('file-nothing')),
  stream: await failure(() => client.images.generate({ ...small, stream: true, n: 2 })),
};
console.log(JSON.stringify(facts));
