import {isIP} from "node:net";

interface Net4 {
  readonly net: number;
  readonly mask: number;
}
interface Net6 {
  readonly words: readonly number[];
  readonly bits: number;
}

/** Networks whose hosts count as near: what leaves them is up, what enters them is down. Loopback always is near. */
export class LocalNets {
  readonly #nets4: Net4[] = [{net: 0x7f000000, mask: 0xff000000}];
  readonly #nets6: Net6[] = [{words: [0, 0, 0, 1], bits: 128}];

  /** `nets` in CIDR notation, or single addresses. Throws where one is neither. */
  constructor(nets: readonly string[]) {
    for (const text of nets) {
      const [address, length] = text.split("/");
      const family = isIP(address);
      const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length);
      if (family === 0 || !/^\d*$/.test(length ?? "") || bits > (family === 4 ? 32 : 128))
        throw new RangeError(`local network: expected an address or CIDR such as 10.0.0.0/8, found ${text}`);
      if (family === 4) {
        const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
        this.#nets4.push({net: (number4(address) & mask) >>> 0, mask});
      } else this.#nets6.push({words: words6(address), bits});
    }
  }

  /** Whether the address of that IP version in `bytes[at ..]` is in one of the networks. */
  has(bytes: Uint8Array, at: number, version: 4 | 6): boolean {
    if (version === 4) {
      const address = word(bytes, at);
      for (const {net, mask} of this.#nets4) if ((address & mask) >>> 0 === net) return true;
      return false;
    }
    for (const {words, bits} of this.#nets6) {
      let left = bits;
      let same = true;
      for (let k = 0; k < 4 && left > 0 && same; k++, left -= 32) {
        const mask = left >= 32 ? 0xffffffff : (-1 << (32 - left)) >>> 0;
        same = (word(bytes, at + 4 * k) & mask) >>> 0 === (words[k] & mask) >>> 0;
      }
      if (same) return true;
    }
    return false;
  }
}

/** The 32 bits at that place, big-endian. */
function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Multicast (RFC 5771, RFC 4291) and the broadcast address: heard near the sender, wherever that is. */
export function isToMany(bytes: Uint8Array, at: number, version: 4 | 6): boolean {
  if (version === 6) return bytes[at] === 0xff;
  if (bytes[at] >= 224 && bytes[at] < 240) return true;
  return bytes[at] === 255 && bytes[at + 1] === 255 && bytes[at + 2] === 255 && bytes[at + 3] === 255;
}

function number4(address: string): number {
  return address.split(".").reduce((number, part) => ((number << 8) | Number(part)) >>> 0, 0);
}

/** The four 32-bit words of an IPv6 address as text (RFC 4291 §2.2). */
function words6(address: string): number[] {
  let text = address.split("%")[0];
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (dotted) {
    const number = number4(dotted);
    text = text.replace(dotted, `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`);
  }
  const [head, tail] = text.split("::").map((part) => part.split(":").filter(Boolean));
  const parts = tail ? [...head, ...new Array(8 - head.length - tail.length).fill("0"), ...tail] : head;
  const halves = parts.map((part) => Number.parseInt(part, 16));
  return [0, 1, 2, 3].map((k) => ((halves[2 * k] << 16) | halves[2 * k + 1]) >>> 0);
}
