import type {Payload} from "../../meter/meter.ts";
import {uint32} from "../ascii.ts";
import {type DissectedFlow, type Parser, type Protocol, transport} from "../protocol.ts";
import {offerOf, writeHello} from "./hello-row.ts";
import {CryptoStream} from "./quic-crypto.ts";
import {
  type InitialKeys,
  type InitialPacket,
  initialKeys,
  longPacket,
  openInitial,
  quicVersion
} from "./quic-initial.ts";

/** Datagrams of a connection in which its ClientHello is looked for. */
const maxPayloads = 48;

/** Initial packets whose keys are not known: the server's, and those of clients met in the middle. */
const maxFailures = 4;

/**
 * QUIC by the version in its long header (RFC 9000 §17.2, RFC 9369, drafts), and Google's before it. The ClientHello
 * in the client's Initial packets is read; what the server chooses is not.
 */
export const quic: Protocol = {
  name: "quic",
  transports: [transport.udp],
  firstByte: (byte) => byte >= 0x80 || (byte & 0x89) === 0x09,
  recognise({bytes, start, end}) {
    if (end - start < 21) return false;
    if (bytes[start] >= 0x80) {
      const version = uint32(bytes, start + 1);
      const isKnown =
        version === 1 ||
        version === 0x6b3343cf ||
        version >>> 8 === 0xff0000 ||
        version >>> 12 === 0xfaceb ||
        // Asks for version negotiation (RFC 9000 §15); the client pads it like any first packet.
        ((version & 0x0f0f0f0f) === 0x0a0a0a0a && end - start >= 1200) ||
        isGoogle(version);
      return isKnown && (bytes[start + 5] <= 20 || isGoogle(version));
    }
    // Public header with version and an 8-byte connection id.
    return (bytes[start] & 0x89) === 0x09 && isGoogle(uint32(bytes, start + 9));
  },
  begin: () => new QuicParser()
};

const clientHelloType = 1;

class QuicParser implements Parser {
  #keys: InitialKeys | null = null;
  #version = 0;
  /** Who the client is; null before one of its packets was opened. */
  #client: 0 | 1 | null = null;
  readonly #crypto = new CryptoStream();
  #ts = Number.NaN;
  #payloads = 0;
  #failures = 0;

  take({bytes, start, end, direction, ts}: Payload, flow: DissectedFlow): boolean {
    // Google's versions have another handshake, or salts of their own.
    if (this.#payloads === 0 && bytes[start] < 0x80) return false;
    if (this.#payloads === 0 && isGoogle(uint32(bytes, start + 1))) return false;
    if (++this.#payloads >= maxPayloads) return false;
    if (this.#client !== null && this.#client !== direction) return true;
    const isOver = this.#read(bytes, start, end, ts, flow);
    if (this.#keys) this.#client ??= direction;
    return !isOver;
  }

  end({output}: DissectedFlow): void {
    this.#crypto.close(output);
  }

  /** Reads the packets of a datagram; true once nothing more is looked for. */
  #read(bytes: Uint8Array, start: number, end: number, ts: number, flow: DissectedFlow): boolean {
    for (let at = start; at < end; ) {
      const packet = longPacket(bytes, at, end);
      if (packet === null) return false;
      at = packet.next;
      if (packet.initial === null) continue;
      const frames = this.#open(bytes, packet.initial);
      if (frames === null) {
        if (++this.#failures >= maxFailures) return true;
        continue;
      }
      if (Number.isNaN(this.#ts)) this.#ts = ts;
      if (!this.#crypto.take(frames, flow.output)) return true;
      const message = this.#crypto.message();
      if (message === null) continue;
      this.#tell(message, flow);
      return true;
    }
    return false;
  }

  #open(bytes: Uint8Array, packet: InitialPacket): Uint8Array | null {
    const frames = this.#keys && this.#version === packet.version ? openInitial(bytes, packet, this.#keys) : null;
    if (frames !== null) return frames;
    // The first packet, or the first after a Retry or a change of version: the keys follow from its connection id.
    const keys = initialKeys(quicVersion(packet.version)!, packet.connectionId);
    const opened = openInitial(bytes, packet, keys);
    if (opened === null) return null;
    this.#keys = keys;
    this.#version = packet.version;
    return opened;
  }

  #tell(message: Uint8Array, flow: DissectedFlow): void {
    const offer = message[0] === clientHelloType ? offerOf(message, 4, message.length, "q", this.#ts, flow) : null;
    if (offer) writeHello(offer, null, flow);
    else flow.output.counters.malformed++;
  }
}

/** `Q043`, `Q050`, `T051` … */
const isGoogle = (version: number) => {
  const letter = version >>> 24;
  return (letter === 0x51 || letter === 0x54) && (version & 0x00f0f000) === 0x00303000;
};
