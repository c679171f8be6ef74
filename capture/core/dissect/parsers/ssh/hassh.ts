import {u32At} from "../../../meter/bytes";
import {md5Known} from "../../crypto/known";
import {appendHex, clean, cleanAt, cleanLength} from "../../text";

/** HASSH and hasshServer (salesforce/hassh): fingerprints of what a side of SSH offers in its KEXINIT. */

/** SSH_MSG_KEXINIT: message number and cookie before the lists of names (RFC 4253 §7.1). */
const LISTS: usize = 17;

/** The lists that a fingerprint may take, which are the first of ten. */
const MAX_LISTS: u32 = 8;

/** Bytes of one list that are kept; each may become three. */
const MAX_LIST_BYTES: u32 = 8192;

/** Characters of a fingerprint. */
export const HASSH: u32 = 32;

/** Algorithms of key exchange; encryption, MAC and compression of what a side sends, each list as sent, by semicolons. */
export const algorithms: usize = memory.data(98_312);
export let algorithmsLength: u32 = 0;

/** MD5 of them, in hexadecimal. */
export const hassh: usize = memory.data(32);

const DIGEST: usize = memory.data(16, 16);

/** Where the lists of the KEXINIT whose payload begins at `start` are. */
// @ts-ignore: decorator
@inline
export function listsAt(start: usize): usize {
  return start + LISTS;
}

/** Where the last list ends that a fingerprint may take; 0 where one runs past the end. */
export function listsEnd(lists: usize, end: usize): usize {
  let at = lists;
  for (let list: u32 = 0; list < MAX_LISTS; list++) {
    if (at + 4 > end || <usize>u32At(at) > end - at - 4) return 0;
    at += 4 + <usize>u32At(at);
  }
  return at;
}

/** Makes `algorithms` and `hassh` of whole lists, as those of a server or a client. */
export function makeHassh(lists: usize, isServer: bool): void {
  let at = lists;
  let to = algorithms;
  for (let list: u32 = 0; list < MAX_LISTS; list++) {
    const next = at + 4 + <usize>u32At(at);
    if (isTaken(list, isServer)) {
      if (list > 0) store<u8>(to++, 0x3b);
      clean(at + 4, next, MAX_LIST_BYTES);
      memory.copy(to, cleanAt, cleanLength);
      to += cleanLength;
    }
    at = next;
  }
  algorithmsLength = <u32>(to - algorithms);
  md5Known(algorithms, algorithmsLength, DIGEST);
  appendHex(DIGEST, DIGEST + 16, hassh);
}

/** Key exchange is the first list, host keys the second; behind them each kind has two: of the client and of the server. */
// @ts-ignore: decorator
@inline
function isTaken(list: u32, isServer: bool): bool {
  return list === 0 || (list > 1 && (list & 1) === <u32>isServer);
}
