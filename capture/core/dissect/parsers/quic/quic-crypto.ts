import {allocate, release} from "../../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "../../streams/held";
import {variableEnd, variableLength} from "./quic-initial";

/** Pieces of a hello that wait for others; clients cut theirs in some dozens. */
const MAX_PIECES = 128;

/** Bytes of a hello; with keys that resist quantum computers one has about 2,000. */
const MAX_HELLO_BYTES = 16384;

/** Puts the CRYPTO frames of one side's Initial packets in order (RFC 9000 §19.6): its first handshake message. */
@unmanaged
export class CryptoStream {
  /** Offset and length of each piece that waits for another packet, in the order of offsets, then their bytes. */
  block: usize = 0;
  blockBytes: usize = 0;
  pieces: i32 = 0;
  heldBytes: i32 = 0;
}

export const CRYPTO_STREAM: usize = offsetof<CryptoStream>();

/** A piece of those known now, in the packet or in the stream's block. */
@unmanaged
class Piece {
  offset: u32 = 0;
  length: u32 = 0;
  bytes: usize = 0;
}

const PIECE: usize = offsetof<Piece>();
/** Bytes of a piece in a block before those of its content. */
const HEAD: usize = 8;
const PIECES: usize = memory.data(<i32>PIECE * MAX_PIECES, 4);
const JOINED: usize = memory.data(MAX_HELLO_BYTES);

/** Where the message is that `takeFrames` found. */
export let message: usize = 0;

export function openCrypto(stream: CryptoStream): void {
  stream.block = 0;
  stream.blockBytes = 0;
  stream.pieces = 0;
  stream.heldBytes = 0;
}

/** Of Google's versions with TLS (T050, T051) the type of a frame of CRYPTO. */
const GOOGLE_CRYPTO: u8 = 8;

/**
 * Takes the frames of a packet: the length of the first handshake message where it is whole, its header before it and
 * valid until the next packet is opened; 0 where it is not whole yet; -1 where the frames contradict themselves or
 * there are too many pieces.
 */
export function takeFrames(stream: CryptoStream, frames: usize, length: i32): i32 {
  const end = frames + <usize>length;
  const before = stream.pieces;
  recall(stream);
  for (let at = frames; at < end; ) {
    const type = load<u8>(at++);
    if (type <= 1) continue;
    if (type === 2 || type === 3) {
      at = acknowledgementEnd(at, end, length, type === 3);
      if (at === 0) return -1;
    } else if (type === 6 || type === GOOGLE_CRYPTO) {
      const offset = variableLength(at, end);
      if (offset < 0) return -1;
      const size = variableLength(variableEnd, end);
      const bytes = variableEnd;
      if (size < 0 || size > <i64>(end - bytes) || !keep(stream, <u32>offset, <u32>size, bytes)) return -1;
      at = bytes + <usize>size;
    } else if (type === 0x1c) break;
    // What else an Initial packet may carry closes the connection.
    else return -1;
  }
  if (stream.pieces === before) return 0;
  const whole = joinedLength(stream.pieces);
  return whole > 0 ? whole : hold(stream) ? 0 : -1;
}

export function closeCrypto(stream: CryptoStream): void {
  releaseHeld(stream.heldBytes);
  if (stream.block !== 0) release(stream.block, stream.blockBytes);
  openCrypto(stream);
}

// @ts-ignore: decorator
@inline
function pieceAt(index: i32): Piece {
  return changetype<Piece>(PIECES + <usize>index * PIECE);
}

/** Keeps a piece in the order of offsets, behind those of the same. */
function keep(stream: CryptoStream, offset: u32, length: u32, bytes: usize): bool {
  const isKept =
    stream.pieces < MAX_PIECES && <i64>stream.heldBytes + <i64>length <= MAX_HELLO_BYTES && reserveHeld(<i32>length);
  if (!isKept) {
    countGivenUp();
    return false;
  }
  stream.heldBytes += <i32>length;
  let index = stream.pieces++;
  for (; index > 0 && pieceAt(index - 1).offset > offset; index--)
    memory.copy(changetype<usize>(pieceAt(index)), changetype<usize>(pieceAt(index - 1)), PIECE);
  const piece = pieceAt(index);
  piece.offset = offset;
  piece.length = length;
  piece.bytes = bytes;
  return true;
}

/** Joins the pieces up to the first hole; length of the message at `message`, 0 where it is not whole. */
function joinedLength(pieces: i32): i32 {
  let known: u32 = 0;
  for (let i = 0; i < pieces; i++) {
    const piece = pieceAt(i);
    if (piece.offset > known) break;
    const end = piece.offset + piece.length;
    if (end <= known) continue;
    if (known === 0 && wholeLength(piece.bytes, end) > 0) {
      message = piece.bytes;
      return wholeLength(message, end);
    }
    memory.copy(JOINED + known, piece.bytes + (known - piece.offset), end - known);
    known = end;
  }
  message = JOINED;
  return wholeLength(JOINED, known);
}

/** Length of the handshake message (RFC 8446 §4) at an address, 0 where fewer bytes of it are known. */
function wholeLength(at: usize, known: u32): i32 {
  if (known < 4) return 0;
  const length: u32 = 4 + (bswap<u32>(load<u32>(at)) & 0xffffff);
  return known >= length ? <i32>length : 0;
}

/** Finds the pieces that waited. */
function recall(stream: CryptoStream): void {
  let head = stream.block;
  let bytes = head + <usize>stream.pieces * HEAD;
  for (let i = 0; i < stream.pieces; i++, head += HEAD) {
    const piece = pieceAt(i);
    piece.offset = load<u32>(head);
    piece.length = load<u32>(head, 4);
    piece.bytes = bytes;
    bytes += piece.length;
  }
}

/** Copies all pieces to a block where they wait for another packet; false where memory is out. */
function hold(stream: CryptoStream): bool {
  const total = <usize>stream.pieces * HEAD + <usize>stream.heldBytes;
  const block = allocate(total);
  if (block === 0) {
    countGivenUp();
    return false;
  }
  let head = block;
  let bytes = block + <usize>stream.pieces * HEAD;
  for (let i = 0; i < stream.pieces; i++, head += HEAD) {
    const piece = pieceAt(i);
    store<u32>(head, piece.offset);
    store<u32>(head, piece.length, 4);
    memory.copy(bytes, piece.bytes, piece.length);
    bytes += piece.length;
  }
  if (stream.block !== 0) release(stream.block, stream.blockBytes);
  stream.block = block;
  stream.blockBytes = total;
  return true;
}

/** Where an ACK frame ends (RFC 9000 §19.3), 0 where it runs past the packet. */
function acknowledgementEnd(start: usize, end: usize, length: i32, hasCounts: bool): usize {
  let at = start;
  let fields: i64 = 4;
  for (let i: i64 = 0; i < fields; i++) {
    const value = variableLength(at, end);
    if (value < 0) return 0;
    at = variableEnd;
    if (i !== 2) continue;
    if (value > <i64>length) return 0;
    fields += 2 * value + (hasCounts ? 3 : 0);
  }
  return at;
}
