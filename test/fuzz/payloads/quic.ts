import {firstByte, initialKeys, protectedPacket} from "../../capture/dissect/quic-packets.ts";
import type {Random} from "../random.ts";
import {hostileHello} from "./tls.ts";

const versions = [1, 0x6b3343cf, 0xff00001d];

/** A variable-length integer (RFC 9000 §16), not always the shortest, seldom the value asked for. */
function variable(value: number, random: Random): Buffer {
  if (random.chance(0.05))
    return Buffer.from(random.of(["c000000000000000", "ffffffffffffffff", "bfffffff", "7fff", "3f", "c0"]), "hex");
  if (value < 64 && random.chance(0.7)) return Buffer.from([value]);
  if (value < 16_384 && random.chance(0.9)) return Buffer.from([0x40 | (value >> 8), value & 255]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((0x80000000 | value) >>> 0);
  return bytes;
}

/** CRYPTO, ACK, PADDING, PING and unknown frames around pieces of a ClientHello in any order. */
function frames(random: Random): Buffer {
  const hello = hostileHello(random).subarray(0, 1100);
  const size = random.of([hello.length, hello.length, 40, 200, 7]);
  const parts: Buffer[] = [];
  for (let at = 0; at < hello.length && parts.length < 40; at += size) {
    const piece = hello.subarray(at, at + size);
    const offset = random.chance(0.93) ? at : random.of([0, at + 1, 2 ** 24]);
    const frame = Buffer.concat([Buffer.from([6]), variable(offset, random), variable(piece.length, random), piece]);
    if (random.chance(0.2)) parts.unshift(frame);
    else parts.push(frame);
    if (random.chance(0.1)) parts.push(Buffer.from([random.of([0, 0, 1, 1, 0x1c, 0x30])]));
    if (random.chance(0.05))
      parts.push(
        Buffer.concat([
          Buffer.from([random.of([2, 3])]),
          ...Array.from({length: random.below(12)}, () => variable(random.below(70), random))
        ])
      );
  }
  return Buffer.concat(parts);
}

/** A datagram of Initial packets protected with the right keys (RFC 9001 §5), or of a header that lies. */
export function hostileQuic(random: Random): Buffer {
  if (random.chance(0.35)) return header(random);
  const number = random.of(versions);
  const id = random.bytes(random.of([8, 8, 0, 20, 1]));
  const content = frames(random);
  const plain = Buffer.concat([content, Buffer.alloc(Math.max(4, random.of([0, 300]) - content.length))]);
  const versionBytes = Buffer.alloc(4);
  versionBytes.writeUInt32BE(number);
  const packetNumber = random.below(3);
  const token = random.bytes(random.of([0, 0, 0, 30]));
  const head = Buffer.concat([
    Buffer.from([firstByte(number)]),
    versionBytes,
    Buffer.from([id.length]),
    id,
    Buffer.from([0]),
    variable(token.length, random),
    token,
    variable(2 + plain.length + 16, random),
    Buffer.from([0, packetNumber])
  ]);
  return protectedPacket(head, plain, initialKeys(number, id)!);
}

/** A long header whose lengths of identifiers, token and packet are any, before random bytes. */
function header(random: Random): Buffer {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(random.of([...versions, 0, 0x51303530, random.below(2 ** 32)]));
  return Buffer.concat([
    Buffer.from([0xc0 | random.below(64)]),
    version,
    Buffer.from([random.byte()]),
    random.bytes(random.of([0, 8, 20, 255])),
    Buffer.from([random.byte()]),
    random.bytes(random.of([0, 8])),
    variable(random.below(100), random),
    variable(random.below(2000), random),
    random.bytes(random.of([0, 4, 20, 21, 64, 300]))
  ]);
}
