import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countUnread} from "../streams/held";
import {BEGINNING_BYTES, bytesOf, dropBeginning, dropEarly, dropOpening, eventOf, join, joinedBytes, keepBeginning, keepEarly, newOpening, Opening, shiftEarly} from "../streams/opening";
import {Reading} from "../streams/reading";
import {flagsOf, IS_READ, IS_TENTATIVE, MOST_NUMBERS, recognise} from "../protocols/registry";
import {beginParser, endParser, takeByParser, tunnelBehind} from "./index";

/**
 * What a proxy's connection carries once the way is open (behind SOCKS, CONNECT, a PROXY header): it is recognised and
 * read as a connection of its own, whose bytes begin where the proxy's words end.
 */

/** Number of the parser of what is inside; no protocol has it. */
export const TUNNEL: u16 = MOST_NUMBERS;

/** Payloads that are looked at before what is inside is taken for unknown. */
const MAX_TRIES: u8 = 8;

const RECOGNISING: u8 = 0;
const READING: u8 = 1;

@unmanaged
class Tunnel {
  /** Offsets within each direction at which the inner bytes begin: the originator's and the responder's. */
  originatorBase: i32 = 0;
  responderBase: i32 = 0;
  /** State of the inner parser, and its protocol. */
  parser: u32 = 0;
  protocol: u16 = 0;
  status: u8 = 0;
  tries: u8 = 0;
  /** What was said and names no protocol yet (streams/opening.ts); 0 without. */
  opening: u32 = 0;
}

/** The payload under way as the inner parser sees it. */
const innerEvent = memory.data(128);

/** A tunnel whose bytes begin there; 0 where memory is out. */
export function openTunnel(originatorBase: i32, responderBase: i32): usize {
  const state = allocate(offsetof<Tunnel>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Tunnel>());
  const tunnel = changetype<Tunnel>(state);
  tunnel.originatorBase = originatorBase;
  tunnel.responderBase = responderBase;
  return state;
}

/** A tunnel of which is known what is inside: the parser in `parser` reads it; 0, and nothing taken over, where memory is out. */
export function openKnownTunnel(originatorBase: i32, responderBase: i32, protocol: u16, parser: usize): usize {
  const state = openTunnel(originatorBase, responderBase);
  if (state === 0) return 0;
  const tunnel = changetype<Tunnel>(state);
  tunnel.protocol = protocol;
  tunnel.parser = <u32>parser;
  tunnel.status = READING;
  return state;
}

/** Takes a payload of the outer connection; false: no more wanted. */
export function takeTunnel(state: usize, reading: Reading, event: Event, start: usize, end: usize): bool {
  const tunnel = changetype<Tunnel>(state);
  const inner = innerOf(tunnel, event);
  if (inner.streamOffset < 0) {
    // Bytes of the proxy's own words, or what was there before them.
    const own = -<isize>inner.streamOffset;
    if (own >= <isize>(end - start)) return true;
    start += own;
    inner.streamOffset = 0;
  }
  if (tunnel.status === RECOGNISING) return start < end ? recogniseInside(tunnel, reading, inner, start, end) : true;
  return tunnel.status === READING && takeByParser(tunnel.protocol, <usize>tunnel.parser, reading, inner, start, end);
}

/** Takes a payload of which nothing is known yet. */
function recogniseInside(tunnel: Tunnel, reading: Reading, inner: Event, start: usize, end: usize): bool {
  let block: usize = 0;
  let bytes: usize = 0;
  if (tunnel.opening !== 0) {
    const opening = changetype<Opening>(<usize>tunnel.opening);
    if (opening.prefix !== 0) {
      const length = load<i32>(<usize>opening.prefix);
      if (inner.direction !== <i32>opening.direction) dropBeginning(opening);
      else if (inner.streamOffset !== length) return (inner.streamOffset > length && keepEarly(opening, inner, start, end)) || ++tunnel.tries < MAX_TRIES;
    }
    block = join(opening, inner.direction, inner.streamOffset, start, end);
    bytes = joinedBytes;
  }
  if (block !== 0) {
    inner.streamOffset = 0;
    start = block;
    end = block + bytes;
  }
  let isMore = true;
  if (begin(tunnel, reading, inner, start, end)) isMore = readBegun(tunnel, reading, inner, start, end);
  else if (!keepUnknown(tunnel, inner, start, end)) isMore = ++tunnel.tries < MAX_TRIES;
  if (block !== 0) release(block, bytes);
  return isMore;
}

