import {allocate, dropText, release} from "../../heap";
import {append, firstLink, linkTo, List, takeOut} from "../../list";
import {countGivenUp, countMalformed} from "../../streams/held";
import {closeNtlm, FAILED, finishNtlm, GRANTED, NtlmExchange, takeNtlm} from "../ntlm/ntlm-exchange";
import {addContext, closeContexts, Context, contextAt, contextOf, Contexts, UNANSWERED, uuidOf} from "./contexts";
import {towerInterface, towerPort} from "./endpoint-map";
import {addCall, Call, dropCall, isAlike, newCall, UNBOUND} from "./rpc-call";
import {
  ALTER,
  ALTER_RESPONSE,
  argumentsEnd,
  argumentsOf,
  AUTH3,
  BIND,
  BIND_ACK,
  BIND_NAK,
  CALL_BYTES,
  FAULT,
  FIRST_FRAGMENT,
  fragmentBytes,
  LAST_FRAGMENT,
  REQUEST,
  RESPONSE,
  rpc16,
  rpc32,
  verifierOf
} from "./rpc-pdu";
import {ALTERS, BINDS, REQUESTS, writeRpc} from "./rpc-row";

/** What is known of a connection of DCE/RPC, or of an open pipe that one uses. */
@unmanaged
export class Channel extends Contexts {
  /** Calls that await their answers, and the run of those that ended last. */
  calls: List = changetype<List>(0);
  run: u32 = 0;
  /** Binds so far; of the last one when it came, and what it is. */
  binds: u32 = 0;
  bindTime: f64 = 0;
  bindKind: i32 = 0;
  /** The pipe, as a kept text; 0 without. */
  pipe: u32 = 0;
  transport: u8 = 0;
  /** How calls are authenticated ([MS-RPCE] §2.2.1.1.7 and 8); 0 not at all. */
  authType: u8 = 0;
  authLevel: u8 = 0;
  reserved: u8 = 0;
  ntlm: NtlmExchange = changetype<NtlmExchange>(0);
}

const CALLS: usize = (offsetof<Channel>() + 7) & ~7;
const NTLM: usize = CALLS + offsetof<List>();
const CHANNEL_BYTES: usize = NTLM + offsetof<NtlmExchange>();

/** Calls of one connection that wait for their answer; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 32;
/** Contexts of one bind, and verifiers' headers. */
const CONTEXT_BYTES: usize = 24;
const SYNTAX_BYTES: usize = 20;
const VERIFIER_BYTES: usize = 8;
/** Encrypted arguments and results. */
const PRIVACY: u8 = 6;
/** Statuses of faults by which a server refuses who calls. */
const ACCESS_DENIED: u32 = 5;
const AUTHENTICATION_INVALID: u32 = 0x1c010009;

const EPM_MAP: u32 = 3;
/** The endpoint mapper's UUID, its second half. */
const EPM_LOW: u64 = 0x11c95d1fe1af8308;

const uuid = memory.data(16);

/** A new one; 0 where memory is out. `pipe` is a kept text that becomes the channel's, or 0. */
export function openChannel(transport: u8, pipe: usize): usize {
  const block = allocate(CHANNEL_BYTES);
  if (block === 0) {
    countGivenUp();
    dropText(pipe);
    return 0;
  }
  memory.fill(block, 0, CHANNEL_BYTES);
  const channel = changetype<Channel>(block);
  channel.transport = transport;
  channel.pipe = <u32>pipe;
  channel.calls = changetype<List>(block + CALLS);
  channel.ntlm = changetype<NtlmExchange>(block + NTLM);
  return block;
}

/** It has ended, in flow `id`: what is open is written, and all let go of. */
export function closeChannel(block: usize, id: u64): void {
  const channel = changetype<Channel>(block);
  while (channel.calls.count > 0) finishOldest(channel, id);
  if (hasOpenBind(channel)) finishBind(channel, id, NaN);
  writeRun(channel, id);
  closeNtlm(channel.ntlm, id, "dcerpc");
  closeContexts(channel);
  dropText(channel.pipe);
  release(block, CHANNEL_BYTES);
}

/** Takes a PDU of which the bytes in `at .. end` are there, sent by the client or the server (`isAnswer`) at `ts`. */
export function takePdu(block: usize, at: usize, end: usize, ts: f64, id: u64): void {
  const channel = changetype<Channel>(block);
  const type = load<u8>(at, 2);
  switch (type) {
    case REQUEST:
      return takeRequest(channel, at, end, ts, id);
    case RESPONSE:
    case FAULT:
      return takeAnswer(channel, at, end, id);
    case BIND:
    case ALTER:
      return takeBind(channel, at, end, ts, id);
    case BIND_ACK:
    case ALTER_RESPONSE:
    case BIND_NAK:
      return takeBindAnswer(channel, at, end, ts, id);
    case AUTH3:
      takeVerifier(channel, at, end, ts, id);
  }
}

