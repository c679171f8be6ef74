import type {Payload} from "../../meter/meter.ts";
import {isText, lineEnd, text, uint32} from "../ascii.ts";
import {HeldStream} from "../held-stream.ts";
import type {DissectedFlow, Parser, Protocol} from "../protocol.ts";
import {type Hasshes, hasshOf} from "./hassh.ts";

/** RFC 4253 §4.2: 255 characters with CR LF. */
const maxBannerBytes = 255;

/** Payloads within which both banners, what both sides offer, and who is the client, are looked for. */
const maxPayloads = 24;

/** RFC 4253 §6.1. */
const maxPacketBytes = 35_000;

/** SSH_MSG_KEXINIT. */
const keyExchangeInit = 20;

/** Key exchange messages of either side: DH and ECDH (RFC 4253 §8, RFC 5656 §7.1), group exchange (RFC 4419 §5). */
const clientMessages = [30, 32, 34];
const serverMessages = [31, 33];

/** Places in the list of columns of `ssh`. */
const column = {clientBanner: 3, serverBanner: 4, hassh: 5, hasshServer: 6, client: 7, server: 8} as const;

/** SSH by its identification strings, on any port. */
export const ssh: Protocol = {
  name: "ssh",
  begin: () => new SshParser()
};

/**
 * Both banners and both offers. The originator is taken for the client until the key exchange tells: where the connection
 * was met after its SYN, the originator is who was seen first, and servers greet first.
 */
class SshParser implements Parser {
  #sides: readonly [SshSide, SshSide] | null = null;
  #ts = Number.NaN;
  #payloads = 0;
  #isWritten = false;

  take(payload: Payload, flow: DissectedFlow): boolean {
    const {bytes, start, end, direction, ts} = payload;
    this.#sides ??= [new SshSide(flow.output, maxPacketBytes), new SshSide(flow.output, maxPacketBytes)];
    if (Number.isNaN(this.#ts) && isText(bytes, start, end, "SSH-")) this.#ts = ts;
    this.#sides[direction].push(payload);
    const [one, other] = this.#sides;
    const isClear = one.role !== null || other.role !== null;
    if (++this.#payloads < maxPayloads && !(isClear && one.isRead && other.isRead)) return true;
    this.end(flow);
    return false;
  }

  renew(): void {
    this.#sides = null;
    this.#ts = Number.NaN;
    this.#payloads = 0;
    this.#isWritten = false;
  }

  end({flowHi, flowLo, output}: DissectedFlow): void {
    if (this.#isWritten || this.#sides === null) return;
    this.#isWritten = true;
    const [one, other] = this.#sides;
    one.end();
    other.end();
    const isSwapped = one.role === "server" || other.role === "client";
    const [client, server] = isSwapped ? [other, one] : [one, other];
    const row = output.ssh.add(flowHi, flowLo, this.#ts);
    if (row < 0) return;
    output.ssh.text(row, column.clientBanner, client.banner);
    output.ssh.text(row, column.serverBanner, server.banner);
    output.ssh.text(row, column.hassh, client.offered?.client.hassh ?? null);
    output.ssh.text(row, column.hasshServer, server.offered?.server.hassh ?? null);
    output.ssh.text(row, column.client, client.offered?.client.algorithms ?? null);
    output.ssh.text(row, column.server, server.offered?.server.algorithms ?? null);
  }
}

/** What one side sends before encryption begins. */
class SshSide extends HeldStream {
  banner: string | null = null;
  offered: Hasshes | null = null;
  /** Told by the key exchange. */
  role: "client" | "server" | null = null;
  #hasOffered = false;

  /** Nothing more of it is waited for. */
  get isRead(): boolean {
    return this.#hasOffered || this.isLost;
  }

  protected read(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.banner === null) {
      if (!isText(bytes, start, end, "SSH-".slice(0, end - start))) {
        // Met in the middle.
        this.lose();
        return end;
      }
      const line = lineEnd(bytes, start, Math.min(end, start + maxBannerBytes));
      if (line < 0 && end - start < maxBannerBytes) return start;
      this.banner = bannerText(bytes, start, line < 0 ? start + maxBannerBytes : line);
      if (line < 0 || isText(bytes, start, end, "SSH-1.3") || isText(bytes, start, end, "SSH-1.5")) this.lose();
      at = line < 0 ? end : line + 1;
    }
    while (!this.isLost && at + 6 <= end) {
      const next = at + 4 + uint32(bytes, at);
      // What begins in the middle of a packet, or is encrypted, has no plausible length (RFC 4253 §6).
      if (next - at < 16 || next - at > maxPacketBytes || bytes[at + 4] < 4) {
        this.lose();
        return end;
      }
      this.#message(bytes[at + 5]);
      if (next > end) return at;
      if (bytes[at + 5] === keyExchangeInit && !this.#hasOffered) {
        this.offered = hasshOf(bytes, at + 5, next - bytes[at + 4]);
        this.#hasOffered = true;
      }
      at = next;
    }
    return at;
  }

  end(): void {
    const {held} = this;
    if (this.banner === null && isText(held, 0, held.length, "SSH-")) this.banner = bannerText(held, 0, held.length);
    this.close();
  }

  #message(number: number): void {
    if (clientMessages.includes(number)) this.role = "client";
    else if (serverMessages.includes(number)) this.role = "server";
  }
}

/** The line without its CR. */
function bannerText(bytes: Uint8Array, start: number, end: number): string {
  return text(bytes, start, end > start && bytes[end - 1] === 13 ? end - 1 : end, maxBannerBytes);
}
