// `generateText` and `streamText` of the `ai` package with the image tool of `@ai-sdk/openai`: prints what it saw as one JSON object.
import fs from 'node:fs';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';

const [sourcePath, maskPath] = process.argv.slice(2);
const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, apiKey: process.env.OPENAI_API_KEY });
const options = { size: '256x256', quality: 'low' };
const tools = (more = {}) => ({ image_generation: openai.tools.imageGeneration({ ...options, ...more }) });
const settings = { model: openai.responses('gpt-5'), maxRetries: 0 };
const drawn = (results) => results.map(({ output }) => output.result);
const facts = {};

const first = await generateText({ ...settings, prompt: 'a red apple', tools: tools() });
facts.drawn = drawn(first.staticToolResults);
facts.finished = first.finishReason;
facts.warnings = first.warnings;

const previous = { providerOptions: { openai: { previousResponseId: first.providerMetadata.openai.responseId } } };
facts.edited = drawn((await generateText({ ...settings, ...previous, prompt: 'paint it blue', tools: tools() })).staticToolResults);

const asDataUrl = (path) => `data:image/png;base64,${fs.readFileSync(path).toString('base64')}`;
const content = [{ type: 'text', text: 'a hole' }, { type: 'file', mediaType: 'image/png', data: fs.readFileSync(sourcePath) }];
const mask = { inputImageMask: { imageUrl: asDataUrl(maskPath) }, size: 'auto' };
facts.masked = drawn((await generateText({ ...settings, messages: [{ role: 'user', content }], tools: tools(mask) })).staticToolResults);

// the whole conversation is sent back, with what was drawn in it
const messages = [{ role: 'user', content: 'a red apple' }, ...first.response.messages, { role: 'user', content: 'paint it blue' }];
facts.resent = drawn((await generateText({ ...settings, messages, tools: tools() })).staticToolResults);

const kinds = [];
const streamed = streamText({ ...settings, prompt: 'a red apple', tools: tools({ partialImages: 2, quality: 'medium' }) });
for await (const part of streamed.fullStream) {
  kinds.push(part.type);
  if (part.type === 'error') throw part.error;
}
facts.kinds = kinds;
facts.streamed = drawn(await streamed.staticToolResults);
console.log(JSON.stringify(facts));
