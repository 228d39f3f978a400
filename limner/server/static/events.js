// @ts-check
/** Server-sent events of an answer's body. */

/**
 * @typedef {object} ServerEvent
 * @property {string} name
 * @property {any} data the JSON of the event, read
 */

/**
 * Yield the events of a body until it ends; comments are left out.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<ServerEvent, void, void>}
 */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      waiting += decoder.decode(value, { stream: true });
      const frames = waiting.split("\n\n");
      waiting = frames.pop() ?? "";
      for (const frame of frames) {
        const event = parse(frame);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined); // the server stops drawing for whoever has gone
  }
}

/**
 * @param {string} frame
 * @returns {ServerEvent | null}
 */
function parse(frame) {
  let name = "message";
  const data = [];
  for (const line of frame.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    if (line.startsWith("data: ")) data.push(line.slice(6));
  }
  return data.length ? { name, data: JSON.parse(data.join("\n")) } : null;
}
