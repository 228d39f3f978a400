// `AzureOpenAI` of `openai`, and `generateImage` with `@ai-sdk/azure`, against a server: prints what it saw as one JSON object.
import fs from 'node:fs';
import { createAzure } from '@ai-sdk/azure';
import { generateImage } from 'ai';
import OpenAI, { AzureOpenAI, toFile } from 'openai';

const [sourcePath, maskPath] = process.argv.slice(2);
const { AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_API_KEY: apiKey, LIMNER_TEST_TOKEN: token } = process.env;
delete process.env.OPENAI_BASE_URL; // both packages would take it for Azure's
delete process.env.AZURE_OPENAI_API_KEY; // and this one beside a token provider
const azureADTokenProvider = async () => token;
const small = { prompt: 'a red apple', size: '256x256', quality: 'low', seed: 61 };
const apiVersion = '2025-04-01-preview';
const source = fs.readFileSync(sourcePath);
const only = (answer) => ({ ...answer.data[0].limner, b64_json: answer.data[0].b64_json });
const facts = { drawn: {} };

const withKey = new AzureOpenAI({ endpoint, apiKey, apiVersion, maxRetries: 0 });
const withDeployment = new AzureOpenAI({ endpoint, apiKey, apiVersion, deployment: 'painter', maxRetries: 0 });
const withToken = new AzureOpenAI({ endpoint, azureADTokenProvider, apiVersion, maxRetries: 0 });
const misset = new AzureOpenAI({ baseURL: `${endpoint}/openai/v1`, apiKey, apiVersion, maxRetries: 0 });
const plain = new OpenAI({ baseURL: `${endpoint}/openai/v1/`, apiKey, maxRetries: 0 });
const plainWithToken = new OpenAI({ baseURL: `${endpoint}/openai/v1/`, apiKey: azureADTokenProvider, maxRetries: 0 });
for (const [name, client] of Object.entries({ withKey, withToken, misset, plain, plainWithToken })) {
  facts.drawn[name] = only(await client.images.generate({ ...small, model: 'painter' }));
}
facts.drawn.withDeployment = only(await withDeployment.images.generate(small));
const files = { image: await toFile(source, 'apple.png'), mask: fs.createReadStream(maskPath) };
facts.masked = only(await withDeployment.images.edit({ ...small, ...files }));
facts.events = [];
for await (const event of await withKey.images.generate({ ...small, model: 'painter', stream: true })) facts.events.push(event.type);
facts.models = (await withDeployment.models.list()).data.map(({ id }) => id);
facts.file = (await withDeployment.files.create({ file: fs.createReadStream(sourcePath), purpose: 'vision' })).bytes;
try {
  await withKey.images.generate({ ...small, model: 'nobody' });
} catch (error) {
  facts.failure = { class: error.constructor.name, code: error.code };
}

facts.aiSdk = {};
const tokenProvider = azureADTokenProvider;
for (const [name, options] of Object.entries({
  deployments: { baseURL: `${endpoint}/openai`, apiKey, useDeploymentBasedUrls: true, apiVersion },
  v1: { baseURL: `${endpoint}/openai/v1`, apiKey },
  foreign: { baseURL: `${endpoint}/openai`, apiKey },
  token: { baseURL: `${endpoint}/openai/v1`, tokenProvider },
})) {
  const model = createAzure(options).image('painter');
  const settings = { size: '256x256', maxRetries: 0, providerOptions: { openai: { quality: 'low' } } };
  const drawn = await generateImage({ ...settings, model, prompt: 'a red apple' });
  const edited = await generateImage({ ...settings, model, prompt: { text: 'a blue bird', images: [source] } });
  facts.aiSdk[name] = [drawn, edited].map(({ image }) => image.base64);
}

process.stdout.write(JSON.stringify(facts));
