import type {Random} from "../random.ts";

const u16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
const u24 = (value: number) => Buffer.from([(value >> 16) & 255, (value >> 8) & 255, value & 255]);

/** The bytes with their length before them in one to three bytes, mostly the true one. */
function withLength(bytes: Uint8Array, of: 1 | 2 | 3, random: Random): Buffer {
  const length = random.chance(0.93)
    ? bytes.length
    : random.of([0, 1, bytes.length + 1, bytes.length - 1, 0xffff, 0xffffff]);
  return Buffer.concat([of === 1 ? Buffer.from([length & 255]) : of === 2 ? u16(length) : u24(length), bytes]);
}

/** A ClientHello (RFC 8446 §4.1.2) whose lengths mostly hold, with its handshake header. */
export function hostileHello(random: Random): Buffer {
  const list = (most: number) =>
    Buffer.concat(
      Array.from({length: random.below(most)}, () =>
        u16(random.of([0x1301, 0xc02f, 0x0a0a, 0x00ff, random.below(65_536)]))
      )
    );
  const serverName = withLength(
    Buffer.concat([
      Buffer.from([random.of([0, 0, 0, 1])]),
      withLength(random.chance(0.6) ? Buffer.from("www.example.org") : random.bytes(random.length(30, 3000)), 2, random)
    ]),
    2,
    random
  );
  const protocols = withLength(
    Buffer.concat(
      Array.from({length: random.below(4)}, () =>
        withLength(random.chance(0.6) ? Buffer.from("h2") : random.bytes(random.below(256)), 1, random)
      )
    ),
    2,
    random
  );
  const makers: readonly (() => [number, Buffer])[] = [
    () => [0, serverName],
    () => [16, protocols],
    () => [43, withLength(list(6), 1, random)],
    () => [13, withLength(list(20), 2, random)],
    () => [10, withLength(list(10), 2, random)],
    () => [11, withLength(random.bytes(random.below(4)), 1, random)],
    () => [random.below(65_536), random.bytes(random.length(40, 2000))]
  ];
  const extensions = Array.from({length: random.below(random.chance(0.02) ? 300 : 12)}, () => {
    const [type, data] = random.of(makers)();
    return Buffer.concat([u16(type), withLength(data, 2, random)]);
  });
  const body = Buffer.concat([
    u16(random.of([0x0303, 0x0303, 0x0301, 0xfefd, 0x0000])),
    random.bytes(32),
    withLength(random.bytes(random.of([0, 32, 255])), 1, random),
    withLength(list(30), 2, random),
    withLength(Buffer.from([0]), 1, random),
    withLength(Buffer.concat(extensions), 2, random)
  ]);
  return Buffer.concat([Buffer.from([random.chance(0.97) ? 1 : random.byte()]), withLength(body, 3, random)]);
}

/** A handshake message in records of any size (RFC 8446 §5.1), empty and overlong ones among them. */
export function inRecords(message: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const size = random.of([message.length, message.length, 1, 2, 3, 4, 5, 100]);
    const piece = message.subarray(at, at + size);
    at += size;
    if (random.chance(0.02)) parts.push(Buffer.from([22, 3, 1, 0, 0]));
    parts.push(
      Buffer.from([random.chance(0.98) ? 22 : random.of([20, 21, 23, 24, 0])]),
      Buffer.from([3, random.of([1, 3])]),
      withLength(piece, 2, random)
    );
  }
  return Buffer.concat(parts);
}

/** A ServerHello that may answer anything. */
export function hostileServerHello(random: Random): Buffer {
  const body = Buffer.concat([
    u16(0x0303),
    random.bytes(32),
    withLength(random.bytes(32), 1, random),
    u16(random.below(65_536)),
    Buffer.from([0]),
    withLength(Buffer.concat([u16(43), withLength(u16(0x0304), 2, random)]), 2, random)
  ]);
  return inRecords(Buffer.concat([Buffer.from([2]), withLength(body, 3, random)]), random);
}
