import {SYN, TCP} from "./constants";
import {Packet} from "./layout";

/** Who speaks, by what a segment of a connection says whose handshake was not seen: words that only one side has. */

export const UNTOLD: i32 = -1;
export const ORIGINATOR: i32 = 0;
export const RESPONDER: i32 = 1;

/** Texts of four characters as they lie in memory. */
// @ts-ignore: decorator
@inline
function word(a: u32, b: u32, c: u32, d: u32): u32 {
  return a | (b << 8) | (c << 16) | (d << 24);
}

const CR_LF: u16 = 0x0a0d;

export function speakerOf(packet: Packet): i32 {
  if (packet.proto !== TCP || packet.hasTcp === 0 || (packet.flags & SYN) !== 0 || packet.payloadCaptured < 8) return UNTOLD;
  const at = packet.payload;
  const end = at + <usize>packet.payloadCaptured;
  if (isRequest(load<u32>(at))) return ORIGINATOR;
  if (isResponse(at)) return RESPONDER;
  const isLines = load<u16>(end - 2) === CR_LF;
  return isLines ? speakerOfLines(at, end) : speakerOfBytes(at, end);
}

/** Methods of HTTP, RTSP and SIP, whole or by their first four letters. */
function isRequest(first: u32): bool {
  switch (first) {
    case word(0x47, 0x45, 0x54, 0x20): // GET
    case word(0x50, 0x4f, 0x53, 0x54): // POST
    case word(0x48, 0x45, 0x41, 0x44): // HEAD
    case word(0x50, 0x55, 0x54, 0x20): // PUT
    case word(0x4f, 0x50, 0x54, 0x49): // OPTIONS
    case word(0x44, 0x45, 0x4c, 0x45): // DELETE, and POP3's DELE
    case word(0x50, 0x41, 0x54, 0x43): // PATCH
    case word(0x43, 0x4f, 0x4e, 0x4e): // CONNECT
    case word(0x54, 0x52, 0x41, 0x43): // TRACE
    case word(0x50, 0x52, 0x4f, 0x50): // PROPFIND
    case word(0x50, 0x52, 0x49, 0x20): // PRI, of HTTP/2
    case word(0x44, 0x45, 0x53, 0x43): // DESCRIBE
    case word(0x49, 0x4e, 0x56, 0x49): // INVITE
    case word(0x52, 0x45, 0x47, 0x49): // REGISTER
      return true;
    default:
      return false;
  }
}

/** Status lines of HTTP, RTSP and SIP; what POP3 and IMAP begin with. */
function isResponse(at: usize): bool {
  const first = load<u32>(at);
  if (first === word(0x48, 0x54, 0x54, 0x50) || first === word(0x52, 0x54, 0x53, 0x50)) return load<u8>(at, 4) === 0x2f; // HTTP, RTSP
  return first === word(0x53, 0x49, 0x50, 0x2f) || first === word(0x2b, 0x4f, 0x4b, 0x20) || first === word(0x2d, 0x45, 0x52, 0x52) || first === word(0x2a, 0x20, 0x4f, 0x4b); // SIP/, +OK, -ERR, * OK
}

/** Of lines: replies with a number (FTP, SMTP, NNTP), tagged or not (IMAP), from a server by name (IRC); and commands of clients. */
function speakerOfLines(at: usize, end: usize): i32 {
  const first = load<u8>(at);
  const fourth = load<u8>(at, 3);
  if (first - 0x31 < 5 && load<u8>(at, 1) - 0x30 < 6 && load<u8>(at, 2) - 0x30 < 10 && (fourth === 0x20 || fourth === 0x2d)) return RESPONDER;
  if (first === 0x3a) return RESPONDER;
  if (first === 0x2a && load<u8>(at, 1) === 0x20) return RESPONDER;
  switch (load<u32>(at) & 0xdfdf_dfdf) {
    case word(0x45, 0x48, 0x4c, 0x4f): // EHLO
    case word(0x48, 0x45, 0x4c, 0x4f): // HELO
    case word(0x4d, 0x41, 0x49, 0x4c): // MAIL
    case word(0x52, 0x43, 0x50, 0x54): // RCPT
    case word(0x55, 0x53, 0x45, 0x52): // USER
    case word(0x50, 0x41, 0x53, 0x53): // PASS
    case word(0x52, 0x45, 0x54, 0x52): // RETR
    case word(0x53, 0x54, 0x4f, 0x52): // STOR
    case word(0x41, 0x55, 0x54, 0x48): // AUTH
    case word(0x4e, 0x49, 0x43, 0x4b): // NICK
    case word(0x4a, 0x4f, 0x49, 0x4e): // JOIN
      return ORIGINATOR;
  }
  return isTaggedReply(at, min(end, at + 16)) ? RESPONDER : UNTOLD;
}

/** A tag, then OK, NO or BAD (RFC 9051 §7.1). */
function isTaggedReply(at: usize, end: usize): bool {
  let space = at;
  while (space < end && load<u8>(space) !== 0x20) {
    const byte = load<u8>(space++);
    if (!((byte | 0x20) - 0x61 < 26 || byte - 0x30 < 10 || byte === 0x2e)) return false;
  }
  if (space === at || space + 4 > end) return false;
  const next = load<u32>(space);
  return next === word(0x20, 0x4f, 0x4b, 0x20) || next === word(0x20, 0x4e, 0x4f, 0x20) || next === word(0x20, 0x42, 0x41, 0x44);
}

/** Messages that name their direction: handshakes of TLS, SMB, DCE/RPC, connections over TPKT, MySQL's greeting. */
function speakerOfBytes(at: usize, end: usize): i32 {
  const first = load<u32>(at);
  if ((first & 0xffff) === 0x0316) {
    const message = load<u8>(at, 5);
    // The key exchange of clients; hello, key exchange, question for certificates and the hello's end of servers.
    return message === 1 || message === 16 ? ORIGINATOR : message === 2 || (message >= 12 && message <= 14) ? RESPONDER : UNTOLD;
  }
  if (load<u8>(at) === 0 && end >= at + 24) {
    const protocol = load<u32>(at, 4);
    if (protocol === 0x424d_53ff) return (load<u8>(at, 13) & 0x80) !== 0 ? RESPONDER : ORIGINATOR;
    if (protocol === 0x424d_53fe) return (load<u8>(at, 20) & 1) !== 0 ? RESPONDER : ORIGINATOR;
  }
  if ((first & 0xffff) === 5 && end >= at + 16 && load<u8>(at, 4) === 0x10) {
    const type = (first >> 16) & 0xff;
    if (type === 0 || type === 11 || type === 14 || type === 16) return ORIGINATOR;
    if (type === 2 || type === 3 || type === 12 || type === 13 || type === 15) return RESPONDER;
  }
  if ((first & 0xffff) === 3) {
    const message = load<u8>(at, 5);
    if (message === 0xe0) return ORIGINATOR;
    if (message === 0xd0) return RESPONDER;
  }
  if (first >> 24 === 0 && (first & 0xff_ffff) <= 1024 && load<u8>(at, 4) === 10 && load<u8>(at, 5) - 0x30 < 10 && load<u8>(at, 6) === 0x2e) return RESPONDER;
  return UNTOLD;
}
