import {UDP} from "../../../meter/constants";
import {Event} from "../../../meter/layout";
import {allocate, release} from "../../heap";
import {countMalformed} from "../../streams/held";
import {loseBytes} from "../../streams/held-stream";
import {takeMessageBytes} from "../../streams/messages";
import {flowIdOf, Reading} from "../../streams/reading";
import {closeSides, finishSides, openSides, Side, takeSegment} from "../../streams/sides";
import {finishOperations, noteOperation, Operations} from "./operation";

/** Flows of industrial protocols: whole frames of either side, over TCP or UDP, each handed to its protocol's reader. */

/** Bytes that a frame at `at` has, of which `end - at` are there, eight at least; 0 where none begins there. */
type FrameLength = (at: usize, end: usize) => usize;
/** Reads a whole frame; true where an operation was found. `isAnswer`: it comes from the side that is asked. */
type ReadFrame = (at: usize, end: usize, isAnswer: bool) => bool;

/** Longest frame that is waited for (of EtherNet/IP). */
const MAX_FRAME: u32 = 65_560;
/** Bytes by which every protocol here tells a frame's length. */
const HEADER: usize = 8;

@unmanaged
class IndustrialFlow extends Operations {
  sides: u32 = 0;
  length: u32 = 0;
  read: u32 = 0;
  /** Whether the originator is the device that is asked. */
  isTurned: u8 = 0;
  isMet: u8 = 0;
  port: u16 = 0;
  /** What a reader remembers of the messages before. */
  remembered: i32 = 0;
}

/** The flow under way. */
let id: u64 = 0;
let current: IndustrialFlow = changetype<IndustrialFlow>(0);

/** State of a flow of a protocol whose devices listen on `port`; 0 where memory is out. */
export function openIndustrial(protocol: string, port: u16, length: FrameLength, read: ReadFrame): usize {
  const state = allocate(offsetof<IndustrialFlow>());
  if (state === 0) return 0;
  memory.fill(state, 0, offsetof<IndustrialFlow>());
  const flow = changetype<IndustrialFlow>(state);
  flow.protocol = <u32>changetype<usize>(protocol);
  flow.port = port;
  flow.length = <u32>changetype<usize>(length);
  flow.read = <u32>changetype<usize>(read);
  return state;
}

/** Takes a payload; false: no more wanted. */
export function takeIndustrial(state: usize, _reading: Reading, event: Event, start: usize, end: usize): bool {
  const flow = changetype<IndustrialFlow>(state);
  current = flow;
  id = flowIdOf(event);
  if (flow.isMet === 0) {
    flow.isMet = 1;
    const originator = event.direction === 0 ? event.sourcePort : event.destinationPort;
    const responder = event.direction === 0 ? event.destinationPort : event.sourcePort;
    flow.isTurned = u8(originator === <i32>flow.port && responder !== <i32>flow.port);
  }
  if (event.proto === UDP) {
    takeFrames(flow, <u8>event.direction, start, end, event.time);
    return true;
  }
  if (flow.sides === 0) flow.sides = <u32>openSides(state);
  return flow.sides !== 0 && takeSegment(<usize>flow.sides, event, start, end, takeBytes, loseBytes);
}

/** The flow has ended: what is still open is written, and all let go of. */
export function endIndustrial(state: usize, _reading: Reading, event: Event): void {
  const flow = changetype<IndustrialFlow>(state);
  current = flow;
  id = flowIdOf(event);
  if (flow.sides !== 0) {
    finishSides(<usize>flow.sides, takeBytes, loseBytes);
    closeSides(<usize>flow.sides);
  }
  finishOperations(flow, id);
  release(state, offsetof<IndustrialFlow>());
}

/** Gives the operations of the flow under way another protocol's name, from the next one on. */
export function renameIndustrial(protocol: string): void {
  const its = <u32>changetype<usize>(protocol);
  if (current.protocol === its) return;
  finishOperations(current, id);
  current.protocol = its;
}

/** What the reader of the flow under way remembers of it (0 at first), for answers that do not say what they answer. */
export function remembered(): i32 {
  return current.remembered;
}

export function remember(value: i32): void {
  current.remembered = value;
}

function takeBytes(at: usize, start: usize, end: usize, ts: f64): void {
  takeMessageBytes(at, start, end, ts, findFrame, takeSideFrames, MAX_FRAME);
}

/** A frame begins with a segment behind a hole, or it does not: the reader tells, and looks at the next one. */
function findFrame(start: usize, _end: usize): usize {
  return start;
}

function takeSideFrames(side: Side, start: usize, end: usize, ts: f64): usize {
  const at = takeFrames(changetype<IndustrialFlow>(<usize>side.parser), side.direction, start, end, ts);
  if (at !== 0) return at;
  side.isAstray = 1;
  return end;
}

/** Reads the whole frames; where the rest begins, 0 where no frame begins there. */
function takeFrames(flow: IndustrialFlow, direction: u8, start: usize, end: usize, ts: f64): usize {
  const isAnswer = (direction === 1) !== (flow.isTurned !== 0);
  let at = start;
  while (at + HEADER <= end || (at < end && load<u8>(at) === 0x68 && at + 6 <= end)) {
    const length = call(flow.length, at, end);
    if (length === 0) {
      countMalformed();
      return 0;
    }
    if (at + length > end) return at;
    if (changetype<ReadFrame>(<usize>flow.read)(at, at + length, isAnswer)) noteOperation(flow, id, ts);
    at += length;
  }
  return at;
}

// @ts-ignore: decorator
@inline
function call(length: u32, at: usize, end: usize): usize {
  return changetype<FrameLength>(<usize>length)(at, end);
}