function takeVerifier(channel: Channel, at: usize, end: usize, ts: f64, id: u64): void {
  const verifier = verifierOf(at);
  if (verifier === 0 || verifier + VERIFIER_BYTES > end) return;
  channel.authType = load<u8>(verifier);
  channel.authLevel = load<u8>(verifier, 1);
  takeNtlm(channel.ntlm, verifier + VERIFIER_BYTES, min(end, at + <usize>fragmentBytes(at)), ts, id, "dcerpc");
}

/** C706 §12.6.4.3: the contexts that are proposed, each an interface with ways to write its arguments. */
function takeBind(channel: Channel, at: usize, end: usize, ts: f64, id: u64): void {
  if (hasOpenBind(channel)) finishBind(channel, id, NaN);
  channel.binds++;
  channel.bindTime = ts;
  channel.bindKind = load<u8>(at, 2) === BIND ? BINDS : ALTERS;
  let context = at + 28;
  const count: u32 = context <= end ? load<u8>(at, 24) : 0;
  for (let i: u32 = 0; i < count && context + CONTEXT_BYTES <= end; i++) {
    readUuid(at, context + 4);
    addContext(channel, rpc16(at, context), uuid, rpc32(at, context + 20), channel.binds, i);
    context += CONTEXT_BYTES + <usize>load<u8>(context, 2) * SYNTAX_BYTES;
  }
  takeVerifier(channel, at, end, ts, id);
}

/** Reads a UUID as little endian. */
function readUuid(pdu: usize, at: usize): void {
  store<u32>(uuid, rpc32(pdu, at));
  store<u16>(uuid, <u16>rpc16(pdu, at + 4), 4);
  store<u16>(uuid, <u16>rpc16(pdu, at + 6), 6);
  store<u64>(uuid, load<u64>(at, 8), 8);
}

function takeBindAnswer(channel: Channel, at: usize, end: usize, ts: f64, id: u64): void {
  const type = load<u8>(at, 2);
  if (type === BIND_NAK) {
    if (at + 18 > end) return countMalformed();
    finishBind(channel, id, <f64>rpc16(at, at + 16));
    finishNtlm(channel.ntlm, id, "dcerpc", FAILED, <f64>rpc16(at, at + 16));
    return;
  }
  if (at + 26 > end) return countMalformed();
  // Behind the address in text, which is padded to a multiple of four.
  const list = at + ((26 + <usize>rpc16(at, at + 24) + 3) & ~3);
  const count: u32 = list < end ? load<u8>(list) : 0;
  for (let i: u32 = 0; i < count; i++) {
    const result = list + 4 + <usize>i * 24;
    if (result + 4 > end) break;
    for (let k: u32 = 0; k < channel.count; k++) {
      const context = contextAt(channel, k);
      if (context.bind === channel.binds && context.order === i) context.status = <i32>rpc16(at, result);
    }
  }
  takeVerifier(channel, at, end, ts, id);
  finishBind(channel, id, NaN);
}

function hasOpenBind(channel: Channel): bool {
  return channel.bindTime > 0;
}

/** Writes a row of each interface that the last bind proposed; `status` where that is all there is, else the best of its contexts. */
function finishBind(channel: Channel, id: u64, status: f64): void {
  if (!hasOpenBind(channel)) return;
  writeRun(channel, id);
  const call = newCall();
  if (call !== null) {
    for (let i: u32 = 0; i < channel.count; i++) {
      const context = contextAt(channel, i);
      if (context.bind !== channel.binds || !isFirst(channel, i)) continue;
      setInterface(call, context);
      call.ts = channel.bindTime;
      call.calls = 1;
      call.authType = channel.authType;
      call.authLevel = channel.authLevel;
      call.returned = NaN;
      call.status = isNaN(status) ? bestOf(channel, context) : status;
      writeRpc(id, channel.transport, channel.pipe, channel.bindKind, call);
    }
    dropCall(call);
  }
  channel.bindTime = 0;
}

/** Whether no context before it is of the same bind and interface. */
function isFirst(channel: Channel, i: u32): bool {
  for (let k: u32 = 0; k < i; k++) if (isTwin(contextAt(channel, k), contextAt(channel, i))) return false;
  return true;
}

/** What the interface was answered with: 0 where one way to write its arguments was accepted; NaN where nothing was. */
function bestOf(channel: Channel, context: Context): f64 {
  let best = NaN;
  for (let k: u32 = 0; k < channel.count; k++) {
    const other = contextAt(channel, k);
    if (!isTwin(other, context) || other.status === UNANSWERED) continue;
    if (isNaN(best) || other.status === 0) best = <f64>other.status;
  }
  return best;
}

