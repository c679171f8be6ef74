import {isTextAnyCase} from "../../text";
import {base64Value} from "../mail/base64";
import {isSpace} from "./http-values";

/** Names of users in the credentials of a request (RFC 9110 §11.4); secrets are passed over. */

/** Where the name last found stands. */
export let userAt: usize = 0;
export let userEnd: usize = 0;

/** Bytes of a name that are kept. */
export const MAX_USER: u32 = 255;
const decoded = memory.data(256);

/** Finds the name in the value of Authorization: of Basic (RFC 7617) or Digest (RFC 7616); false where it tells none. */
export function findUser(start: usize, end: usize): bool {
  if (isTextAnyCase(start, end, "BASIC ")) return ofBasic(skipBlanks(start + 6, end), end);
  return isTextAnyCase(start, end, "DIGEST ") && ofDigest(start + 7, end);
}

function skipBlanks(at: usize, end: usize): usize {
  while (at < end && isSpace(load<u8>(at))) at++;
  return at;
}

/** Decodes base64 as far as the colon that the password follows; without one nothing says what is the name. */
function ofBasic(start: usize, end: usize): bool {
  let bits: u32 = 0;
  let count: u32 = 0;
  let length: usize = 0;
  for (let at = start; at < end; at++) {
    const value = base64Value(load<u8>(at));
    if (value > 63) return false;
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const byte = <u8>(bits >> count);
    if (byte === 0x3a) {
      userAt = decoded;
      userEnd = decoded + length;
      return true;
    }
    if (length >= MAX_USER) return false;
    store<u8>(decoded + length++, byte);
  }
  return false;
}

/** `username="ann"`, a parameter of its own. */
function ofDigest(start: usize, end: usize): bool {
  for (let at = start; at + 10 < end; at++) {
    const before = at === start ? <u8>0x20 : load<u8>(at - 1);
    if ((before !== 0x20 && before !== 0x2c) || !isTextAnyCase(at, end, "USERNAME=")) continue;
    const isQuoted = load<u8>(at + 9) === 0x22;
    userAt = at + (isQuoted ? 10 : 9);
    userEnd = userAt;
    while (userEnd < end && load<u8>(userEnd) !== (isQuoted ? 0x22 : 0x2c)) userEnd++;
    return true;
  }
  return false;
}
