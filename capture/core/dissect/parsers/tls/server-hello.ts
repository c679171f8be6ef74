import {u16At, u32At} from "../../../meter/bytes";
import {SUPPORTED_VERSIONS} from "./hello-scan";

/** What a server chose. */
export let serverVersion: u32 = 0;
export let serverCipher: u32 = 0;
/** It asks for another ClientHello (RFC 8446 §4.1.4). */
export let isRetry: bool = false;

/** SHA-256 of "HelloRetryRequest", the random of such a message (RFC 8446 §4.1.3); its beginning is enough. */
const RETRY_RANDOM: u32 = 0xcf21ad74;

/** Reads the ServerHello in the body of a handshake message; false where its lengths contradict each other. */
export function readServerHello(start: usize, end: usize): bool {
  let at = start + 34;
  if (at + 1 > end) return false;
  serverVersion = u16At(start);
  isRetry = u32At(start + 2) === RETRY_RANDOM;
  at += 1 + <usize>load<u8>(at);
  if (at + 3 > end) return false;
  serverCipher = u16At(at);
  at += 5;
  while (at + 4 <= end) {
    const to = at + 4 + u16At(at + 2);
    if (to > end) break;
    if (u16At(at) === SUPPORTED_VERSIONS && to - at === 6) serverVersion = u16At(at + 4);
    at = to;
  }
  return true;
}
