import {isText} from "../../text";
import {readLatin, readUtf16} from "../../wide-text";

/** Messages of NTLM ([MS-NLMP] §2.2.1), wherever they are carried: names alone are read, never responses. */

export const NEGOTIATE: u32 = 1;
export const CHALLENGE: u32 = 2;
export const AUTHENTICATE: u32 = 3;

const SIGNATURE = "NTLMSSP";
const HEADER_BYTES: usize = 12;
/** Fields of an authentication: domain, user and workstation, and its flags. */
export const DOMAIN: usize = 28;
export const USER: usize = 36;
export const HOST: usize = 44;
const FLAGS: usize = 60;
const UNICODE: u32 = 1;

/** What is told of a server ([MS-NLMP] §2.2.2.1). */
export const SERVER_NAME: u16 = 1;
export const SERVER_DOMAIN: u16 = 2;
export const SERVER_DNS: u16 = 3;

/** Where a message begins within a token, which may wrap it (SPNEGO); 0 without. */
export function findNtlm(start: usize, end: usize): usize {
  for (let at = start; at + HEADER_BYTES <= end; at++)
    if (load<u8>(at) === 0x4e && isText(at, end, SIGNATURE) && load<u8>(at, 7) === 0) return at;
  return 0;
}

// @ts-ignore: decorator
@inline
export function ntlmType(at: usize): u32 {
  return load<u32>(at, 8);
}

/** Where the server's value of that kind is (its length and bytes as AV pairs have them), 0 without; `at` is a challenge. */
export function serverValue(at: usize, end: usize, kind: u16): usize {
  if (at + 48 > end) return 0;
  let pair = at + <usize>load<u32>(at, 44);
  const last = min(pair + <usize>load<u16>(at, 40), end);
  for (; pair >= at && pair + 4 <= last; pair += 4 + <usize>load<u16>(pair, 2)) {
    const its = load<u16>(pair);
    if (its === 0) return 0;
    if (its === kind) return pair + 2;
  }
  return 0;
}

/** Reads a field of the authentication at `at` into wide-text.ts; false where it is not whole. */
export function readField(at: usize, end: usize, field: usize): bool {
  if (at + field + 8 > end) return false;
  const text = at + <usize>load<u32>(at + field + 4);
  const length = <usize>load<u16>(at + field);
  if (text < at) return false;
  const isWide = at + FLAGS + 4 > end || (load<u32>(at, FLAGS) & UNICODE) !== 0;
  return isWide ? readUtf16(text, length, end) : readLatin(text, length, end);
}

