import type {Random} from "../random.ts";
import type {Message, Spoken} from "./fixtures.ts";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** An integer with a prefix of so many bits (RFC 7541 §5.1), now and then one without end. */
function integer(random: Random, bits: number, value: number, flags: number): number[] {
  const most = 2 ** bits - 1;
  if (random.chance(0.01)) return [flags | most, ...Array<number>(random.below(9)).fill(0xff)];
  if (value < most) return [flags | value];
  const bytes = [flags | most];
  let left = value - most;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push(128 | (left & 127));
  return [...bytes, left];
}

/** A text, Huffman-coded or not as its first bit says, whose length may lie. */
function text(random: Random): number[] {
  const bytes = Array.from({length: random.length(40, 5000)}, () => random.below(256));
  const length = random.chance(0.03) ? random.below(1 << 20) : bytes.length;
  return [...integer(random, 7, length, random.chance(0.4) ? 0x80 : 0), ...bytes];
}

/** Fields of every kind, by indexes that are known or not, and new sizes of the table. */
function block(random: Random): number[] {
  const bytes: number[] = [];
  for (let n = random.below(random.chance(0.01) ? 400 : 12); n > 0; n--) {
    const index = random.chance(0.9) ? random.below(75) : random.below(1 << 16);
    const kind = random.next();
    if (kind < 0.5) bytes.push(...integer(random, 7, index, 0x80));
    else if (kind < 0.95) {
      const isAdded = random.chance(0.7);
      bytes.push(...integer(random, isAdded ? 6 : 4, index, isAdded ? 0x40 : 0));
      if (index === 0) bytes.push(...text(random));
      bytes.push(...text(random));
    } else bytes.push(...integer(random, 5, random.of([0, 33, 4096, 1 << 20]), 0x20));
  }
  return bytes;
}

function frame(random: Random): Buffer {
  const type = random.chance(0.95) ? random.of([0, 0, 1, 1, 1, 1, 3, 4, 5, 7, 8, 9]) : random.below(256);
  const content =
    type === 1 || type === 5 || type === 9 ? block(random) : Array<number>(random.length(60, 20_000)).fill(65);
  const length = random.chance(0.03) ? random.below(1 << 24) : content.length;
  const flags = random.chance(0.7) ? random.of([0, 1, 4, 5]) : random.below(256);
  const stream = random.chance(0.95) ? random.below(9) : random.below(2 ** 31);
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, Buffer.from(content)]);
}

/** HTTP/2 whose frames, header blocks and streams lie. */
export function hostileHttp2(random: Random): Spoken {
  const messages: Message[] = [{side: 0, bytes: preface}];
  for (let n = 1 + random.below(random.chance(0.02) ? 600 : 20); n > 0; n--)
    messages.push({side: random.below(2) as 0 | 1, bytes: frame(random)});
  return {proto: 6, ports: [40_000, 8080], messages};
}
