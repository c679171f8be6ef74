import {Event} from "../../meter/layout";
import {UDP} from "../../meter/constants";
import {allocate, release} from "../heap";
import {flowIdOf, Reading} from "../streams/reading";
import {closeSides, openSides} from "../streams/sides";
import {closeChannel, openChannel} from "../parsers/dcerpc/rpc-channel";
import {fragmentBytes, isPdu, PDU_BYTES} from "../parsers/dcerpc/rpc-pdu";
import {TCP} from "../parsers/dcerpc/rpc-row";
import {finishRpcSegments, HTTP_BANNER, takeRpcSegment} from "../parsers/dcerpc/rpc-stream";
import {isText} from "../text";

/** Remote procedure calls: DCE/RPC over TCP (C706, [MS-RPCE]), behind the banner of ncacn_http, and its datagrams by name. */

@unmanaged
class Parser {
  channel: u32 = 0;
  sides: u32 = 0;
}

const DATAGRAM_BYTES: usize = 80;

/** A PDU by its version, type, order of bytes and lengths; a datagram (C706 §12.5) by the same. */
export function recogniseDcerpc(event: Event, start: usize, end: usize): bool {
  if (event.proto === UDP) return isDatagram(start, end);
  if (load<u8>(start) === 0x6e) return event.direction === 1 && isText(start, end, HTTP_BANNER);
  return start + PDU_BYTES <= end && isPdu(start, end) && <usize>fragmentBytes(start) >= min(end - start, 24);
}

/** Whether it may begin with that byte: versions 5 and 4, and the banner's `n`. */
export function beginsDcerpc(byte: u8): bool {
  return byte === 5 || byte === 4 || byte === 0x6e;
}

function isDatagram(start: usize, end: usize): bool {
  if (start + DATAGRAM_BYTES > end || load<u8>(start) !== 4 || load<u8>(start, 1) > 10) return false;
  const order = load<u8>(start, 4);
  if ((order !== 0x10 && order !== 0) || load<u8>(start, 5) > 3 || load<u8>(start, 6) !== 0) return false;
  const length = order === 0x10 ? load<u16>(start, 74) : bswap<u16>(load<u16>(start, 74));
  return <usize>length + DATAGRAM_BYTES <= end - start;
}

/** State of a new flow; 0 where memory is out. */
export function beginDcerpc(): usize {
  const state = allocate(offsetof<Parser>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<Parser>());
  const parser = changetype<Parser>(state);
  const channel = openChannel(TCP, 0);
  const sides: usize = channel === 0 ? 0 : openSides(channel);
  if (sides === 0) {
    if (channel !== 0) closeChannel(channel, 0);
    release(state, offsetof<Parser>());
    return 0;
  }
  parser.channel = <u32>channel;
  parser.sides = <u32>sides;
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeDcerpc(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  return event.proto !== UDP && takeRpcSegment(<usize>changetype<Parser>(state).sides, event, start, end);
}

/** The flow has ended: what is still open is written, and all let go of. */
export function endDcerpc(state: usize, _reading: Reading, event: Event): void {
  const parser = changetype<Parser>(state);
  const id = flowIdOf(event);
  finishRpcSegments(<usize>parser.sides, id);
  closeChannel(<usize>parser.channel, id);
  closeSides(<usize>parser.sides);
  release(state, offsetof<Parser>());
}
