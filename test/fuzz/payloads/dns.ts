import type {Random} from "../random.ts";

/** A DNS message whose names, counts and lengths lie: compression that loops, labels of every size, no end. */
export function hostileDns(random: Random): Buffer {
  const isAnswer = random.chance(0.6);
  const counts = Array.from({length: 4}, () => (random.chance(0.8) ? random.below(3) : random.word()));
  const header = Buffer.alloc(12);
  header.writeUInt16BE(random.below(8), 0);
  header.writeUInt16BE(isAnswer ? 0x8180 | random.below(16) : random.chance(0.9) ? 0x0100 : random.word(), 2);
  counts.forEach((count, i) => {
    header.writeUInt16BE(count, 4 + 2 * i);
  });
  const parts: Buffer[] = [header];
  let at = 12;
  const push = (part: Buffer) => {
    parts.push(part);
    at += part.length;
  };
  for (let n = random.between(0, 4); n > 0; n--) {
    push(name(random, at));
    const type = random.of([1, 1, 1, 2, 5, 6, 12, 15, 16, 28, 28, 33, 41, 43, 46, 65, 255]);
    push(Buffer.from([0, type, 0, 1]));
    if (n > 3 && !isAnswer) continue;
    const data = recordData(type, at + 6, random);
    const fixed = Buffer.alloc(6);
    fixed.writeUInt32BE(random.below(2 ** 32), 0);
    fixed.writeUInt16BE(random.chance(0.7) ? data.length : random.word(), 4);
    push(fixed);
    push(data);
  }
  return Buffer.concat(parts);
}

/** An address where the type asks for one, mostly; else a name or any bytes. */
function recordData(type: number, at: number, random: Random): Buffer {
  const addressBytes = type === 1 ? 4 : type === 28 ? 16 : 0;
  if (addressBytes > 0 && random.chance(0.8)) return random.bytes(addressBytes);
  return random.chance(0.5) ? name(random, at) : random.bytes(random.length(20, 600));
}

/** A name at that place: labels up to a root, a pointer to itself, back, ahead, or to another pointer (RFC 1035 §4.1.4). */
function name(random: Random, at: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = random.below(random.chance(0.05) ? 140 : 4); n > 0; n--) {
    const length = random.of([1, 1, 3, 7, 63]);
    parts.push(Buffer.from([random.chance(0.9) ? length : random.of([64, 127, 128, 191])]), random.bytes(length));
  }
  const here = at + parts.reduce((sum, {length}) => sum + length, 0);
  const target = random.of([at, here, 12, 12, 0, here + 2, Math.max(0, here - 2), 0x3fff, random.below(here + 40)]);
  parts.push(random.chance(0.6) ? Buffer.from([0xc0 | (target >> 8), target & 255]) : Buffer.from([0]));
  return Buffer.concat(parts);
}

/** Over TCP each message has its length before it (RFC 1035 §4.2.2), true or not. */
export function dnsOverTcp(message: Buffer, random: Random): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(random.chance(0.7) ? message.length & 0xffff : random.word());
  return Buffer.concat([length, message]);
}
