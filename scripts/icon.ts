// The program's icon, drawn here: a dark rounded tile with three bars that grow, the last one red. No image tool needed.

import { deflateSync } from "node:zlib";

const SIZES = [16, 32, 48, 256] as const;

type Colour = readonly [red: number, green: number, blue: number];
const TILE: Colour = [22, 34, 51];
const BAR: Colour = [94, 158, 214];
const LAST_BAR: Colour = [229, 83, 75];

/** An .ico file with the usual sizes. */
export function drawIcon(): Buffer {
  const images = SIZES.map((size) => ({ size, png: encodePng(size, draw(size)) }));
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  images.forEach(({ size, png }, i) => {
    const at = 6 + 16 * i;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
}

/** RGBA rows; each pixel is the mean of 4 x 4 samples, for smooth edges. */
function draw(size: number): Buffer {
  const pixels = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0, 0];
      for (let sample = 0; sample < 16; sample++) {
        const colour = colourAt((x + ((sample % 4) + 0.5) / 4) / size, (y + (Math.floor(sample / 4) + 0.5) / 4) / size);
        if (colour === undefined) continue;
        colour.forEach((value, channel) => (sum[channel] = (sum[channel] ?? 0) + value));
        sum[3] = (sum[3] ?? 0) + 1;
      }
      const covered = sum[3] ?? 0;
      const at = (y * size + x) * 4;
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel] = covered === 0 ? 0 : Math.round((sum[channel] ?? 0) / covered);
      }
      pixels[at + 3] = Math.round((covered / 16) * 255);
    }
  }
  return pixels;
}

/** Colour at a point of the unit square, or nothing outside the tile. */
function colourAt(x: number, y: number): Colour | undefined {
  const radius = 0.18;
  const dx = Math.max(radius - x, x - (1 - radius), 0);
  const dy = Math.max(radius - y, y - (1 - radius), 0);
  if (dx * dx + dy * dy > radius * radius) return undefined;
  const bars = [
    { left: 0.18, top: 0.62, colour: BAR },
    { left: 0.42, top: 0.44, colour: BAR },
    { left: 0.66, top: 0.18, colour: LAST_BAR },
  ];
  return bars.find((bar) => x >= bar.left && x < bar.left + 0.17 && y >= bar.top && y < 0.82)?.colour ?? TILE;
}

function encodePng(size: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6], 8);
  const rows = Buffer.concat(
    Array.from({ length: size }, (_, y) =>
      Buffer.concat([Buffer.of(0), pixels.subarray(y * size * 4, (y + 1) * size * 4)]),
    ),
  );
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
