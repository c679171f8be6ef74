import {isIPv4, isIPv6} from "node:net";
import type {Breach} from "./breaches.ts";
import {addressBytes} from "./crypto-pan.ts";

/**
 * Looks for originals in a frame that was redacted, in another way than redaction: IPv4 addresses in whatever looks like a
 * header with a right checksum or like ARP, at any place; IPv6 and MAC addresses as bytes at any place; names, users and
 * addresses as text.
 */
export class PacketBreaches {
  readonly found = new Map<string, Breach>();
  readonly #v4 = new Map<number, string>();
  readonly #long = new Map<string, string>();
  readonly #first = new Set<number>();
  readonly #texts: readonly (readonly [string, Breach["what"]])[];

  /** `images`: what stands in the place of originals; an original that is another's image says nothing. */
  constructor(originals: ReadonlyMap<string, Breach["what"]>, images: ReadonlySet<string>) {
    for (const [text, what] of originals) {
      if (what !== "address" || images.has(text)) continue;
      if (isIPv4(text)) this.#v4.set(addressBytes(text).readUInt32BE(0), text);
      else {
        const bytes = isIPv6(text) ? addressBytes(text) : Buffer.from(text.replaceAll(":", ""), "hex");
        // Unspecified and loopback are everybody's.
        if (bytes.subarray(0, -1).every((byte) => byte === 0)) continue;
        this.#long.set(bytes.toString("latin1"), text);
        this.#first.add(bytes.readUInt32BE(0));
      }
    }
    this.#texts = [...originals].filter(([text, what]) => what !== "address" && text.length >= 6);
  }

  look(frame: Uint8Array): void {
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
    const text = bytes.toString("latin1");
    for (const [name, what] of this.#texts) if (text.includes(name)) this.#add(what, name);
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (this.#first.has(bytes.readUInt32BE(at)))
        for (const length of [6, 16]) {
          const known = this.#long.get(text.slice(at, at + length));
          if (known !== undefined) this.#add("address", known);
        }
      if (isHeader(bytes, at)) for (const place of [at + 12, at + 16]) this.#v4At(bytes, place);
      if (at + 28 <= bytes.length && text.startsWith("\x00\x01\x08\x00\x06\x04", at))
        for (const place of [at + 14, at + 24]) this.#v4At(bytes, place);
    }
  }

  #v4At(bytes: Buffer, at: number): void {
    const known = this.#v4.get(bytes.readUInt32BE(at));
    if (known !== undefined) this.#add("address", known);
  }

  #add(what: Breach["what"], text: string): void {
    this.found.set(text, {file: "packets", what, text});
  }
}

function isHeader(bytes: Buffer, at: number): boolean {
  const header = (bytes[at] & 15) * 4;
  if (bytes[at] >> 4 !== 4 || header < 20 || at + header > bytes.length) return false;
  let sum = 0;
  for (let place = at; place < at + header; place += 2) sum += bytes.readUInt16BE(place);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}
