import {u16At, u32At} from "../../meter/bytes";
import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {RDP_CHANNELS, RDP_CLIENT_BUILD, RDP_CLIENT_NAME, RDP_COOKIE, RDP_FAILURE, RDP_REQUESTED_PROTOCOLS, RDP_SELECTED_PROTOCOL, RDP_TABLE} from "../columns";
import {allocate, dropText, keepText, release} from "../heap";
import {keptText, setWord} from "../parsers/kept";
import {addRow, setKept, setNull, setNumber, setText, tableAt} from "../rows";
import {pass, passGap, takeMessageBytes} from "../streams/messages";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../streams/sides";
import {costOf, FULL_COST} from "../streams/stream";
import {appendClean, appendText, find, isText} from "../text";
import {readUtf16, wideAt, wideLength} from "../wide-text";

/**
 * RDP by its X.224 connection request or confirm ([MS-RDPBCGR] §2.2.1.1); TLS may follow. Its UDP transport by the SYN
 * that is padded to the size it asks for ([MS-RDPEUDP] §2.2.2.1).
 */
export function recogniseRdp(event: Event, start: usize, end: usize): bool {
  const length = end - start;
  if (event.proto === UDP)
    return (
      length >= 1132 &&
      length <= 1232 &&
      u32At(start) === 0xffffffff &&
      (load<u8>(start, 7) & 5) === 1 &&
      u16At(start + 12) <= 1232 &&
      u16At(start + 12) >= 1132
    );
  if (load<u8>(start) !== 3 || length < 11 || load<u8>(start, 1) !== 0 || u16At(start + 2) !== <u32>length)
    return false;
  const type = load<u8>(start, 5);
  if (type !== 0xe0 && type !== 0xd0) return false;
  if (isText(start + 11, end, "Cookie: ")) return true;
  // A negotiation request or response of eight bytes ends it.
  if (length < 19) return false;
  const kind = load<u8>(end - 8);
  return kind >= 1 && kind <= 3 && load<u8>(end - 6) === 8 && load<u8>(end - 5) === 0;
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsRdp(byte: u8): bool {
  return byte === 3 || byte === 0xff;
}

/** The negotiation of a connection is looked for within six full payloads. */
const MAX_COST: u32 = 6 * FULL_COST;
/** Bytes of a packet (TPKT) that are looked at. */
const MAX_PACKET: u32 = 4096;
const TPKT: u8 = 3;

@unmanaged
class Connection {
  ts: f64 = 0;
  cookie: u32 = 0;
  client: u32 = 0;
  requested: u32 = 0;
  selected: u32 = 0;
  failure: u32 = 0;
  build: u32 = 0;
  channels: u32 = 0;
  sides: u32 = 0;
  /** What was read so far. */
  cost: u16 = 0;
  /** Whether the client sent a negotiation request, and the server answered. */
  hasRequested: u8 = 0;
  hasAnswer: u8 = 0;
  isOver: u8 = 0;
  reserved: u8 = 0;
  reserved2: u16 = 0;
}

/** State of a new flow; 0 where memory is out. */
export function beginRdp(): usize {
  const state = allocate(offsetof<Connection>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Connection>());
  const connection = changetype<Connection>(state);
  connection.ts = NaN;
  connection.sides = <u32>openSides(state);
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeRdp(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const connection = changetype<Connection>(state);
  if (event.proto === UDP || connection.sides === 0) return false;
  if (isNaN(connection.ts)) connection.ts = event.time;
  connection.cost += <u16>costOf(start, end);
  return takeSegment(<usize>connection.sides, event, start, end, takeBytes, missBytes) && connection.isOver === 0 && connection.cost < MAX_COST;
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findPacket, takePackets, MAX_PACKET);
}

/** What is there of a packet that was cut is read. */
function missBytes(at: usize, missing: i32): void {
  const side = changetype<Side>(at);
  const held = <usize>side.held;
  if (side.heldLength > 4) takePacket(changetype<Connection>(<usize>side.parser), held, held + side.heldLength);
  passGap(at, missing);
}

/** After a hole: a segment that is a packet. */
function findPacket(start: usize, end: usize): usize {
  return start + 4 <= end && load<u8>(start) === TPKT && load<u8>(start, 1) === 0 && start + u16At(start + 2) === end ? start : 0;
}

function takePackets(side: Side, start: usize, end: usize, _ts: f64): usize {
  const connection = changetype<Connection>(<usize>side.parser);
  let at = pass(side, start, end);
  while (side.skip === 0 && at + 4 <= end && connection.isOver === 0) {
    const length = u16At(at + 2);
    if (load<u8>(at) !== TPKT || load<u8>(at, 1) !== 0 || length < 7) {
      if (connection.hasAnswer !== 0) connection.isOver = 1;
      return end;
    }
    const looked = min(length, MAX_PACKET);
    if (at + <usize>looked > end) return at;
    takePacket(connection, at, at + <usize>looked);
    side.skip = length - looked;
    at = pass(side, at + <usize>looked, end);
  }
  return at;
}

function takePacket(connection: Connection, start: usize, end: usize): void {
  if (start + 11 > end) return;
  switch (load<u8>(start, 5)) {
    case 0xe0:
      return takeRequest(connection, start + 11, end);
    case 0xd0:
      takeAnswer(connection, start, end);
      // With another protocol than RDP's own, TLS follows.
      if (connection.selected !== 0 || connection.failure !== 0) connection.isOver = 1;
      return;
    case 0xf0:
      takeClientData(connection, start + 7, end);
      connection.isOver = 1;
  }
}

/** The connection has ended, or turned to TLS: its row is written. */
export function endRdp(state: usize, _reading: Reading, event: Event): void {
  const connection = changetype<Connection>(state);
  if (connection.sides !== 0) {
    finishSides(<usize>connection.sides, takeBytes, missBytes);
    closeSides(<usize>connection.sides);
  }
  const rows = tableAt(RDP_TABLE);
  const row = isNaN(connection.ts) ? -1 : addRow(rows, flowIdOf(event), connection.ts);
  if (row >= 0) {
    setKept(rows, row, RDP_COOKIE, <usize>connection.cookie);
    if (connection.hasRequested === 0) setNull(rows, row, RDP_REQUESTED_PROTOCOLS);
    else setText(rows, row, RDP_REQUESTED_PROTOCOLS, list, <u32>(appendProtocols(connection.requested, list) - list));
    if (connection.hasAnswer === 0 || connection.failure !== 0) setNull(rows, row, RDP_SELECTED_PROTOCOL);
    else setWord(rows, row, RDP_SELECTED_PROTOCOL, protocolName(connection.selected));
    setNumber(rows, row, RDP_FAILURE, connection.failure === 0 ? NaN : <f64>connection.failure);
    setKept(rows, row, RDP_CLIENT_NAME, <usize>connection.client);
    setNumber(rows, row, RDP_CLIENT_BUILD, connection.build === 0 ? NaN : <f64>connection.build);
    setKept(rows, row, RDP_CHANNELS, <usize>connection.channels);
  }
  dropText(<usize>connection.cookie);
  dropText(<usize>connection.client);
  dropText(<usize>connection.channels);
  release(state, offsetof<Connection>());
}

/** Whether TLS follows: the server chose a protocol that needs it, or its answer was not captured. */
export function isRdpTls(state: usize): bool {
  const connection = changetype<Connection>(state);
  return connection.failure === 0 && (connection.hasAnswer === 0 || connection.selected !== 0);
}

const list = memory.data(128);

/** A line with a cookie or a token of a load balancer, then a negotiation request of eight bytes ([MS-RDPBCGR] §2.2.1.1). */
function takeRequest(connection: Connection, at: usize, end: usize): void {
  const line = find(13, at, end);
  if (line !== 0 && isText(at, end, "Cookie: ") && connection.cookie === 0) connection.cookie = <u32>keptText(at + 8, line);
  if (end < at + 8 || load<u8>(end - 8) !== 1 || load<u16>(end - 6) !== 8) return;
  connection.hasRequested = 1;
  connection.requested = load<u32>(end - 4);
}

/** A response (2) or a failure (3); without either the server knows RDP's own security alone (§2.2.1.2). */
function takeAnswer(connection: Connection, start: usize, end: usize): void {
  connection.hasAnswer = 1;
  if (end - start < 19 || load<u16>(start, 13) !== 8) return;
  if (load<u8>(start, 11) === 2) connection.selected = load<u32>(start, 15);
  else if (load<u8>(start, 11) === 3) connection.failure = load<u32>(start, 15);
}

/** The client's core data in the MCS connect (§2.2.1.3.2): header 0xc001 with its length, and its build and name behind other numbers. */
function takeClientData(connection: Connection, at: usize, end: usize): void {
  for (; at + 56 <= end; at++) {
    if (load<u16>(at) !== 0xc001 || load<u16>(at, 2) < 128) continue;
    connection.build = load<u32>(at, 20);
    let stop = at + 24;
    while (stop < at + 56 && load<u16>(stop) !== 0) stop += 2;
    takeChannels(connection, at + <usize>load<u16>(at, 2), end);
    if (stop > at + 24 && readUtf16(at + 24, stop - at - 24, end)) connection.client = <u32>keepText(wideAt, wideLength);
    return;
  }
}

/** Channels are at most 31 (§2.2.1.3.4); a name has seven characters, of which a byte may become three. */
const MAX_CHANNELS: u32 = 31;
const channelList = memory.data(1024);

/** Network data behind the core data, among blocks that each begin with a type and a length: 0xc003, and a name of eight bytes with options for each channel. */
function takeChannels(connection: Connection, at: usize, end: usize): void {
  while (at + 8 <= end && load<u16>(at) !== 0xc003 && load<u16>(at, 2) >= 4) at += load<u16>(at, 2);
  if (at + 8 > end || load<u16>(at) !== 0xc003) return;
  let to: usize = channelList;
  const count = min(load<u32>(at, 4), MAX_CHANNELS);
  for (let i: u32 = 0; i < count && at + 20 + <usize>i * 12 <= end; i++) {
    const name = at + 8 + <usize>i * 12;
    let last = name;
    while (last < name + 8 && load<u8>(last) !== 0) last++;
    if (i > 0) store<u8>(to++, 0x2c);
    to = appendClean(name, last, to);
  }
  if (to > channelList) connection.channels = <u32>keepText(channelList, <u32>(to - channelList));
}

function appendProtocols(flags: u32, to: usize): usize {
  const first = to;
  to = appendText("rdp", to);
  for (let bit = 0; bit < 5; bit++) {
    if (((flags >> bit) & 1) === 0) continue;
    to = appendText(",", to);
    to = appendText(protocolName(1 << bit), to);
  }
  return flags === 0 ? first + 3 : to;
}

function protocolName(flag: u32): string {
  switch (flag) {
    case 0: return "rdp";
    case 1: return "tls";
    case 2: return "credssp";
    case 4: return "rdstls";
    case 8: return "credssp-ex";
    case 16: return "aad";
  }
  return "unknown";
}
