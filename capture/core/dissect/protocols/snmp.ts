import {Event} from "../../meter/layout";
import {berEnd, berInteger} from "../ber";
import {SNMP_COMMUNITIES, SNMP_ERRORS, SNMP_GETS, SNMP_HAS_COMMUNITY, SNMP_RESPONSES, SNMP_SETS, SNMP_TABLE, SNMP_TRAPS, SNMP_USER, SNMP_VERSION} from "../columns";
import {allocate, dropText, release} from "../heap";
import {keptText, setWord} from "../parsers/kept";
import {addRow, setKept, setNumber, tableAt} from "../rows";
import {countMalformed} from "../streams/held";
import {flowIdOf, Reading} from "../streams/reading";
import {berContent, hashOf} from "../text";

/** SNMP by its BER structure: version, then a community and a PDU, or the header data of version 3 (RFC 3416, RFC 3412). */
export function recogniseSnmp(_event: Event, start: usize, end: usize): bool {
  const body = berContent(start, end);
  if (body === 0 || body + 5 > end || load<u8>(body) !== 2 || load<u8>(body, 1) !== 1) return false;
  const version = load<u8>(body, 2);
  const next = body + 3;
  if (version === 3) return load<u8>(next) === 0x30;
  if (version > 1 || load<u8>(next) !== 4) return false;
  const community = berContent(next, end);
  if (community === 0) return false;
  const length = load<u8>(next, 1);
  const pdu = community + (length < 0x80 ? <usize>length : 0);
  return pdu < end && load<u8>(pdu) >= 0xa0 && load<u8>(pdu) <= 0xa8;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSnmp(byte: u8): bool {
  return byte === 0x30;
}

/** What a flow's messages were. */
@unmanaged
class Flow {
  ts: f64 = 0;
  user: u32 = 0;
  gets: u32 = 0;
  sets: u32 = 0;
  responses: u32 = 0;
  errors: u32 = 0;
  traps: u32 = 0;
  /** Hash of the last request's community, and how often it changed. */
  community: u32 = 0;
  communities: u32 = 0;
  version: u8 = 0;
  hasCommunity: u8 = 0;
  reserved: u16 = 0;
}

/** State of a new flow; 0 where memory is out. */
export function beginSnmp(): usize {
  const state = allocate(offsetof<Flow>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Flow>());
  changetype<Flow>(state).ts = NaN;
  return state;
}

/** Takes a datagram. */
export function takeSnmp(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const flow = changetype<Flow>(state);
  const body = berContent(start, end);
  if (!recogniseSnmp(event, start, end)) {
    countMalformed();
    return true;
  }
  if (isNaN(flow.ts)) flow.ts = event.time;
  flow.version = load<u8>(body, 2);
  const next = body + 3;
  const behind = berEnd(next, end);
  if (flow.version === 3) readSecurity(flow, behind, end, isPlain(next, behind));
  else {
    if (load<u8>(next, 1) > 0) flow.hasCommunity = 1;
    if (event.direction === 0) noteCommunity(flow, berContent(next, end), behind);
    countPdu(flow, behind, end);
  }
  return true;
}

/** Who asks by another community than before? */
function noteCommunity(flow: Flow, start: usize, end: usize): void {
  if (start === 0 || end < start) return;
  const hash = hashOf(start, end - start) | 1;
  if (hash === flow.community) return;
  flow.community = hash;
  flow.communities++;
}

/** The flow has ended: its row is written. */
export function endSnmp(state: usize, _reading: Reading, event: Event): void {
  const flow = changetype<Flow>(state);
  const rows = tableAt(SNMP_TABLE);
  const row = isNaN(flow.ts) ? -1 : addRow(rows, flowIdOf(event), flow.ts);
  if (row >= 0) {
    setWord(rows, row, SNMP_VERSION, flow.version === 0 ? "1" : flow.version === 1 ? "2c" : "3");
    setNumber(rows, row, SNMP_HAS_COMMUNITY, flow.hasCommunity);
    setKept(rows, row, SNMP_USER, <usize>flow.user);
    setNumber(rows, row, SNMP_GETS, flow.gets);
    setNumber(rows, row, SNMP_SETS, flow.sets);
    setNumber(rows, row, SNMP_RESPONSES, flow.responses);
    setNumber(rows, row, SNMP_ERRORS, flow.errors);
    setNumber(rows, row, SNMP_TRAPS, flow.traps);
    setNumber(rows, row, SNMP_COMMUNITIES, flow.communities);
  }
  dropText(<usize>flow.user);
  release(state, offsetof<Flow>());
}

/** Whether the header data's flags (the third of its values) say that what follows is not encrypted (RFC 3412 §6.4). */
function isPlain(header: usize, end: usize): bool {
  const content = berContent(header, end);
  const size: usize = content === 0 ? 0 : berEnd(content, end);
  const flags: usize = size === 0 ? 0 : berEnd(size, end);
  return flags !== 0 && flags + 3 <= end && load<u8>(flags) === 4 && (load<u8>(flags, 2) & 2) === 0;
}

/** The user's name of the security parameters (RFC 3414 §2.4): behind an engine, its boots and its time; then the PDU (RFC 3412 §6). */
function readSecurity(flow: Flow, at: usize, end: usize, isClear: bool): void {
  const behind: usize = at === 0 ? 0 : berEnd(at, end);
  if (behind === 0) return;
  const inside = berContent(at, behind);
  let value: usize = inside === 0 ? 0 : berContent(inside, behind);
  for (let i = 0; i < 3 && value !== 0 && value < behind; i++) value = berEnd(value, behind);
  const name: usize = value !== 0 && value < behind && load<u8>(value) === 4 ? berContent(value, behind) : 0;
  if (name !== 0 && berEnd(value, behind) > name && flow.user === 0) flow.user = <u32>keptText(name, berEnd(value, behind));
  if (!isClear) return;
  // Behind the engine and the name of a context.
  let scoped: usize = behind < end ? berContent(behind, end) : 0;
  for (let i = 0; i < 2 && scoped !== 0 && scoped < end; i++) scoped = berEnd(scoped, end);
  if (scoped !== 0) countPdu(flow, scoped, end);
}

function countPdu(flow: Flow, at: usize, end: usize): void {
  if (at === 0 || at >= end) return;
  switch (load<u8>(at)) {
    case 0xa0:
    case 0xa1:
    case 0xa5:
      flow.gets++;
      return;
    case 0xa3:
      flow.sets++;
      return;
    case 0xa4:
    case 0xa6:
    case 0xa7:
      flow.traps++;
      return;
    case 0xa2: {
      flow.responses++;
      // A number of the request, then the error's.
      const number = berContent(at, end);
      const status: usize = number === 0 || number >= end ? 0 : berEnd(number, end);
      if (status !== 0 && status < end && berInteger(status, end, 0) !== 0) flow.errors++;
    }
  }
}
