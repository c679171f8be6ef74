import {u16At, u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {recogniseDiameter} from "./diameter";

/**
 * What SCTP's user data are, by the payload protocol that their sender states (IANA's registry of SCTP payload protocol
 * identifiers) and by a header that fits; Diameter by its header alone, as its senders often state none.
 */

/** Kinds of headers: of SIGTRAN's adaptation layers, and of a PER-encoded message of 3GPP. */
const ADAPTATION: u8 = 1;
const MESSAGE: u8 = 2;
const MEGACO: u8 = 3;

/** Identifiers to 127: the kind of header, and the number of the service plus one. */
const kinds = memory.data(128);
const services = memory.data(256);
let diameter: i32 = -1;

export function setSctpService(identifier: i32, service: u16): void {
  store<u16>(services + (<usize>identifier << 1), service + 1);
  store<u8>(kinds + identifier, identifier === 7 ? MEGACO : identifier < 7 ? ADAPTATION : MESSAGE);
}

export function setSctpDiameter(service: u16): void {
  diameter = service;
}

/** DATA chunks (RFC 9260 §3.3.1); the bit that a user message begins. */
const DATA: u8 = 0;
const BEGINS: u8 = 2;
const NO_DATA: i32 = -2;
/** Most chunks of a packet that are passed. */
const MAX_CHUNKS = 32;

/** Number of the protocol of the first user message that begins in these chunks; -1 of one that is not known, -2 without one. */
export function recogniseSctp(event: Event, start: usize, end: usize): i32 {
  let at = start;
  for (let i = 0; i < MAX_CHUNKS && at + 4 <= end; i++) {
    const length = <usize>u16At(at + 2);
    if (length < 4) return NO_DATA;
    if (load<u8>(at) === DATA && length > 16 && at + 16 < end && (load<u8>(at, 1) & BEGINS) !== 0) return recogniseMessage(event, u32At(at + 12), at + 16, min(at + length, end));
    at += (length + 3) & ~3;
  }
  return NO_DATA;
}

function recogniseMessage(event: Event, identifier: u32, start: usize, end: usize): i32 {
  const service: i32 = identifier < 128 ? load<u16>(services + (<usize>identifier << 1)) : 0;
  if (service !== 0 && fits(load<u8>(kinds + identifier), start, end)) return service - 1;
  return recogniseDiameter(event, start, end) ? diameter : -1;
}

function fits(kind: u8, start: usize, end: usize): bool {
  if (start + 4 > end) return false;
  const first = load<u8>(start);
  // Megaco in text, or in BER.
  if (kind === MEGACO) return first === 0x4d || first === 0x21 || first === 0x30;
  // Version 1, a reserved byte, class and type, length (RFC 4666 §3.1).
  if (kind === ADAPTATION) return start + 8 <= end && first === 1 && load<u8>(start, 1) === 0 && u32At(start + 4) >= 8 && u32At(start + 4) <= 0xffff;
  // Initiating message, successful or unsuccessful outcome; number of the procedure; criticality.
  return (first & 0x1f) === 0 && (load<u8>(start, 2) & 0x3f) === 0;
}
