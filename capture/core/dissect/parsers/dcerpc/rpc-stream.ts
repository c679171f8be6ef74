import {Event} from "../../../meter/layout";
import {from, regather, to} from "../../streams/held-stream";
import {pass, passGap, takeMessageBytes} from "../../streams/messages";
import {flowIdOf} from "../../streams/reading";
import {finishSides, Side, takeSegment} from "../../streams/sides";
import {isText} from "../../text";
import {Channel, takePdu} from "./rpc-channel";
import {fragmentBytes, isPdu, PDU_BYTES} from "./rpc-pdu";
import {HTTP} from "./rpc-row";

/** PDUs in the bytes of a connection or a pipe, in each direction. */

/** Bytes of a fragment that are looked at, and held at most: binds, verifiers and what operations return are shorter. */
const MAX_LOOKED: u32 = 4096;

/** What a server says first where RPC is carried by HTTP ([MS-RPCH] §2.1.1.1). */
export const HTTP_BANNER = "ncacn_http/1.0";

/** The flow under way. */
let flowId: u64 = 0;

/** Takes a segment of a connection; false where nothing more can be read of either direction. */
export function takeRpcSegment(sides: usize, event: Event, start: usize, end: usize): bool {
  flowId = flowIdOf(event);
  return takeSegment(sides, event, start, end, takeBytes, passGap);
}

/** The flow has ended: what waits behind holes is read. */
export function finishRpcSegments(sides: usize, id: u64): void {
  flowId = id;
  finishSides(sides, takeBytes, passGap);
}

/** Takes bytes that a pipe had in one message, and says how many more of it are not there; of flow `id`. */
export function takeRpcBytes(side: Side, start: usize, end: usize, missing: u32, ts: f64, id: u64): void {
  flowId = id;
  const at = changetype<usize>(side);
  const outerFrom = from;
  const outerTo = to;
  takeBytes(at, start, end, ts);
  if (missing > 0) passGap(at, <i32>missing);
  regather(outerFrom, outerTo);
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findPdu, takePdus, MAX_LOOKED);
}

/** Where a PDU begins, behind a hole; 0 without. */
function findPdu(start: usize, end: usize): usize {
  for (let at = start; at + PDU_BYTES <= end; at++) if (isPdu(at, end) && fragmentBytes(at) <= 0x4000) return at;
  return 0;
}

/** Takes the PDUs of which enough is there; where the bytes that wait for more begin. */
function takePdus(side: Side, start: usize, end: usize, ts: f64): usize {
  let at = pass(side, start, end);
  while (side.skip === 0 && end - at >= PDU_BYTES) {
    if (isPdu(at, end)) {
      const length = fragmentBytes(at);
      const looked = <usize>min(length, MAX_LOOKED);
      if (end - at < looked) return at;
      takePdu(<usize>side.parser, at, at + looked, ts, flowId);
      side.skip = length - <u32>looked;
      at = pass(side, at + looked, end);
    } else if (isBanner(side, at, end)) at += HTTP_BANNER.length;
    else {
      side.isAstray = 1;
      return end;
    }
  }
  return at;
}

/** The banner is as long as the shortest PDU's header but two bytes; a PDU follows it at once. */
function isBanner(side: Side, at: usize, end: usize): bool {
  if (side.direction === 0 || !isText(at, end, HTTP_BANNER)) return false;
  changetype<Channel>(<usize>side.parser).transport = HTTP;
  return true;
}
