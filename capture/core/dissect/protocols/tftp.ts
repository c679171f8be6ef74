import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, dropText, keepText, release} from "../heap";
import {addContent, BY_TFTP, closeTransfer, missContent, openTransfer, PARTLY, WHOLE} from "../parsers/files/transfer";
import {expect, expectedAt, nameExpected} from "../streams/expected";
import {flowIdOf, Reading, TFTP} from "../streams/reading";
import {clean, cleanAt, cleanLength, find, isTextAnyCase} from "../text";

/**
 * TFTP (RFC 1350): a request from a port of the client's, to which the server answers from a port of its own, so that the
 * file comes in another flow. Its blocks are put in order as they are acknowledged: one after the other.
 */

const READ: u8 = 1;
const WRITE: u8 = 2;
const DATA: u8 = 3;
const OPTIONS: u8 = 6;

const MAX_NAME: u32 = 512;
const NO_PLACE: i32 = -1;

@unmanaged
class Transferring {
  /** Where the announcement of the file's flow is, of a request's flow. */
  place: i32 = 0;
  /** The file (a `Transfer`), and its name, kept, before its first block. */
  file: u32 = 0;
  name: u32 = 0;
  /** Bytes of a whole block, once the first was seen; and the block that is to come. */
  blockBytes: u32 = 0;
  block: u16 = 0;
  /** Bytes of a block as both agreed: 512 where nothing else is (RFC 2348). */
  agreed: u16 = 0;
}

/** TFTP by its read or write request (RFC 1350 §5). */
export function recogniseTftp(_event: Event, start: usize, end: usize): bool {
  if (end < start + 4 || (load<u8>(start, 1) !== READ && load<u8>(start, 1) !== WRITE)) return false;
  const name = find(0, start + 2, end);
  if (name < start + 3 || load<u8>(start, 2) < 0x20) return false;
  const mode = name + 1;
  return (
    isTextAnyCase(mode, end, "NETASCII\0") ||
    isTextAnyCase(mode, end, "OCTET\0") ||
    isTextAnyCase(mode, end, "MAIL\0")
  );
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsTftp(byte: u8): bool {
  return byte === 0;
}

/** State of a flow that begins with a request; 0 where memory is out. */
export function beginTftp(): usize {
  const state = allocate(offsetof<Transferring>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Transferring>());
  changetype<Transferring>(state).place = NO_PLACE;
  changetype<Transferring>(state).block = 1;
  changetype<Transferring>(state).agreed = 512;
  return state;
}

/** State of a flow that a request announced at `place`. */
export function beginTftpData(place: i32): usize {
  const state = beginTftp();
  const expected = expectedAt(place);
  if (state === 0) return 0;
  changetype<Transferring>(state).name = expected.name;
  expected.name = 0;
  expected.by = 0;
  return state;
}

export function takeTftp(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const own = changetype<Transferring>(state);
  if (end < start + 4 || load<u8>(start) !== 0) return false;
  const code = load<u8>(start, 1);
  if (code === READ || code === WRITE) {
    const zero = find(0, start + 2, end);
    if (zero === 0) return false;
    const port = <u16>(event.direction === 0 ? event.sourcePort : event.destinationPort);
    if (own.place === NO_PLACE) own.place = expect(TFTP, event, event.direction, port);
    clean(start + 2, zero, MAX_NAME);
    const name = keepText(cleanAt, cleanLength);
    // Servers of some kinds answer from the port that was asked.
    dropText(<usize>own.name);
    own.name = <u32>keepText(cleanAt, cleanLength);
    if (name !== 0) nameExpected(own.place, port, name);
    return true;
  }
  if (code === OPTIONS) own.agreed = agreedBytes(start + 2, end);
  if (code !== DATA) return true;
  const bytes = <u32>(end - start) - 4 + <u32>event.cut;
  if (own.file === 0) {
    own.file = <u32>openTransfer(event.time, <u8>event.direction, NaN, <usize>own.name, 0, 0);
    own.name = 0;
    own.blockBytes = bytes;
    if (own.file === 0) return false;
    // The file began before the capture did.
    if (u16At(start + 2) !== 1) missContent(own.file);
    own.block = <u16>u16At(start + 2);
  }
  const ahead = <i16>(<u16>u16At(start + 2) - own.block);
  // Sent again.
  if (ahead < 0) return true;
  if (ahead > 0 || event.cut > 0) missContent(own.file);
  addContent(own.file, start + 4, end);
  own.block = <u16>u16At(start + 2) + 1;
  // A block shorter than those before it is the last; so is a first one shorter than any that was not agreed on.
  if (bytes >= own.blockBytes && bytes >= own.agreed) return true;
  closeTransfer(own.file, flowIdOf(event), BY_TFTP, WHOLE);
  own.file = 0;
  return false;
}

/** Bytes of a block that the answer to options agrees to (RFC 2348); 512 where it says nothing of them. */
function agreedBytes(at: usize, end: usize): u16 {
  while (at < end) {
    const name: usize = find(0, at, end);
    const value: usize = name === 0 ? 0 : find(0, name + 1, end);
    if (value === 0) break;
    if (isTextAnyCase(at, end, "BLKSIZE\0")) {
      let bytes: u32 = 0;
      for (let digit: usize = name + 1; digit < value && bytes < 65_536; digit++) bytes = bytes * 10 + (load<u8>(digit) - 0x30);
      return bytes >= 8 && bytes <= 65_464 ? <u16>bytes : 512;
    }
    at = value + 1;
  }
  return 512;
}

export function endTftp(state: usize, _reading: Reading, event: Event): void {
  const own = changetype<Transferring>(state);
  if (own.file !== 0) closeTransfer(own.file, flowIdOf(event), BY_TFTP, PARTLY);
  dropText(<usize>own.name);
  release(state, offsetof<Transferring>());
}
