import type {Payload} from "../../meter/meter.ts";
import {isText, lineEnd, text} from "../ascii.ts";
import {type DissectedFlow, type Parser, type Protocol, transport} from "../protocol.ts";

/** RFC 4253 §4.2: 255 characters with CR LF. */
const maxBannerBytes = 255;

/** Payloads within which both banners are looked for. */
const maxPayloads = 12;

/** SSH by its identification strings, on any port. */
export const ssh: Protocol = {
  name: "ssh",
  transports: [transport.tcp],
  firstByte: (byte) => byte === 0x53,
  recognise: ({bytes, start, end}) => isText(bytes, start, end, "SSH-1.") || isText(bytes, start, end, "SSH-2."),
  begin: () => new SshParser()
};

class SshParser implements Parser {
  readonly #banners: [string | null, string | null] = [null, null];
  #ts = Number.NaN;
  #payloads = 0;
  #isWritten = false;

  take({bytes, start, end, direction, ts}: Payload, flow: DissectedFlow): boolean {
    if (this.#banners[direction] === null && isText(bytes, start, end, "SSH-")) {
      const line = lineEnd(bytes, start, Math.min(end, start + maxBannerBytes));
      const last = line < 0 ? end : bytes[line - 1] === 13 ? line - 1 : line;
      this.#banners[direction] = text(bytes, start, last, maxBannerBytes);
      if (Number.isNaN(this.#ts)) this.#ts = ts;
    }
    if (this.#banners[0] === null || this.#banners[1] === null) return ++this.#payloads < maxPayloads;
    this.end(flow);
    return false;
  }

  end({flowHi, flowLo, output}: DissectedFlow): void {
    if (!this.#isWritten) output.ssh.add(flowHi, flowLo, this.#ts, this.#banners);
    this.#isWritten = true;
  }
}
