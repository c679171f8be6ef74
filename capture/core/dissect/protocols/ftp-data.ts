import {Event} from "../../meter/layout";
import {allocate, dropText, release} from "../heap";
import {addContent, BY_FTP, closeTransfer, missContent, openTransfer, UNKNOWN} from "../parsers/files/transfer";
import {expectedAt} from "../streams/expected";
import {flowIdOf, Reading} from "../streams/reading";
import {costOf, FULL_COST, openStream, passAllHoles, passHoles, push, Stream} from "../streams/stream";

/** FTP's data connections, known by the port that the control connection announced: one file each, sent by either side. */

@unmanaged
class Side extends Stream {
  /** The file (a `Transfer`), once a byte of it was seen, and its name, kept, until then. */
  file: u32 = 0;
  name: u32 = 0;
  direction: u32 = 0;
}

/** Of a connection 65,536 full payloads are read: about 90 MB. */
const MAX_COST: u32 = 65_536 * FULL_COST;

@unmanaged
class Connection {
  /** What was read so far. */
  cost: u32 = 0;
  reserved: u32 = 0;
}

const STATE_BYTES: usize = offsetof<Connection>() + 2 * offsetof<Side>();

/** State of a connection that was announced at `place`; 0 where memory is out. */
export function beginFtpData(place: i32): usize {
  const state = allocate(STATE_BYTES);
  if (state === 0) return 0;
  memory.fill(state, 0, STATE_BYTES);
  for (let i = 0; i < 2; i++) {
    openStream(sideOf(state, i), true);
    sideOf(state, i).direction = i;
  }
  const expected = expectedAt(place);
  // Only one side sends.
  sideOf(state, 0).name = expected.name;
  expected.name = 0;
  expected.by = 0;
  return state;
}

export function takeFtpData(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const other = sideOf(state, 1 - event.direction);
  if (other.first !== 0) passHoles(other, event.acknowledged, changetype<usize>(other), takeBytes, takeGap);
  const side = sideOf(state, event.direction);
  if (side.file === 0 && end > start) {
    const first = sideOf(state, 0);
    side.file = <u32>openTransfer(event.time, <u8>event.direction, NaN, <usize>first.name, 0, 0);
    first.name = 0;
  }
  push(side, start, end, event.cut, event.streamOffset, event.time, changetype<usize>(side), takeBytes, takeGap);
  const connection = changetype<Connection>(state);
  connection.cost += costOf(start, end);
  return connection.cost < MAX_COST;
}

export function endFtpData(state: usize, _reading: Reading, event: Event): void {
  const isCut = changetype<Connection>(state).cost >= MAX_COST;
  for (let i = 0; i < 2; i++) {
    const side = sideOf(state, i);
    passAllHoles(side, changetype<usize>(side), takeBytes, takeGap);
    if (isCut && side.file !== 0) missContent(side.file);
    if (side.file !== 0) closeTransfer(side.file, flowIdOf(event), BY_FTP, UNKNOWN);
    dropText(<usize>side.name);
  }
  release(state, STATE_BYTES);
}

function takeBytes(to: usize, start: usize, end: usize, _ts: f64): void {
  const side = changetype<Side>(to);
  if (side.file !== 0) addContent(side.file, start, end);
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