/** Keeps a payload that is short and begins its direction, or that came before the one that does; false where it does not. */
function keepUnknown(tunnel: Tunnel, inner: Event, start: usize, end: usize): bool {
  if (inner.streamOffset === 0 && end - start >= BEGINNING_BYTES) {
    if (tunnel.opening !== 0) dropBeginning(changetype<Opening>(<usize>tunnel.opening));
    return false;
  }
  if (inner.cut !== 0) return false;
  if (tunnel.opening === 0) tunnel.opening = <u32>newOpening();
  if (tunnel.opening === 0) return false;
  const opening = changetype<Opening>(<usize>tunnel.opening);
  if (inner.streamOffset !== 0) return keepEarly(opening, inner, start, end);
  const isFirst = opening.prefix === 0;
  keepBeginning(opening, <u8>inner.direction, start, end);
  return !isFirst || ++tunnel.tries < MAX_TRIES;
}

/** Reads the payload that tells what is inside, then what came early; false: no more wanted. */
function readBegun(tunnel: Tunnel, reading: Reading, inner: Event, start: usize, end: usize): bool {
  const opening = changetype<Opening>(<usize>tunnel.opening);
  const direction = inner.direction;
  tunnel.opening = 0;
  let isMore = tunnel.status === READING && takeByParser(tunnel.protocol, <usize>tunnel.parser, reading, inner, start, end);
  if (changetype<usize>(opening) === 0) return isMore;
  for (let early = shiftEarly(opening); early !== null; early = shiftEarly(opening)) {
    const from = bytesOf(early);
    if (isMore && eventOf(early).direction === direction) isMore = takeByParser(tunnel.protocol, <usize>tunnel.parser, reading, eventOf(early), from, from + early.length);
    dropEarly(early);
  }
  dropOpening(opening);
  return isMore;
}

/** The connection has ended, or no more is wanted of it. */
export function endTunnel(state: usize, reading: Reading, event: Event): void {
  const tunnel = changetype<Tunnel>(state);
  if (tunnel.opening !== 0) dropOpening(changetype<Opening>(<usize>tunnel.opening));
  if (tunnel.parser !== 0) endParser(tunnel.protocol, <usize>tunnel.parser, reading, innerOf(tunnel, event));
  release(state, offsetof<Tunnel>());
}

/** The tunnel that follows within this one, 0 without: a proxy behind a proxy. */
export function tunnelWithin(state: usize): usize {
  const tunnel = changetype<Tunnel>(state);
  if (tunnel.parser === 0) return 0;
  const next = tunnelBehind(tunnel.protocol, <usize>tunnel.parser);
  if (next === 0) return 0;
  const within = changetype<Tunnel>(next);
  within.originatorBase += tunnel.originatorBase;
  within.responderBase += tunnel.responderBase;
  return next;
}

function innerOf(tunnel: Tunnel, event: Event): Event {
  memory.copy(innerEvent, changetype<usize>(event), offsetof<Event>());
  const inner = changetype<Event>(innerEvent);
  const isOriginator = event.direction === 0;
  inner.streamOffset -= isOriginator ? tunnel.originatorBase : tunnel.responderBase;
  if (inner.acknowledged !== 0) inner.acknowledged -= isOriginator ? tunnel.responderBase : tunnel.originatorBase;
  return inner;
}

/** False where nothing is recognised yet. */
function begin(tunnel: Tunnel, reading: Reading, inner: Event, start: usize, end: usize): bool {
  if (inner.streamOffset !== 0 || start >= end) return false;
  const protocol = recognise(inner, start, end);
  if (protocol < 0) return false;
  const flags = flagsOf(<u16>protocol);
  if ((flags & IS_TENTATIVE) !== 0) return false;
  reading.inside = <u16>(protocol + 1);
  tunnel.protocol = <u16>protocol;
  tunnel.status = READING + 1;
  if ((flags & IS_READ) === 0) return true;
  tunnel.parser = <u32>beginParser(<u16>protocol);
  if (tunnel.parser !== 0) tunnel.status = READING;
  else countUnread();
  return true;
}
