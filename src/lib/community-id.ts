import {addressKey} from "./address-key.js";

/** The ends of a flow that its Community ID is made of. */
export interface CommunityEnds {
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly proto: number;
}

const withPorts = [1, 6, 17, 58, 132];

/**
 * Community ID v1 with seed 0 (corelight/community-id-spec): SHA-1 over the seed, both addresses, the protocol and both
 * ports, the lower end first; an ICMP message without a counterpart keeps its own order (`isOneWay`).
 * Whoever makes many gives what makes SHA-1 in base64 faster (`digest`).
 */
export function communityId(
  {src, dst, srcPort, dstPort, proto}: CommunityEnds,
  isOneWay = false,
  digest: (message: readonly number[]) => string = base64Sha1
): string {
  const ends = [
    {address: bytesOf(src), port: srcPort},
    {address: bytesOf(dst), port: dstPort}
  ];
  const order = compared(ends[0].address, ends[1].address) || srcPort - dstPort;
  if (!isOneWay && order > 0) ends.reverse();
  const ports = withPorts.includes(proto) ? ends.flatMap(({port}) => [port >> 8, port & 255]) : [];
  const message = [0, 0, ...ends[0].address, ...ends[1].address, proto, 0, ...ports];
  return `1:${digest(message)}`;
}

const base64Sha1 = (message: readonly number[]) => btoa(String.fromCharCode(...sha1(message)));

function compared(one: readonly number[], other: readonly number[]): number {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return one[i] - other[i];
  return 0;
}

/** The last ones: many flows have the same hosts. */
const knownBytes = new Map<string, readonly number[]>();

function bytesOf(address: string): readonly number[] {
  let bytes = knownBytes.get(address);
  if (bytes) return bytes;
  const hex = addressKey(address).slice(1);
  bytes = Array.from({length: hex.length / 2}, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  if (knownBytes.size >= 10_000) knownBytes.clear();
  knownBytes.set(address, bytes);
  return bytes;
}

/** SHA-1 (FIPS 180-4) of at most 55 bytes, which are one block: `crypto.subtle` is not there in pages of plain HTTP. */
function sha1(message: readonly number[]): number[] {
  const bytes = [...message, 0x80, ...Array<number>(63 - message.length).fill(0)];
  bytes[62] = (message.length * 8) >> 8;
  bytes[63] = (message.length * 8) & 255;
  const words = Array.from({length: 16}, (_, i) =>
    bytes.slice(4 * i, 4 * i + 4).reduce((sum, byte) => (sum << 8) | byte)
  );
  const turned = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));
  for (let i = 16; i < 80; i++) words.push(turned(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1));
  const first = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  let [a, b, c, d, e] = first;
  for (let i = 0; i < 80; i++) {
    const mixed =
      i < 20
        ? ((b & c) | (~b & d)) + 0x5a827999
        : i < 40
          ? (b ^ c ^ d) + 0x6ed9eba1
          : i < 60
            ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
            : (b ^ c ^ d) + 0xca62c1d6;
    [a, b, c, d, e] = [(turned(a, 5) + mixed + e + words[i]) | 0, a, turned(b, 30), c, d];
  }
  return [a, b, c, d, e].flatMap((word, i) => {
    const sum = (word + first[i]) | 0;
    return [sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255];
  });
}
