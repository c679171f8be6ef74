import {u16At, u32At} from "../../../meter/bytes";
import {md5Known} from "../../crypto/known";
import {appendNumber} from "../../text";
import {ALPN, SUPPORTED_VERSIONS} from "./hello-scan";

/** What a server chose. */
export let serverVersion: u32 = 0;
export let serverCipher: u32 = 0;
/** It asks for another ClientHello (RFC 8446 §4.1.4). */
export let isRetry: bool = false;
/** It takes a key of an earlier session (RFC 8446 §4.2.11). */
export let takesKey: bool = false;
/** The ALPN name chosen (0: none), and the session id. */
export let chosenAt: usize = 0;
export let chosenEnd: usize = 0;
export let sessionAt: usize = 0;
export let sessionEnd: usize = 0;

/** MD5 of the hello last read as JA3S has it: version, cipher, types of the extensions. */
export const serverDigest: usize = memory.data(16, 16);

/** SHA-256 of "HelloRetryRequest", the random of such a message (RFC 8446 §4.1.3); its beginning is enough. */
const RETRY_RANDOM: u32 = 0xcf21ad74;
const PRE_SHARED_KEY: u32 = 41;

/** Extensions that go into the fingerprint; a hello has a dozen at most. */
const MAX_EXTENSIONS = 64;
const text = memory.data(512);

/** Reads the ServerHello in the body of a handshake message; false where its lengths contradict each other. */
export function readServerHello(start: usize, end: usize): bool {
  let at = start + 34;
  if (at + 1 > end) return false;
  serverVersion = u16At(start);
  isRetry = u32At(start + 2) === RETRY_RANDOM;
  takesKey = false;
  chosenAt = chosenEnd = 0;
  // Drafts of TLS 1.3 before the 22nd have neither a session id nor a compression method here.
  const isDraft = serverVersion >> 8 === 0x7f;
  sessionAt = sessionEnd = at;
  if (!isDraft) {
    sessionAt = at + 1;
    at += 1 + <usize>load<u8>(at);
    sessionEnd = at;
  }
  if (at + 3 > end) return false;
  serverCipher = u16At(at);
  let to = appendNumber(serverVersion, text);
  store<u8>(to++, 0x2c);
  to = appendNumber(serverCipher, to);
  store<u8>(to++, 0x2c);
  at += isDraft ? 4 : 5;
  for (let count = 0; at + 4 <= end; count++) {
    const type = u16At(at);
    const stop = at + 4 + u16At(at + 2);
    if (stop > end) break;
    if (count < MAX_EXTENSIONS) {
      if (count > 0) store<u8>(to++, 0x2d);
      to = appendNumber(type, to);
    }
    if (type === SUPPORTED_VERSIONS && stop - at === 6) serverVersion = u16At(at + 4);
    else if (type === PRE_SHARED_KEY) takesKey = true;
    else if (type === ALPN && stop - at > 7 && at + 7 + <usize>load<u8>(at, 6) <= stop) {
      chosenAt = at + 7;
      chosenEnd = at + 7 + <usize>load<u8>(at, 6);
    }
    at = stop;
  }
  md5Known(text, to - text, serverDigest);
  return true;
}
