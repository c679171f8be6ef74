import type {Random} from "./random.ts";

/** A copy of the bytes, changed in one to eight ways: bits, bytes, numbers at limits, pieces cut out, doubled or put in. */
export function mutated(original: Uint8Array, random: Random, others: readonly Uint8Array[] = []): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let n = random.between(1, random.chance(0.7) ? 2 : 8); n > 0 && bytes.length > 0; n--)
    bytes = random.of(ways)(bytes, random, others);
  return bytes;
}

type Way = (bytes: Buffer, random: Random, others: readonly Uint8Array[]) => Buffer;

const ways: readonly Way[] = [
  (bytes, random) => {
    bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.byte();
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length >= 2) bytes.writeUInt16BE(random.word(), random.below(bytes.length - 1));
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length >= 4)
      bytes.writeUInt32BE(
        random.of([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xffffff]),
        random.below(bytes.length - 3)
      );
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 16))]);
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    const piece = bytes.subarray(at, at + random.between(1, 64));
    return Buffer.concat([bytes.subarray(0, at), ...Array(random.between(2, 4)).fill(piece), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.between(1, 40)), bytes.subarray(at)]);
  },
  (bytes, random, others) => {
    if (others.length === 0) return bytes;
    const other = random.of(others);
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length)),
      other.subarray(random.below(other.length + 1))
    ]);
  }
];
