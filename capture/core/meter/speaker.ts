import {SYN, TCP} from "./constants";
import {Packet} from "./layout";

/** Who speaks, by what a segment of a connection says whose handshake was not seen: first words that only one side has. */

export const UNTOLD: i32 = -1;
export const ORIGINATOR: i32 = 0;
export const RESPONDER: i32 = 1;

/** Texts of four characters as they lie in memory. */
const HTTP: u32 = 0x50545448;
const GET: u32 = 0x20544547;
const POST: u32 = 0x54534f50;
const HEAD: u32 = 0x44414548;
const PUT: u32 = 0x20545550;
/** Greetings of mail servers (`220 `, `+OK `, `* OK`). */
const SERVICE_READY: u32 = 0x20303232;
const POP3_OK: u32 = 0x204b4f2b;
const IMAP_OK: u32 = 0x4b4f202a;

const TLS_HANDSHAKE: u8 = 22;

export function speakerOf(packet: Packet): i32 {
  if (packet.proto !== TCP || packet.hasTcp === 0 || (packet.flags & SYN) !== 0 || packet.payloadCaptured < 8) return UNTOLD;
  const at = packet.payload;
  switch (load<u32>(at)) {
    case HTTP:
      return load<u8>(at, 4) === 0x2f ? RESPONDER : UNTOLD;
    case SERVICE_READY:
    case POP3_OK:
    case IMAP_OK:
      return RESPONDER;
    case GET:
    case POST:
    case HEAD:
    case PUT:
      return ORIGINATOR;
  }
  if (load<u8>(at) !== TLS_HANDSHAKE || load<u8>(at, 1) !== 3) return UNTOLD;
  const message = load<u8>(at, 5);
  return message === 1 ? ORIGINATOR : message === 2 ? RESPONDER : UNTOLD;
}
