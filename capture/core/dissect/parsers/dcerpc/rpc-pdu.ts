import {u16At, u32At} from "../../../meter/bytes";

/** PDUs of connection-oriented DCE/RPC (C706 §12.6), of which each says its own order of bytes. */

/** Types of PDUs. */
export const REQUEST: u8 = 0;
export const RESPONSE: u8 = 2;
export const FAULT: u8 = 3;
export const BIND: u8 = 11;
export const BIND_ACK: u8 = 12;
export const BIND_NAK: u8 = 13;
export const ALTER: u8 = 14;
export const ALTER_RESPONSE: u8 = 15;
export const AUTH3: u8 = 16;
const LAST_TYPE: u8 = 21;

/** Bytes of the header that all have, and of the one before the arguments of requests and answers. */
export const PDU_BYTES: usize = 16;
export const CALL_BYTES: usize = 24;

export const FIRST_FRAGMENT: u8 = 1;
export const LAST_FRAGMENT: u8 = 2;
const HAS_OBJECT: u8 = 0x80;

/** A verifier's own header, behind which its token stands. */
const VERIFIER_BYTES: u32 = 8;

// @ts-ignore: decorator
@inline
export function rpc16(pdu: usize, at: usize): u32 {
  return load<u8>(pdu, 4) === 0x10 ? <u32>load<u16>(at) : u16At(at);
}

// @ts-ignore: decorator
@inline
export function rpc32(pdu: usize, at: usize): u32 {
  return load<u8>(pdu, 4) === 0x10 ? load<u32>(at) : u32At(at);
}

/** Whether a PDU begins at `at`: version 5.0 or 5.1, a type, an order of bytes, lengths that agree; 10 bytes suffice. */
export function isPdu(at: usize, end: usize): bool {
  if (at + 10 > end || load<u8>(at) !== 5 || load<u8>(at, 1) > 1 || load<u8>(at, 2) > LAST_TYPE) return false;
  const order = load<u8>(at, 4);
  // Integers little or big endian, ASCII, IEEE floating point; two bytes are reserved.
  if ((order !== 0x10 && order !== 0) || load<u8>(at, 5) > 3 || load<u16>(at, 6) !== 0) return false;
  const length = rpc16(at, at + 8);
  if (length < <u32>PDU_BYTES) return false;
  return at + 12 > end || <usize>rpc16(at, at + 10) + PDU_BYTES <= <usize>length;
}

// @ts-ignore: decorator
@inline
export function fragmentBytes(pdu: usize): u32 {
  return rpc16(pdu, pdu + 8);
}

/** Where its verifier begins, as far as lengths say; 0 without one. */
export function verifierOf(pdu: usize): usize {
  const length = rpc16(pdu, pdu + 10);
  if (length === 0) return 0;
  const bytes = length + VERIFIER_BYTES;
  return bytes + <u32>PDU_BYTES > fragmentBytes(pdu) ? 0 : pdu + fragmentBytes(pdu) - bytes;
}

/** Where the arguments of a request or answer begin. */
// @ts-ignore: decorator
@inline
export function argumentsOf(pdu: usize): usize {
  return pdu + CALL_BYTES + (load<u8>(pdu, 2) === REQUEST && (load<u8>(pdu, 3) & HAS_OBJECT) !== 0 ? 16 : 0);
}

/** Where they end: before the verifier, whose padding is read where it is among the bytes. */
export function argumentsEnd(pdu: usize, end: usize): usize {
  const verifier = verifierOf(pdu);
  if (verifier === 0) return pdu + fragmentBytes(pdu);
  const padding = verifier + 3 <= end ? <usize>load<u8>(verifier, 2) : 0;
  return max(verifier - padding, argumentsOf(pdu));
}
