import {Event} from "../../meter/layout";
import {allocate, dropText, release} from "../heap";
import {addContent, BY_DCC, BY_FTP, closeTransfer, missContent, openTransfer, PARTLY, UNKNOWN, WHOLE} from "../parsers/files/transfer";
import {expectedAt, expectedEnd} from "../streams/expected";
import {flowIdOf, Reading} from "../streams/reading";
import {costOf, FULL_COST, openStream, passAllHoles, passHoles, push, Stream} from "../streams/stream";

/**
 * Connections that carry one file and nothing else, known by the end that another connection announced: FTP's data, sent by
 * either side, and files sent within IRC (DCC SEND), whose receiver answers with counts of what it has.
 */

@unmanaged
class Side extends Stream {
  /** The file (a `Transfer`), once a byte of it was seen, and its name, kept, until then. */
  file: u32 = 0;
  name: u32 = 0;
  direction: u32 = 0;
  bytes: f64 = 0;
}

/** Of `sender`: it is not known before the first byte. */
const EITHER: u8 = 2;

/** Of a connection 65,536 full payloads are read: about 90 MB. */
const MAX_COST: u32 = 65_536 * FULL_COST;

@unmanaged
class Connection {
  /** What was read so far. */
  cost: u32 = 0;
  /** What `closeTransfer` is told of the protocol. */
  by: u8 = 0;
  /** Direction of the file, or `EITHER`. */
  sender: u8 = 0;
  reserved: u16 = 0;
  /** Bytes of the file as they were announced; NaN: not said. */
  declared: f64 = 0;
}

const STATE_BYTES: usize = offsetof<Connection>() + 2 * offsetof<Side>();

/** State of an FTP data connection that was announced at `place`; 0 where memory is out. */
export function beginFtpData(place: i32): usize {
  return begin(place, BY_FTP, EITHER);
}

/** State of a connection that brings a file from the end announced at `place`; 0 where memory is out. */
export function beginDcc(place: i32, event: Event): usize {
  return begin(place, BY_DCC, <u8>expectedEnd(place, event));
}

function begin(place: i32, by: i32, sender: u8): usize {
  const state = allocate(STATE_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, STATE_BYTES);
  for (let i = 0; i < 2; i++) {
    openStream(sideOf(state, i), true);
    sideOf(state, i).direction = i;
  }
  const expected = expectedAt(place);
  const connection = changetype<Connection>(state);
  connection.by = <u8>by;
  connection.sender = sender;
  connection.declared = expected.size;
  // Only one side sends.
  sideOf(state, 0).name = expected.name;
  expected.name = 0;
  expected.by = 0;
  return state;
}

export function takeFtpData(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const other = sideOf(state, 1 - event.direction);
  if (other.first !== 0) passHoles(other, event.acknowledged, changetype<usize>(other), takeBytes, takeGap);
  const connection = changetype<Connection>(state);
  if (connection.sender !== EITHER && connection.sender !== <u8>event.direction) return true;
  const side = sideOf(state, event.direction);
  if (side.file === 0 && end > start) {
    const first = sideOf(state, 0);
    side.file = <u32>openTransfer(event.time, <u8>event.direction, connection.declared, <usize>first.name, 0, 0);
    first.name = 0;
  }
  push(side, start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), takeBytes, takeGap);
  connection.cost += costOf(start, end);
  return connection.cost < MAX_COST;
}

export function endFtpData(state: usize, _reading: Reading, event: Event): void {
  const connection = changetype<Connection>(state);
  const isCut = connection.cost >= MAX_COST;
  for (let i = 0; i < 2; i++) {
    const side = sideOf(state, i);
    passAllHoles(side, changetype<usize>(side), takeBytes, takeGap);
    if (isCut && side.file !== 0) missContent(side.file);
    // A file may be sent from where an earlier try ended: it has fewer bytes than were announced.
    const whole = isNaN(connection.declared) ? UNKNOWN : side.bytes === connection.declared ? WHOLE : PARTLY;
    if (side.file !== 0) closeTransfer(side.file, flowIdOf(event), connection.by, whole);
    dropText(<usize>side.name);
  }
  release(state, STATE_BYTES);
}

function takeBytes(to: usize, start: usize, end: usize, _ts: f64): void {
  const side = changetype<Side>(to);
  if (side.file === 0) return;
  addContent(side.file, start, end);
  side.bytes += <f64>(end - start);
}

function takeGap(to: usize, _missing: i32): void {
  const side = changetype<Side>(to);
  if (side.file !== 0) missContent(side.file);
}

// @ts-ignore: decorator
@inline
function sideOf(state: usize, direction: i32): Side {
  return changetype<Side>(state + offsetof<Connection>() + <usize>direction * offsetof<Side>());
}
