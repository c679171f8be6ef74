/**
 * Guesses from sizes how a login over SSH went, as Zeek does: SERVICE_ACCEPT has 16 bytes more than USERAUTH_SUCCESS under
 * every cipher (RFC 4253 §6: blocks of 8 or 16 bytes), and the answer to the client's first request, which asks for the
 * methods, is a USERAUTH_FAILURE of the size that all have.
 */

@unmanaged
export class AuthGuess {
  /** Offsets of both directions up to which segments were looked at. */
  seenClient: i32 = 0;
  seenServer: i32 = 0;
  /** Sizes of the server's acceptance of the service, and of a refusal. */
  accepted: u32 = 0;
  refused: u32 = 0;
  failures: u32 = 0;
  /** The client's and the server's NEWKEYS have come, and the client has asked for the service since. */
  isClientKeyed: u8 = 0;
  isServerKeyed: u8 = 0;
  hasAsked: u8 = 0;
  isSuccess: u8 = 0;
  /** A segment of the server's key exchange was captured in part: its NEWKEYS stand at the end, and may be lost. */
  isServerCut: u8 = 0;
}

/** How much shorter a success is than the acceptance. */
const SHORTER: u32 = 16;

/** Takes a segment behind the key exchange's offers, of so many bytes as it was sent; false once all is known. */
export function takeAuth(guess: AuthGuess, isServer: bool, start: usize, end: usize, cut: i32, offset: i32): bool {
  const bytes = <u32>(end - start) + <u32>cut;
  // Sent again.
  if (offset - (isServer ? guess.seenServer : guess.seenClient) < 0) return true;
  if (isServer) guess.seenServer = offset + <i32>bytes;
  else guess.seenClient = offset + <i32>bytes;
  const isKeyed = isServer ? guess.isServerKeyed : guess.isClientKeyed;
  if (isKeyed === 0) {
    const behind = behindNewKeys(start, end);
    if (behind !== 0) {
      if (isServer) guess.isServerKeyed = 1;
      else guess.isClientKeyed = 1;
      if (!isServer && behind < end) guess.hasAsked = 1;
      return true;
    }
    if (isServer && cut > 0) guess.isServerCut = 1;
    // A client asks once both have sent theirs.
    if (!isServer || guess.isServerCut === 0 || guess.hasAsked === 0) return true;
    guess.isServerKeyed = 1;
  }
  if (!isServer) {
    guess.hasAsked = 1;
    return true;
  }
  // What the server says unasked (EXT_INFO) is no answer.
  if (guess.hasAsked === 0) return true;
  if (guess.accepted === 0) guess.accepted = bytes;
  else if (bytes + SHORTER === guess.accepted) {
    guess.isSuccess = 1;
    return false;
  } else if (guess.refused === 0) guess.refused = bytes;
  else if (bytes === guess.refused) guess.failures++;
  return true;
}

/** Behind the NEWKEYS among the bytes, which no cipher hides: twelve bytes, ten of padding; 0 without. */
function behindNewKeys(start: usize, end: usize): usize {
  for (let at = start; at + 16 <= end; at++) if (load<u32>(at) === 0x0c000000 && load<u16>(at, 4) === 0x150a) return at + 16;
  return 0;
}
