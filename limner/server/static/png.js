// @ts-check
/**
 * Masks as PNG files: transparent where drawn anew, opaque black elsewhere.
 *
 * Not by a canvas: what a browser reads back from one may be changed by settings that protect from being recognised.
 *
 * Source: PNG specification, third edition: sections 5 (chunks), 9 (filters), 11.2 (header: colour type 4 is grey with alpha).
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BYTES_A_PIXEL = 2;
const FILTER_UP = 2; // a row is written as its difference from the one above
const OPAQUE = 255;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/**
 * Write a mask as a PNG file.
 * @param {import("./mask.js").Mask} mask
 * @returns {Promise<Blob>}
 */
export async function encodeMask(mask) {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, mask.width);
  header.setUint32(4, mask.height);
  header.setUint8(8, 8); // bits a channel
  header.setUint8(9, 4); // grey with alpha
  const parts = [
    new Uint8Array(SIGNATURE),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", await compress(filteredRows(mask))),
    chunk("IEND", new Uint8Array()),
  ];
  return new Blob(parts, { type: "image/png" });
}

/**
 * Return a blob as a data URL.
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export async function toDataUrl(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return `data:${blob.type};base64,${btoa(text)}`;
}

/**
 * @param {import("./mask.js").Mask} mask
 * @returns {Uint8Array<ArrayBuffer>}
 */
function filteredRows({ width, height, pixels }) {
  const stride = 1 + width * BYTES_A_PIXEL;
  const rows = new Uint8Array(stride * height);
  for (let row = 0, at = 0; row < height; row += 1) {
    rows[row * stride] = FILTER_UP;
    for (let column = 0; column < width; column += 1, at += 1) {
      const alpha = pixels[at] ? 0 : OPAQUE;
      const above = row === 0 || pixels[at - width] ? 0 : OPAQUE;
      rows[row * stride + (column + 1) * BYTES_A_PIXEL] = alpha - above;
    }
  }
  return rows;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function compress(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * @param {string} name
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {Uint8Array<ArrayBuffer>}
 */
function chunk(name, content) {
  const whole = new Uint8Array(12 + content.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, content.length);
  whole.set([...name].map((letter) => letter.charCodeAt(0)), 4);
  whole.set(content, 8);
  view.setUint32(8 + content.length, checksum(whole.subarray(4, 8 + content.length)));
  return whole;
}

/** @param {Uint8Array} bytes */
function checksum(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
