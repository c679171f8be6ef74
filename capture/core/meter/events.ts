import {Event, Flow} from "./layout";
import {reserve} from "./memory";

/** The log of what the host is to hear, in packet order; the host empties it between calls. */
export const EVENT_CAPACITY = 512;
export const PAYLOAD = 0;
export const FLOW_END = 1;
/** Of frames without IP (link-frames.ts). */
export const PAYLOAD_OF_LINK = 2;
export const LINK_FRAMES_END = 3;
/** What a message of IP does to hosts (signals.ts). */
export const NETWORK_SIGNAL = 4;

let log: usize = 0;
export let eventCount: i32 = 0;

export function reserveEvents(): void {
  log = reserve(<usize>EVENT_CAPACITY * offsetof<Event>());
}

export function eventsAddress(): usize {
  return log;
}

export function clearEvents(): void {
  eventCount = 0;
}

// @ts-ignore: decorator
@inline
export function eventRoom(): i32 {
  return EVENT_CAPACITY - eventCount;
}

/** The next entry, to be filled; the caller has made sure of room. */
// @ts-ignore: decorator
@inline
export function nextEvent(kind: i32, slot: i32, flow: Flow): Event {
  const event = changetype<Event>(log + <usize>eventCount * offsetof<Event>());
  eventCount++;
  event.kind = kind;
  event.slot = slot;
  event.flowHigh = <i32>(flow.id >> 32);
  event.flowLow = <i32>flow.id;
  event.version = flow.version;
  const low = flow.originatorIsLow !== 0;
  event.originatorA = low ? flow.lowA : flow.highA;
  event.originatorB = low ? flow.lowB : flow.highB;
  event.responderA = low ? flow.highA : flow.lowA;
  event.responderB = low ? flow.highB : flow.lowB;
  return event;
}

/** The next entry, of no flow. */
export function nextLinkEvent(kind: i32): Event {
  const event = changetype<Event>(log + <usize>eventCount * offsetof<Event>());
  eventCount++;
  memory.fill(changetype<usize>(event), 0, offsetof<Event>());
  event.kind = kind;
  event.slot = -1;
  return event;
}
