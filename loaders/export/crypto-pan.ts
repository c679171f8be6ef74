import {createCipheriv} from "node:crypto";
import {isIPv4, isIPv6} from "node:net";

/**
 * Prefix-preserving anonymisation of addresses (Xu, Fan, Ammar, Moon: Crypto-PAn, 2002): two addresses share as many leading
 * bits after it as before. The key has 32 bytes: the first half is AES's, the second makes the pad.
 */
export class CryptoPan {
  readonly #key: Buffer;
  readonly #pad: Buffer;
  readonly #known = new Map<string, string>();

  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new Error(`a Crypto-PAn key has 32 bytes, found ${key.length}`);
    this.#key = Buffer.from(key.subarray(0, 16));
    this.#pad = this.#encrypt(Buffer.from(key.subarray(16)));
  }

  /** The address in another's place, of IPv4 or IPv6. Throws where the text is no address. */
  address(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const bytes = addressBytes(text);
    const made = bytes.length === 4 ? this.#of(bytes).join(".") : textOfIPv6(this.#of(bytes));
    this.#known.set(text, made);
    return made;
  }

  #of(address: Buffer): Buffer {
    const made = Buffer.alloc(address.length);
    const input = Buffer.from(this.#pad);
    // Bit by bit: what is before the bit comes from the address, the rest from the pad.
    for (let bit = 0; bit < address.length * 8; bit++) {
      const [at, mask] = [bit >> 3, 0x80 >> (bit & 7)];
      const flip = this.#encrypt(input)[0] >> 7;
      const own = address[at] & mask ? 1 : 0;
      if (own ^ flip) made[at] |= mask;
      input[at] = own ? input[at] | mask : input[at] & ~mask;
    }
    return made;
  }

  #encrypt(block: Buffer): Buffer {
    const cipher = createCipheriv("aes-128-ecb", this.#key, null).setAutoPadding(false);
    return cipher.update(block);
  }
}

/** The 4 or 16 bytes of an address. Throws where the text is none. */
export function addressBytes(text: string): Buffer {
  return isIPv4(text) ? Buffer.from(text.split(".").map(Number)) : bytesOfIPv6(text);
}

/** An address as text, as the lake has it. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join(".") : textOfIPv6(Buffer.from(bytes));
}

function bytesOfIPv6(text: string): Buffer {
  if (!isIPv6(text)) throw new Error(`expected an address, found ${text}`);
  const plain = text
    .replace(/%.*$/, "")
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
      [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(":")
    );
  const [head, tail] = plain.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const groups = tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  const bytes = Buffer.alloc(16);
  for (const [k, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * k);
  return bytes;
}

/** In the form of RFC 5952. */
function textOfIPv6(bytes: Buffer): string {
  const groups = Array.from({length: 8}, (_, k) => bytes.readUInt16BE(2 * k).toString(16)).join(":");
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