function isTwin(a: Context, b: Context): bool {
  return a.bind === b.bind && a.uuidLow === b.uuidLow && a.uuidHigh === b.uuidHigh && a.version === b.version;
}

function setInterface(call: Call, context: Context): void {
  call.number = context.number;
  call.version = context.version;
  call.uuidLow = load<u64>(uuidOf(context));
  call.uuidHigh = load<u64>(uuidOf(context), 8);
}

function takeRequest(channel: Channel, at: usize, end: usize, ts: f64, id: u64): void {
  if (at + CALL_BYTES > end) return countMalformed();
  const callId = rpc32(at, at + 12);
  const link = linkTo<Call>(channel.calls, callId);
  if ((load<u8>(at, 3) & FIRST_FRAGMENT) === 0) {
    if (link !== 0) addRequest(changetype<Call>(<usize>load<u32>(link)), at, end);
    return;
  }
  if (hasOpenBind(channel)) finishBind(channel, id, NaN);
  if (link !== 0) finish(channel, link, id);
  else if (channel.calls.count === MAX_PENDING) finishOldest(channel, id);
  const call = newCall();
  if (call === null) return countGivenUp();
  call.id = callId;
  call.ts = ts;
  call.calls = 1;
  call.opnum = rpc16(at, at + 22);
  call.number = UNBOUND;
  call.status = call.returned = NaN;
  call.authType = channel.authType;
  call.authLevel = channel.authLevel;
  const context = contextOf(channel, rpc16(at, at + 20));
  if (context !== null) setInterface(call, context);
  addRequest(call, at, end);
  if (call.uuidLow === EPM_LOW && call.opnum === EPM_MAP) askEndpoint(call, at, end);
  append(channel.calls, changetype<usize>(call));
}

function addRequest(call: Call, at: usize, end: usize): void {
  call.requestFragments++;
  call.requestBytes += argumentBytes(at, end);
}

function askEndpoint(call: Call, at: usize, end: usize): void {
  const its = towerInterface(argumentsOf(at), end);
  if (its === 0) return;
  call.isMap = 1;
  call.mappedLow = load<u64>(its);
  call.mappedHigh = load<u64>(its, 8);
}

function takeAnswer(channel: Channel, at: usize, end: usize, id: u64): void {
  const isFault = load<u8>(at, 2) === FAULT;
  if (at + CALL_BYTES + (isFault ? 4 : 0) > end) return countMalformed();
  const status = isFault ? rpc32(at, at + 24) : 0;
  finishNtlm(channel.ntlm, id, "dcerpc", status === ACCESS_DENIED || status === AUTHENTICATION_INVALID ? FAILED : GRANTED, <f64>status);
  const link = linkTo<Call>(channel.calls, rpc32(at, at + 12));
  if (link === 0) return;
  const call = changetype<Call>(<usize>load<u32>(link));
  call.responseFragments++;
  if (isFault) call.status = <f64>status;
  else {
    call.responseBytes += argumentBytes(at, end);
    if (call.isMap !== 0 && call.port === 0) call.port = towerPort(argumentsOf(at), end);
    if ((load<u8>(at, 3) & LAST_FRAGMENT) === 0) return;
    call.status = 0;
    const last = argumentsEnd(at, end);
    if (call.number >= 0 && call.authLevel !== PRIVACY && last <= end && last >= argumentsOf(at) + 4) call.returned = <f64>rpc32(at, last - 4);
  }
  finish(channel, link, id);
}

// @ts-ignore: decorator
@inline
function argumentBytes(at: usize, end: usize): f64 {
  return <f64>max(<i32>(argumentsEnd(at, end) - argumentsOf(at)), 0);
}

function finishOldest(channel: Channel, id: u64): void {
  finish(channel, firstLink(channel.calls), id);
}

/** The call behind the link waits no more: it joins the run of those like it, or begins another. */
function finish(channel: Channel, link: usize, id: u64): void {
  const call = changetype<Call>(takeOut(channel.calls, link));
  if (channel.run !== 0 && isAlike(changetype<Call>(<usize>channel.run), call)) {
    addCall(changetype<Call>(<usize>channel.run), call);
    dropCall(call);
    return;
  }
  writeRun(channel, id);
  channel.run = <u32>changetype<usize>(call);
}

function writeRun(channel: Channel, id: u64): void {
  if (channel.run === 0) return;
  const run = changetype<Call>(<usize>channel.run);
  writeRpc(id, channel.transport, channel.pipe, REQUESTS, run);
  dropCall(run);
  channel.run = 0;
}
