import type {Output} from "../protocol.ts";
import {variableEnd, variableLength} from "./quic-initial.ts";

/** Pieces of a hello that wait for others; clients cut theirs in some dozens. */
const maxPieces = 128;

/** Bytes of a hello; with keys that resist quantum computers one has about 2,000. */
const maxHelloBytes = 16_384;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Puts the CRYPTO frames of one side's Initial packets in order (RFC 9000 §19.6): its first handshake message. */
export class CryptoStream {
  #pieces: Piece[] = [];
  #heldBytes = 0;

  /** Takes the frames of a packet; false where they contradict themselves or there are too many pieces. */
  take(frames: Uint8Array, output: Output): boolean {
    for (let at = 0; at < frames.length; ) {
      const type = frames[at++];
      if (type <= 1) continue;
      if (type === 2 || type === 3) at = acknowledgementEnd(frames, at, type === 3);
      // What else an Initial packet may carry closes the connection.
      else if (type !== 6) return type === 0x1c;
      else {
        const offset = variableLength(frames, at, frames.length);
        const length = offset < 0 ? -1 : variableLength(frames, variableEnd, frames.length);
        const end = variableEnd + length;
        if (length < 0 || end > frames.length) return false;
        if (!this.#keep({offset, bytes: frames.subarray(variableEnd, end)}, output)) return false;
        at = end;
      }
      if (at < 0) return false;
    }
    return true;
  }

  /** The first handshake message, its header before it; null where it is not whole yet. */
  message(): Uint8Array | null {
    const joined = new Uint8Array(this.#heldBytes);
    let known = 0;
    for (const {offset, bytes} of this.#pieces) {
      if (offset > known) break;
      if (offset + bytes.length <= known) continue;
      joined.set(bytes.subarray(known - offset), known);
      known = offset + bytes.length;
    }
    const length = 4 + ((joined[1] << 16) | (joined[2] << 8) | joined[3]);
    return known >= 4 && known >= length ? joined.subarray(0, length) : null;
  }

  close(output: Output): void {
    output.budget.release(this.#heldBytes);
    this.#heldBytes = 0;
    this.#pieces = [];
  }

  /** Keeps a piece in the order of offsets. */
  #keep(piece: Piece, {budget, counters}: Output): boolean {
    const {length} = piece.bytes;
    const isKept =
      this.#pieces.length < maxPieces && this.#heldBytes + length <= maxHelloBytes && budget.reserve(length);
    if (!isKept) {
      counters.givenUp++;
      return false;
    }
    this.#heldBytes += length;
    const at = this.#pieces.findIndex(({offset}) => offset > piece.offset);
    this.#pieces.splice(at < 0 ? this.#pieces.length : at, 0, piece);
    return true;
  }
}

/** Where an ACK frame ends (RFC 9000 §19.3), -1 where it runs past the packet. */
function acknowledgementEnd(frames: Uint8Array, at: number, hasCounts: boolean): number {
  let fields = 4;
  for (let i = 0; i < fields; i++) {
    const value = variableLength(frames, at, frames.length);
    if (value < 0) return -1;
    at = variableEnd;
    if (i === 2) {
      if (value > frames.length) return -1;
      fields += 2 * value + (hasCounts ? 3 : 0);
    }
  }
  return at;
}
