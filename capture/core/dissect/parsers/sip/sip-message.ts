import {SIP_CALLEE, SIP_CALLER, SIP_CALL_ID, SIP_METHOD, SIP_RTT_US, SIP_STATUS, SIP_TABLE, SIP_USER_AGENT} from "../../columns";
import {allocate, dropText, release} from "../../heap";
import {addRow, setKept, setNumber, tableAt} from "../../rows";
import {find, isSame, isText, isTextAnyCase, lineEnd} from "../../text";
import {isDigit} from "../http/http-values";
import {keptText} from "../kept";

/** Heads of SIP's messages (RFC 3261 §7), and requests that wait for their response. */

/** A request; its texts are kept in the heap. */
@unmanaged
export class SipRequest {
  ts: f64 = 0;
  next: u32 = 0;
  method: u32 = 0;
  callId: u32 = 0;
  sequence: u32 = 0;
  caller: u32 = 0;
  callee: u32 = 0;
  agent: u32 = 0;
  reserved: u32 = 0;
}

/** Longest head that is looked at. */
const MAX_HEAD: usize = 8192;

/** Of the message last read: status of a response (0: a request), and where its values are, from .. to; 0 without. */
export let sipStatus: i32 = 0;
let methodFrom: usize = 0;
let methodTo: usize = 0;
let callFrom: usize = 0;
let callTo: usize = 0;
let sequenceFrom: usize = 0;
let sequenceTo: usize = 0;
let callerFrom: usize = 0;
let callerTo: usize = 0;
let calleeFrom: usize = 0;
let calleeTo: usize = 0;
let agentFrom: usize = 0;
let agentTo: usize = 0;

/** Bytes of the message that begins at `at`; 0 where its head has not ended. */
export function sipLength(at: usize, end: usize): usize {
  let content: u32 = 0;
  let line = at;
  const last = min(end, at + MAX_HEAD);
  for (let feed = lineEnd(line, last); feed !== 0; feed = lineEnd(line, last)) {
    if (feed === line || (feed === line + 1 && load<u8>(line) === 13)) return feed + 1 - at + <usize>content;
    const value = valueOf(line, feed, "CONTENT-LENGTH", "L");
    if (value !== 0) {
      content = 0;
      for (let digit = value; digit < feed && isDigit(load<u8>(digit)) && content < 100_000; digit++) content = content * 10 + load<u8>(digit) - 0x30;
    }
    line = feed + 1;
  }
  // A head without an end is passed over.
  return end - at >= MAX_HEAD ? end - at : 0;
}

/** Reads the message's first line and the headers that are wanted. */
export function readSip(start: usize, end: usize): void {
  sipStatus = 0;
  methodFrom = methodTo = callFrom = callTo = sequenceFrom = sequenceTo = callerFrom = callerTo = calleeFrom = calleeTo = agentFrom = agentTo = 0;
  if (isText(start, end, "SIP/2.0 ") && start + 11 <= end)
    for (let at = start + 8; at < start + 11; at++) sipStatus = isDigit(load<u8>(at)) ? sipStatus * 10 + <i32>(load<u8>(at) - 0x30) : 0;
  else {
    methodFrom = start;
    methodTo = find(0x20, start, min(end, start + 32));
    if (methodTo === 0) methodFrom = 0;
  }
  const last = min(end, start + MAX_HEAD);
  let line = lineEnd(start, last);
  while (line !== 0 && line + 1 < last) {
    const at = line + 1;
    const feed = lineEnd(at, last);
    const stop = feed === 0 ? last : feed > at && load<u8>(feed - 1) === 13 ? feed - 1 : feed;
    if (stop <= at) return;
    readHeader(at, stop);
    line = feed;
  }
}

function readHeader(at: usize, end: usize): void {
  let value = valueOf(at, end, "CALL-ID", "I");
  if (value !== 0) {
    callFrom = value;
    callTo = end;
    return;
  }
  value = valueOf(at, end, "CSEQ", "");
  if (value !== 0) {
    sequenceFrom = value;
    sequenceTo = end;
    return;
  }
  value = valueOf(at, end, "FROM", "F");
  if (value !== 0) {
    callerFrom = uriFrom(value, end);
    callerTo = uriTo(callerFrom, end);
    return;
  }
  value = valueOf(at, end, "TO", "T");
  if (value !== 0) {
    calleeFrom = uriFrom(value, end);
    calleeTo = uriTo(calleeFrom, end);
    return;
  }
  value = valueOf(at, end, "USER-AGENT", "");
  if (value !== 0) {
    agentFrom = value;
    agentTo = end;
  }
}

