import {u16At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countGivenUp, countMalformed} from "../streams/held";
import {noteName} from "../names";
import {addressOf, DNS, flowIdOf, LLMNR, MDNS, Reading} from "../streams/reading";
import {DNS_ANSWERS, DNS_CLIENT_IP, DNS_QTYPE, DNS_QTYPE_NAME, DNS_QUERY, DNS_RCODE, DNS_RTT_US, DNS_SERVER_IP, DNS_TABLE, DNS_TRANSACTION_ID} from "../columns";
import {addRow, setAddress, setNull, setNumber, setText, tableAt} from "../rows";
import {closeSides, openSides} from "../streams/sides";
import * as message from "../parsers/dns/dns-message";
import {finishDnsSegments, takeDnsSegment} from "../parsers/dns/dns-stream";
import {appendDnsType} from "../parsers/dns/dns-type";

/** DNS over UDP and TCP (RFC 1035), Multicast DNS (`mdns`, RFC 6762) and LLMNR (`llmnr`, RFC 4795). */

const PORT_DNS = 53;
const PORT_MDNS = 5353;
const PORT_LLMNR = 5355;
const UDP = 17;

/** Queries of one flow that wait for their answer; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 32;

@unmanaged
class Parser {
  /** Queries that await their answers, oldest first. */
  first: u32 = 0;
  open: i32 = 0;
  /** Both directions of a flow over TCP (dns-stream.ts); 0 of UDP. */
  sides: u32 = 0;
  reserved: u32 = 0;
}

/** A query that awaits its answer; its text follows. */
@unmanaged
class Query {
  next: u32 = 0;
  id: i32 = 0;
  qtype: i32 = 0;
  side: i32 = 0;
  ts: f64 = 0;
  hasQuery: i32 = 0;
  length: u32 = 0;
}

/** Text of a type's number. */
const typeText = memory.data(32);

/** The flow whose payload or end is under way. */
let flow: Reading = changetype<Reading>(0);
let event: Event = changetype<Event>(0);

// @ts-ignore: decorator
@inline
function hasPort(event: Event, port: i32): bool {
  return event.sourcePort === port || event.destinationPort === port;
}

/** Over TCP a length comes first; the message may go on in the next segment. */
export function recogniseDns(event: Event, start: usize, end: usize): bool {
  const isDnsPort = hasPort(event, PORT_DNS) || hasPort(event, PORT_MDNS) || hasPort(event, PORT_LLMNR);
  if (event.proto === UDP) return message.isDnsMessage(start, end, isDnsPort);
  const length = end - start > 2 ? <usize>u16At(start) : 0;
  return length >= 17 && message.isDnsMessage(start + 2, min(end, start + 2 + length), isDnsPort);
}

