import type {Payload} from "../../meter/meter.ts";
import {isText, lineEnd, text, uint32} from "../ascii.ts";
import {type DissectedFlow, type Parser, type Protocol, transport} from "../protocol.ts";

/** RFC 4253 §4.2: 255 characters with CR LF. */
const maxBannerBytes = 255;

/** Payloads within which both banners, and who is the client, are looked for. */
const maxPayloads = 12;

/** RFC 4253 §6.1. */
const maxPacketBytes = 35_000;

/** Key exchange messages of either side: DH and ECDH (RFC 4253 §8, RFC 5656 §7.1), group exchange (RFC 4419 §5). */
const clientMessages = [30, 32, 34];
const serverMessages = [31, 33];

/** Places in the list of columns of `ssh`. */
const column = {clientBanner: 3, serverBanner: 4} as const;

/** SSH by its identification strings, on any port. */
export const ssh: Protocol = {
  name: "ssh",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x53,
  recognise: ({bytes, start, end}) => isText(bytes, start, end, "SSH-1.") || isText(bytes, start, end, "SSH-2."),
  begin: () => new SshParser()
};

/**
 * Both banners. The originator is taken for the client until the key exchange tells: where the connection was met after
 * its SYN, the originator is who was seen first, and servers greet first.
 */
class SshParser implements Parser {
  readonly #banners: [string | null, string | null] = [null, null];
  #client: 0 | 1 = 0;
  #ts = Number.NaN;
  #payloads = 0;
  #isWritten = false;

  take({bytes, start, end, direction, ts}: Payload, flow: DissectedFlow): boolean {
    let at = start;
    if (this.#banners[direction] === null && isText(bytes, start, end, "SSH-")) {
      const line = lineEnd(bytes, start, Math.min(end, start + maxBannerBytes));
      const last = line < 0 ? end : bytes[line - 1] === 13 ? line - 1 : line;
      this.#banners[direction] = text(bytes, start, last, maxBannerBytes);
      if (Number.isNaN(this.#ts)) this.#ts = ts;
      at = line < 0 ? end : line + 1;
    }
    const sender = keyExchangeSender(bytes, at, end);
    if (sender === null) return ++this.#payloads < maxPayloads;
    const other = direction === 0 ? 1 : 0;
    this.#client = sender === "client" ? direction : other;
    this.end(flow);
    return false;
  }

  renew(): void {
    this.#banners[0] = null;
    this.#banners[1] = null;
    this.#client = 0;
    this.#ts = Number.NaN;
    this.#payloads = 0;
    this.#isWritten = false;
  }

  end({flowHi, flowLo, output}: DissectedFlow): void {
    if (this.#isWritten) return;
    this.#isWritten = true;
    const row = output.ssh.add(flowHi, flowLo, this.#ts);
    if (row < 0) return;
    output.ssh.text(row, column.clientBanner, this.#banners[this.#client]);
    output.ssh.text(row, column.serverBanner, this.#banners[1 - this.#client]);
  }
}

/** Who sends the key exchange message in the packets from `at` on; null where none is there (RFC 4253 §6). */
function keyExchangeSender(bytes: Uint8Array, at: number, end: number): "client" | "server" | null {
  while (at + 6 <= end) {
    const length = uint32(bytes, at);
    // What begins in the middle of a packet has no plausible length.
    if (length < 12 || length > maxPacketBytes || bytes[at + 4] < 4) return null;
    const message = bytes[at + 5];
    if (clientMessages.includes(message)) return "client";
    if (serverMessages.includes(message)) return "server";
    at += 4 + length;
  }
  return null;
}