/** Where the value of the header begins that the line is, by its name or its short one; 0 where it is another. */
function valueOf(at: usize, end: usize, name: string, short: string): usize {
  let behind: usize = 0;
  if (isTextAnyCase(at, end, name)) behind = at + name.length;
  else if (short.length > 0 && isTextAnyCase(at, end, short)) behind = at + 1;
  else return 0;
  while (behind < end && load<u8>(behind) === 0x20) behind++;
  if (behind >= end || load<u8>(behind) !== 0x3a) return 0;
  behind++;
  while (behind < end && (load<u8>(behind) === 0x20 || load<u8>(behind) === 9)) behind++;
  return behind;
}

/** The URI of `"Ann" <sip:ann@example.org>;tag=1`, or of the same without a name (§20.10). */
function uriFrom(at: usize, end: usize): usize {
  const bracket = find(0x3c, at, end);
  return bracket === 0 ? at : bracket + 1;
}

/** Parameters within brackets are the URI's, those behind it are the header's. */
function uriTo(at: usize, end: usize): usize {
  const bracket = find(0x3e, at, end);
  if (bracket !== 0) return bracket;
  for (let to = at; to < end; to++) if (load<u8>(to) === 0x3b || load<u8>(to) === 0x20) return to;
  return end;
}

/** Whether the message last read has the request's call and sequence number with its method. */
export function isSameTransaction(request: SipRequest): bool {
  return isKept(<usize>request.callId, callFrom, callTo) && isKept(<usize>request.sequence, sequenceFrom, sequenceTo);
}

function isKept(text: usize, from: usize, to: usize): bool {
  if (text === 0 || from === 0) return false;
  const length = <usize>load<u32>(text);
  return length === to - from && isSame(text + 4, from, length);
}

/** The request last read, which came at `ts`; 0 where memory is out. */
export function makeSipRequest(ts: f64): usize {
  const block = allocate(offsetof<SipRequest>());
  if (block === 0) return 0;
  const request = changetype<SipRequest>(block);
  request.ts = ts;
  request.next = 0;
  request.method = kept(methodFrom, methodTo);
  request.callId = kept(callFrom, callTo);
  request.sequence = kept(sequenceFrom, sequenceTo);
  request.caller = kept(callerFrom, callerTo);
  request.callee = kept(calleeFrom, calleeTo);
  request.agent = kept(agentFrom, agentTo);
  return block;
}

function kept(from: usize, to: usize): u32 {
  return from === 0 ? 0 : <u32>keptText(from, to);
}

/** Writes the request's row, and lets go of it; status and `ts` of its response are NaN without one. */
export function writeSip(request: SipRequest, status: f64, ts: f64, id: u64): void {
  const rows = tableAt(SIP_TABLE);
  const row = addRow(rows, id, request.ts);
  if (row >= 0) {
    setKept(rows, row, SIP_METHOD, <usize>request.method);
    setKept(rows, row, SIP_CALL_ID, <usize>request.callId);
    setKept(rows, row, SIP_CALLER, <usize>request.caller);
    setKept(rows, row, SIP_CALLEE, <usize>request.callee);
    setKept(rows, row, SIP_USER_AGENT, <usize>request.agent);
    setNumber(rows, row, SIP_STATUS, status);
    setNumber(rows, row, SIP_RTT_US, ts - request.ts);
  }
  dropText(<usize>request.method);
  dropText(<usize>request.callId);
  dropText(<usize>request.sequence);
  dropText(<usize>request.caller);
  dropText(<usize>request.callee);
  dropText(<usize>request.agent);
  release(changetype<usize>(request), offsetof<SipRequest>());
}

/** Writes the response last read, of which the request was not captured. */
export function writeSipAlone(ts: f64, id: u64): void {
  const block = makeSipRequest(ts);
  if (block === 0) return;
  const request = changetype<SipRequest>(block);
  dropText(<usize>request.agent);
  request.agent = 0;
  writeSip(request, <f64>sipStatus, NaN, id);
}
