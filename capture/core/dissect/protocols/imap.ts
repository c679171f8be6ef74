import {Event} from "../../meter/layout";
import {isTextAnyCase} from "../text";

/** Longest tag of a client's first command. */
const MAX_TAG: usize = 12;

/** IMAP by the server's greeting, or a client's tagged first command (RFC 9051 §7.1); TLS may follow. */
export function recogniseImap(event: Event, start: usize, end: usize): bool {
  if (load<u8>(start) === 0x2a) return isGreeting(start, end);
  // Commands are the client's: FTP's `530 Login incorrect` is an answer.
  if (event.direction !== 0) return false;
  let at = start;
  while (at < end && at < start + MAX_TAG && isTagCharacter(load<u8>(at))) at++;
  return at > start && load<u8>(at) === 0x20 && !isReplyCode(start, at) && isCommand(at + 1, end);
}

/** Whether it may begin with that byte. */
export function beginsImap(byte: u8): bool {
  return byte === 0x2a || isTagCharacter(byte);
}

/** Three digits as the answers of FTP and SMTP begin with (RFC 959 §4.2). */
function isReplyCode(start: usize, end: usize): bool {
  if (end - start !== 3 || load<u8>(start) < 0x31 || load<u8>(start) > 0x36) return false;
  return load<u8>(start, 1) <= 0x39 && load<u8>(start, 2) <= 0x39;
}

function isGreeting(at: usize, end: usize): bool {
  return isTextAnyCase(at, end, "* OK") || isTextAnyCase(at, end, "* PREAUTH") || isTextAnyCase(at, end, "* BYE");
}

function isCommand(at: usize, end: usize): bool {
  return (
    isTextAnyCase(at, end, "CAPABILITY\r\n") ||
    isTextAnyCase(at, end, "LOGIN ") ||
    isTextAnyCase(at, end, "STARTTLS\r\n") ||
    isTextAnyCase(at, end, "AUTHENTICATE ") ||
    isTextAnyCase(at, end, "ID (")
  );
}

// @ts-ignore: decorator
@inline
function isTagCharacter(byte: u8): bool {
  return (
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2e
  );
}
