import {UDP} from "../../meter/constants";
import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {countGivenUp} from "../streams/held";
import {flowIdOf, Reading, SMB} from "../streams/reading";
import {closeSides, openSides} from "../streams/sides";
import {isText} from "../text";
import * as message from "../parsers/smb/smb-message";
import {dropRequest, isAnswered, isTreeConnect, makeRequest, pathOf, Request, writeRequest} from "../parsers/smb/smb-request";
import {forgetShares, rememberShare, Shares} from "../parsers/smb/smb-share";
import {finishSmbSegments, takeSmbSegment} from "../parsers/smb/smb-stream";

/**
 * SMB, version 1 to 3 ([MS-SMB2] §2.2.1): requests that open, name or close something, with their status; what is read
 * and written is too much for rows.
 */

/** Requests of one flow that wait for their response; beyond, the oldest is written without one. */
const MAX_PENDING: i32 = 64;

/** A response that says that the real one will come later ([MS-SMB2] §3.3.4.2). */
const STATUS_PENDING: u32 = 0x103;

@unmanaged
class Parser extends Shares {
  /** Requests that await their response, oldest first. */
  oldest: u32 = 0;
  pending: i32 = 0;
  /** Dialect agreed on (smb-message.ts). */
  dialect: i32 = 0;
  /** Both directions of a flow (smb-stream.ts), from the first segment on. */
  sides: u32 = 0;
}

/** The flow whose payload or end is under way. */
let flow: Reading = changetype<Reading>(0);
let event: Event = changetype<Event>(0);

/** SMB by its signature behind the session header, version 1 to 3 ([MS-SMB2] §2.2.1). */
export function recogniseSmb(_event: Event, start: usize, end: usize): bool {
  return load<u8>(start, 4) >= 0xfc && isText(start + 5, end, "SMB");
}

/** Whether it may begin with that byte. */
// @ts-ignore: decorator
@inline
export function beginsSmb(byte: u8): bool {
  return byte === 0;
}

/** State of a new flow; 0 where memory is out. */
export function beginSmb(): usize {
  const state = allocate(offsetof<Parser>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Parser>());
  changetype<Parser>(state).dialect = message.NO_DIALECT;
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeSmb(state: usize, reading: Reading, its: Event, start: usize, end: usize): bool {
  // Names and datagrams of NetBIOS.
  if (its.proto === UDP) return false;
  flow = reading;
  event = its;
  const parser = changetype<Parser>(state);
  if (parser.sides === 0) parser.sides = <u32>openSides(state);
  return parser.sides !== 0 && takeSmbSegment(<usize>parser.sides, its, start, end);
}

/** The flow has ended: what is still open is written, and all let go of. */
export function endSmb(state: usize, reading: Reading, its: Event): void {
  flow = reading;
  event = its;
  const parser = changetype<Parser>(state);
  if (parser.sides !== 0) finishSmbSegments(<usize>parser.sides);
  while (parser.pending > 0) finish(parser, firstLink(parser), NaN);
  forgetShares(parser);
  if (parser.sides !== 0) closeSides(<usize>parser.sides);
  release(state, offsetof<Parser>());
}

/** Takes the message last read, of the flow under way. */
export function takeMessage(state: usize, ts: f64): void {
  const parser = changetype<Parser>(state);
  flow.service = SMB + 1;
  if (message.isResponse) respond(parser);
  else if (message.smbCommandName(message.generation, message.command).length > 0) ask(parser, ts);
}

function ask(parser: Parser, ts: f64): void {
  const last = linkTo(parser, message.id);
  if (last !== 0) finish(parser, last, NaN);
  else if (parser.pending === MAX_PENDING) finish(parser, firstLink(parser), NaN);
  const request = makeRequest(ts);
  if (request === 0) {
    countGivenUp();
    return;
  }
  let link = firstLink(parser);
  while (load<u32>(link) !== 0) link = nextLink(link);
  store<u32>(link, <u32>request);
  parser.pending++;
}

function respond(parser: Parser): void {
  if (message.status === STATUS_PENDING) return;
  if (message.dialect !== message.NO_DIALECT) parser.dialect = message.dialect;
  const link = linkTo(parser, message.id);
  if (link === 0) return;
  const request = changetype<Request>(<usize>load<u32>(link));
  if (!isAnswered(request)) return;
  if (isTreeConnect(request) && message.status === 0 && request.hasPath !== 0)
    rememberShare(parser, message.tree, pathOf(request) + 4, request.length);
  finish(parser, link, <f64>message.status);
}

/** Writes the request behind the link, which waits no more; `status` is NaN where no response was seen. */
function finish(parser: Parser, link: usize, status: f64): void {
  const request = changetype<Request>(<usize>load<u32>(link));
  store<u32>(link, request.next);
  parser.pending--;
  writeRequest(request, flowIdOf(event), parser.dialect, parser, status);
  dropRequest(request);
}

/** The link to the request of that identifier; 0 without one. */
function linkTo(parser: Parser, id: i64): usize {
  for (let link = firstLink(parser); load<u32>(link) !== 0; link = nextLink(link))
    if (changetype<Request>(<usize>load<u32>(link)).id === id) return link;
  return 0;
}

// @ts-ignore: decorator
@inline
function firstLink(parser: Parser): usize {
  return changetype<usize>(parser) + offsetof<Parser>("oldest");
}

// @ts-ignore: decorator
@inline
function nextLink(link: usize): usize {
  return <usize>load<u32>(link) + offsetof<Request>("next");
}
