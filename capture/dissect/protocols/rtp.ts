import type {Payload} from "../../meter/meter.ts";
import {uint16, uint32} from "../ascii.ts";
import type {DissectedFlow, Parser, Protocol} from "../protocol.ts";

/** Packets of one direction that must follow each other. */
const minPackets = 3;

/** Payloads within which they must. */
const maxPayloads = 8;

/** Steps of the sequence number between packets seen one after the other (RFC 3550 §A.1: MAX_DROPOUT is larger). */
const maxStep = 50;

/** RTP by packets of one source whose sequence numbers follow each other (RFC 3550 §5.1): a single header is no proof. */
export const rtp: Protocol = {
  name: "rtp",
  isTentative: true,
  begin: () => new RtpParser()
};

class RtpParser implements Parser {
  /** By direction. */
  readonly #source = new Float64Array(2).fill(-1);
  readonly #sequence = new Int32Array(2);
  readonly #packets = new Int32Array(2);
  #payloads = 0;

  take({bytes, start, end, direction}: Payload, flow: DissectedFlow): boolean {
    if (++this.#payloads > maxPayloads) return false;
    if (!isPacket(bytes, start, end)) {
      // RTCP on the same port (RFC 5761 §4) and messages that keep a binding alive say nothing against it.
      return end - start < 12 || isControl(bytes[start + 1]);
    }
    const source = uint32(bytes, start + 8);
    const sequence = uint16(bytes, start + 2);
    const step = (sequence - this.#sequence[direction]) & 0xffff;
    // A packet seen twice (a capture on two interfaces) proves nothing.
    const isNext = this.#source[direction] === source && step <= maxStep;
    if (!isNext) this.#packets[direction] = 1;
    else if (step > 0) this.#packets[direction]++;
    this.#source[direction] = source;
    this.#sequence[direction] = sequence;
    if (this.#packets[direction] < minPackets) return true;
    flow.service = rtp.name;
    return false;
  }

  renew(): void {
    this.#source.fill(-1);
    this.#packets.fill(0);
    this.#payloads = 0;
  }
}

/** Version 2 and a payload type that is assigned or dynamic (RFC 3551 §6). */
function isPacket(bytes: Uint8Array, start: number, end: number): boolean {
  const sources = bytes[start] & 0x0f;
  const type = bytes[start + 1] & 0x7f;
  return (
    bytes[start] >> 6 === 2 &&
    end - start > 12 + 4 * sources &&
    (type <= 34 || type >= 96) &&
    !isControl(bytes[start + 1])
  );
}

/** Packet types of RTCP (RFC 5761 §4). */
const isControl = (type: number) => type >= 192 && type <= 223;
