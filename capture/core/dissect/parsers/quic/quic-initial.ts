import {u32At} from "../../../meter/bytes";
import {encryptBlock, expandKey, KEY_SCHEDULE} from "../../crypto/aes128";
import {openGcm} from "../../crypto/gcm";
import {HEADER_KEY, INITIAL_KEYS, initialKeys, initialType, IV, quicVersion} from "../../crypto/quic-keys";

export {INITIAL_KEYS, initialKeys, quicVersion};

/** What `longPacket` found: nothing that can be read, an Initial packet, another one to be passed over. */
export const NO_PACKET = 0;
export const INITIAL_PACKET = 1;
export const OTHER_PACKET = 2;

/** Where the parts of the packet that `longPacket` found are (RFC 9000 §17.2.2); but for `next`, of an Initial only. */
@unmanaged
class LongPacket {
  version: u32 = 0;
  start: usize = 0;
  connectionId: usize = 0;
  connectionIdLength: usize = 0;
  /** Where the protected packet number begins. */
  number: usize = 0;
  /** Where the next packet of the datagram begins. */
  next: usize = 0;
}

export const packet = changetype<LongPacket>(memory.data(<i32>offsetof<LongPacket>()));

/** Reads the header of the packet at `start` into `packet`; `NO_PACKET` too where it runs past the datagram's end. */
export function longPacket(start: usize, end: usize): i32 {
  if (start + 7 > end || load<u8>(start) < 0xc0) return NO_PACKET;
  packet.version = u32At(start + 1);
  const version = quicVersion(packet.version);
  const destination = start + 6;
  const destinationLength = <usize>load<u8>(start, 5);
  const source = destination + destinationLength;
  if (version === 0 || destinationLength > 20 || source >= end || load<u8>(source) > 20) return NO_PACKET;
  const type = ((<u32>load<u8>(start) >> 4) - initialType(version)) & 3;
  // A Retry, which ends its datagram.
  if (type === 3) return NO_PACKET;
  let at = source + 1 + <usize>load<u8>(source);
  if (type === 0) {
    const token = variableLength(at, end);
    if (token < 0 || token > <i64>(end - variableEnd)) return NO_PACKET;
    at = variableEnd + <usize>token;
  }
  const length = variableLength(at, end);
  if (length < 0 || length > <i64>(end - variableEnd)) return NO_PACKET;
  packet.start = start;
  packet.connectionId = destination;
  packet.connectionIdLength = destinationLength;
  packet.number = variableEnd;
  packet.next = variableEnd + <usize>length;
  return type === 0 ? INITIAL_PACKET : OTHER_PACKET;
}

const TAG: usize = 16;

/** The round keys of a packet, the block that hides its number and its first byte, and its nonce. */
const SCHEDULE: usize = memory.data(<i32>KEY_SCHEDULE, 16);
const MASK: usize = memory.data(16, 16);
const NONCE: usize = memory.data(16, 16);

/** The header without its protection, and behind it the frames: no datagram is longer. */
const OPENED_BYTES: usize = 65536;
const OPENED: usize = memory.data(<i32>OPENED_BYTES, 16);

/** Where the frames are that `openInitial` read last. */
export let frames: usize = 0;

/**
 * Takes header and payload protection off the Initial packet that `longPacket` found (RFC 9001 §5.3, §5.4); length of
 * the frames, which are valid until the next call, or -1 where the keys are others.
 */
export function openInitial(keys: usize): i32 {
  const start = packet.start;
  const end = packet.next;
  // The sample is taken as if the packet number had four bytes.
  if (packet.number + 4 + TAG > end || end - start > OPENED_BYTES) return -1;
  expandKey(keys + HEADER_KEY, SCHEDULE);
  encryptBlock(SCHEDULE, packet.number + 4, MASK);
  memory.copy(OPENED, start, packet.number + 4 - start);
  const first = load<u8>(OPENED) ^ (load<u8>(MASK) & 0x0f);
  store<u8>(OPENED, first);
  const numberBytes = (<usize>first & 3) + 1;
  const body = packet.number + numberBytes;
  const headerLength = body - start;
  memory.copy(NONCE, keys + IV, 12);
  const number = OPENED + headerLength - numberBytes;
  const nonce = NONCE + 12 - numberBytes;
  for (let i: usize = 0; i < numberBytes; i++) {
    const byte = load<u8>(number + i) ^ load<u8>(MASK + i, 1);
    store<u8>(number + i, byte);
    store<u8>(nonce + i, load<u8>(nonce + i) ^ byte);
  }
  const length = end - TAG - body;
  // Decryption writes whole words; the place of the tag leaves room to begin at one.
  frames = (OPENED + headerLength + 15) & ~15;
  expandKey(keys, SCHEDULE);
  return openGcm(SCHEDULE, NONCE, OPENED, headerLength, body, length, end - TAG, frames) ? <i32>length : -1;
}

/** Where the integer last read by `variableLength` ended. */
export let variableEnd: usize = 0;

/** A variable-length integer (RFC 9000 §16); -1 where it runs past the end or says more than any datagram holds. */
export function variableLength(at: usize, end: usize): i64 {
  if (at >= end) return -1;
  const first = load<u8>(at);
  const octets: usize = 1 << (first >> 6);
  variableEnd = at + octets;
  if (variableEnd > end) return -1;
  if (octets === 1) return <i64>first;
  let value: u64 = <u64>(first & 0x3f);
  for (let i: usize = 1; i < octets; i++) value = (value << 8) | <u64>load<u8>(at + i);
  return value > 0xffffffff ? -1 : <i64>value;
}
