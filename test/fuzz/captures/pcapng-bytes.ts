import {mutated} from "../mutation.ts";
import type {Random} from "../random.ts";

/** Numbers in the byte order of the section under way. */
class Numbers {
  readonly #littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  u16(...values: number[]): Buffer {
    return Buffer.concat(values.map((value) => this.#ordered([value >> 8, value])));
  }

  u32(...values: number[]): Buffer {
    return Buffer.concat(values.map((value) => this.#ordered([value >>> 24, value >> 16, value >> 8, value])));
  }

  #ordered(bytes: number[]): Buffer {
    return Buffer.from(this.#littleEndian ? bytes.reverse() : bytes);
  }
}

/** A pcapng file of some sections whose block lengths, interfaces, options and captured lengths may lie. */
export function hostilePcapng(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let sections = random.chance(0.8) ? 1 : 3; sections > 0; sections--) {
    const numbers = new Numbers(random.chance(0.5));
    const version = random.chance(0.97) ? [1, 0] : [random.below(4), 2];
    const unknownLength = numbers.u32(0xffffffff, 0xffffffff);
    parts.push(
      block(
        0x0a0d0d0a,
        Buffer.concat([numbers.u32(0x1a2b3c4d), numbers.u16(...version), unknownLength]),
        numbers,
        random
      )
    );
    for (let n = random.below(3); n > 0; n--) parts.push(anInterface(numbers, random));
    for (let n = random.below(12); n > 0; n--)
      parts.push(random.of([packet, packet, packet, simplePacket, statistics, anInterface, unknown])(numbers, random));
  }
  const file = Buffer.concat(parts);
  return random.chance(0.3) ? mutated(file, random) : file;
}

type Maker = (numbers: Numbers, random: Random) => Buffer;

/** A block with its length before and after the body: true, odd, short, too long, or another one at the end. */
function block(type: number, body: Buffer, numbers: Numbers, random: Random): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
  const length = 12 + padded.length;
  const lies = [0, 8, 11, 12, 13, length - 4, length + 4, 0x7ffffffc, 0xfffffffc, 0xffffffff];
  const first = random.chance(0.97) ? length : random.of(lies);
  const last = random.chance(0.98) ? first : random.of(lies);
  return Buffer.concat([numbers.u32(type, first), padded, numbers.u32(last)]);
}

const packet: Maker = (numbers, random) => {
  const bytes = random.bytes(random.length(80, 4000));
  const captured = random.chance(0.95) ? bytes.length : random.of([0, bytes.length + 1, 262_145, 0xffffffff]);
  const wire = random.chance(0.95) ? bytes.length : random.of([0, 0x7fffffff, 0xffffffff]);
  const time = [random.below(2 ** 32), random.below(2 ** 32)];
  const isOld = random.chance(0.2);
  const owner = random.chance(0.95) ? random.below(2) : random.word();
  const head = isOld ? numbers.u16(owner, 0) : numbers.u32(owner);
  return block(
    isOld ? 2 : 6,
    Buffer.concat([head, numbers.u32(...time, captured, wire), bytes, options(numbers, random)]),
    numbers,
    random
  );
};

const simplePacket: Maker = (numbers, random) => {
  const bytes = random.bytes(random.below(80));
  return block(
    3,
    Buffer.concat([numbers.u32(random.chance(0.9) ? bytes.length : random.below(2 ** 32)), bytes]),
    numbers,
    random
  );
};

const anInterface: Maker = (numbers, random) =>
  block(
    1,
    Buffer.concat([
      numbers.u16(random.chance(0.9) ? 1 : random.word(), 0),
      numbers.u32(random.of([0, 96, 65_535, 0xffffffff])),
      options(numbers, random, [9, random.of([1, 0])], [14, random.of([8, 4])])
    ]),
    numbers,
    random
  );

const statistics: Maker = (numbers, random) =>
  block(
    5,
    Buffer.concat([numbers.u32(random.below(3), 0, 0), options(numbers, random, [5, 8], [7, 8])]),
    numbers,
    random
  );

const unknown: Maker = (numbers, random) =>
  block(random.of([4, 10, 0xbad, 0x80000000, 0xffffffff]), random.bytes(random.length(60, 30_000)), numbers, random);

/** Options of given codes and lengths, mostly with true lengths, and seldom an end. */
function options(numbers: Numbers, random: Random, ...usual: (readonly [code: number, length: number])[]): Buffer {
  const parts: Buffer[] = [];
  for (const [code, length] of usual) {
    if (random.chance(0.5)) continue;
    const told = random.chance(0.95) ? length : random.word();
    parts.push(numbers.u16(code, told), random.bytes(length), Buffer.alloc(-length & 3));
  }
  if (random.chance(0.05)) parts.push(numbers.u16(1, random.word()), random.bytes(random.below(20)));
  if (random.chance(0.5)) parts.push(numbers.u16(0, 0));
  return Buffer.concat(parts);
}
