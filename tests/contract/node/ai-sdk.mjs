// `generateImage` of the `ai` package with `@ai-sdk/openai` against a server: prints what it saw as one JSON object.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createOpenAI } from '@ai-sdk/openai';
import { generateImage } from 'ai';

const [sourcePath, maskPath] = process.argv.slice(2);
const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, apiKey: process.env.OPENAI_API_KEY });
const small = { size: '256x256', maxRetries: 0, providerOptions: { openai: { quality: 'low' } } };
const source = fs.readFileSync(sourcePath);
const mask = fs.readFileSync(maskPath);
const tell = (image) => ({ type: image.mediaType, base64: image.base64 });
const facts = {};

const drawn = await generateImage({ ...small, model: openai.image('gpt-image-1.5'), prompt: 'a red apple', n: 2 });
facts.drawn = drawn.images.map(tell);
facts.usage = drawn.usage;
facts.metadata = drawn.providerMetadata.openai.images;
facts.warnings = drawn.warnings;

// a name that the package does not know: it adds response_format and asks once for each picture
const unknown = await generateImage({ ...small, model: openai.image('limner'), prompt: 'a red apple', n: 2 });
facts.unknown = unknown.images.map(tell);
facts.requests = unknown.responses.length;

const options = { quality: 'low', background: 'transparent', outputFormat: 'webp', outputCompression: 60, moderation: 'low', user: 'person-7' };
const all = await generateImage({ ...small, model: openai.image('gpt-image-1'), prompt: 'a red apple', providerOptions: { openai: options } });
facts.all = tell(all.image);
facts.allMetadata = all.providerMetadata.openai.images[0];

const edit = (prompt, more = {}) => generateImage({ ...small, ...more, model: openai.image('gpt-image-1.5'), prompt });
facts.edited = tell((await edit({ text: 'a blue bird', images: [source] })).image);
facts.two = tell((await edit({ text: 'a blue bird', images: [source, source] }, { n: 2 })).images[1]);
facts.masked = tell((await edit({ text: 'a blue bird', images: [source], mask })).image);
const dataUrl = `data:image/png;base64,${source.toString('base64')}`;
facts.fromUrl = tell((await edit({ text: 'a blue bird', images: [dataUrl] })).image);

facts.failures = {};
for (const [name, prompt, more] of [
  ['size', 'a red apple', { size: '77x77' }],
  ['mask', { text: 'a bird', images: [source], mask: source }, {}],
]) {
  await assert.rejects(edit(prompt, more), (error) => {
    facts.failures[name] = { status: error.statusCode, message: error.message, error: JSON.parse(error.responseBody).error };
    return true;
  });
}
console.log(JSON.stringify(facts));
