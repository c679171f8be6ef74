import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countUnread} from "../streams/held";
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
  if (tunnel.status === RECOGNISING && !begin(tunnel, reading, inner, start, end)) return ++tunnel.tries < MAX_TRIES;
  return tunnel.status === READING && takeByParser(tunnel.protocol, <usize>tunnel.parser, reading, inner, start, end);
}

/** The connection has ended, or no more is wanted of it. */
export function endTunnel(state: usize, reading: Reading, event: Event): void {
  const tunnel = changetype<Tunnel>(state);
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