/** State of a new flow; 0 where memory is out. */
export function beginDns(): usize {
  const state = allocate(offsetof<Parser>());
  if (state !== 0) memory.fill(state, 0, offsetof<Parser>());
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeDns(state: usize, reading: Reading, its: Event, start: usize, end: usize): bool {
  flow = reading;
  event = its;
  const parser = changetype<Parser>(state);
  if (its.proto === UDP) {
    if (hasPort(its, PORT_MDNS)) reading.service = MDNS + 1;
    else if (hasPort(its, PORT_LLMNR)) reading.service = LLMNR + 1;
    takeMessage(state, start, end, its.time, its.direction);
    return true;
  }
  if (parser.sides === 0) parser.sides = <u32>openSides(state);
  return parser.sides !== 0 && takeDnsSegment(<usize>parser.sides, its, start, end);
}

/** The flow has ended: what is still open is written, and all let go of. */
export function endDns(state: usize, reading: Reading, its: Event): void {
  flow = reading;
  event = its;
  const parser = changetype<Parser>(state);
  if (parser.sides !== 0) finishDnsSegments(<usize>parser.sides);
  while (parser.open > 0) writeUnanswered(takeOut(changetype<usize>(parser) + offsetof<Parser>("first"), parser));
  if (parser.sides !== 0) closeSides(<usize>parser.sides);
  release(state, offsetof<Parser>());
}

/** Takes a whole message that `side` sent, of the flow under way. */
export function takeMessage(state: usize, start: usize, end: usize, ts: f64, side: i32): void {
  const parser = changetype<Parser>(state);
  const isWhole = message.readDnsMessage(start, end);
  if (!isWhole || message.isMalformed) countMalformed();
  if (!isWhole) return;
  const id = <i32>u16At(start);
  if (message.isResponse) answer(parser, id, ts, side);
  else if (flow.service === DNS + 1) ask(parser, id, ts, side);
  // Answers to multicast queries come in other flows, if at all.
  else write(id, message.hasQuery, message.queryAt, message.queryLength, message.qtype, ts, side, false, 0);
}

function ask(parser: Parser, id: i32, ts: f64, side: i32): void {
  const first = changetype<usize>(parser) + offsetof<Parser>("first");
  if (parser.open === MAX_PENDING) writeUnanswered(takeOut(first, parser));
  const length = message.hasQuery ? message.queryLength : 0;
  const block = allocate(offsetof<Query>() + length);
  if (block === 0) {
    countGivenUp();
    return;
  }
  const query = changetype<Query>(block);
  query.next = 0;
  query.id = id;
  query.qtype = message.qtype;
  query.side = side;
  query.ts = ts;
  query.hasQuery = message.hasQuery ? 1 : 0;
  query.length = length;
  memory.copy(block + offsetof<Query>(), message.queryAt, length);
  let link = first;
  while (load<u32>(link) !== 0) link = <usize>load<u32>(link);
  store<u32>(link, <u32>block);
  parser.open++;
}

function answer(parser: Parser, id: i32, ts: f64, side: i32): void {
  for (let link = changetype<usize>(parser) + offsetof<Parser>("first"); load<u32>(link) !== 0; link = <usize>load<u32>(link)) {
    const query = changetype<Query>(<usize>load<u32>(link));
    // As Zeek: the oldest open query of that id.
    if (query.id !== id || query.side === side) continue;
    takeOut(link, parser);
    writeQuery(query, true, ts - query.ts);
    return drop(query);
  }
  write(id, message.hasQuery, message.queryAt, message.queryLength, message.qtype, ts, 1 - side, true, NaN);
}

/** Takes the query behind the link from those that await their answers. */
function takeOut(link: usize, parser: Parser): Query {
  const query = changetype<Query>(<usize>load<u32>(link));
  store<u32>(link, query.next);
  parser.open--;
  return query;
}

function drop(query: Query): void {
  release(changetype<usize>(query), offsetof<Query>() + query.length);
}

function writeUnanswered(query: Query): void {
  writeQuery(query, false, 0);
  drop(query);
}

function writeQuery(query: Query, isAnswered: bool, rtt: f64): void {
  const at = changetype<usize>(query) + offsetof<Query>();
  write(query.id, query.hasQuery !== 0, at, query.length, query.qtype, query.ts, query.side, isAnswered, rtt);
}

/** Writes the row of a query that `side` asked; where it is answered, the answer is the message last read. */
function write(id: i32, hasQuery: bool, queryAt: usize, queryLength: u32, qtype: i32, ts: f64, side: i32, isAnswered: bool, rtt: f64): void {
  const client = addressOf(event, side);
  const version = event.version;
  if (isAnswered && hasQuery && flow.service === DNS + 1)
    for (let i = 0; i < message.addressCount; i++)
      noteName(client, version, message.addressAt(i), message.versionAt(i), queryAt, queryLength, rtt > 0 ? ts + rtt : ts, message.addressTtl);
  const rows = tableAt(DNS_TABLE);
  const row = addRow(rows, flowIdOf(event), ts);
  if (row < 0) return;
  setAddress(rows, row, DNS_CLIENT_IP, client, version);
  setAddress(rows, row, DNS_SERVER_IP, addressOf(event, 1 - side), version);
  setNumber(rows, row, DNS_TRANSACTION_ID, id);
  if (hasQuery) setText(rows, row, DNS_QUERY, queryAt, queryLength);
  else setNull(rows, row, DNS_QUERY);
  setNumber(rows, row, DNS_QTYPE, qtype < 0 ? NaN : <f64>qtype);
  if (qtype < 0) setNull(rows, row, DNS_QTYPE_NAME);
  else setText(rows, row, DNS_QTYPE_NAME, typeText, <u32>(appendDnsType(qtype, typeText) - typeText));
  setNumber(rows, row, DNS_RCODE, isAnswered ? <f64>message.rcode : NaN);
  if (isAnswered) setText(rows, row, DNS_ANSWERS, message.answersAt, message.answersLength);
  else setNull(rows, row, DNS_ANSWERS);
  setNumber(rows, row, DNS_RTT_US, isAnswered ? rtt : NaN);
}
