import {allocate, release} from "../../../../capture/core/dissect/heap";
import {takeEnd, takePayload} from "../../../../capture/core/dissect/streams/take";
import {Event} from "../../../../capture/core/meter/layout";

/** The whole core, and events of the tests' own, which are not in the meter's log. */

export * from "../../../../capture/core/index";

const offered = memory.data(128);
let offerAt: usize = 0;
let offerBytes: usize = 0;

/** To be called after `openReadings`, which forgets all memory. */
export function beginOffers(): void {
  offerAt = offerBytes = 0;
}

/** Where the host puts the payload of an event; 0 where memory is out. */
export function offerRoom(bytes: i32): usize {
  if (<usize>bytes <= offerBytes) return offerAt;
  if (offerAt !== 0) release(offerAt, offerBytes);
  offerAt = allocate(<usize>bytes);
  offerBytes = offerAt === 0 ? 0 : <usize>bytes;
  return offerAt;
}

/** Where it puts the event itself. */
export function offeredEvent(): usize {
  return offered;
}

/** Takes that event's payload; false: no more of its flow are wanted. */
export function offer(bytes: i32): bool {
  return takePayload(changetype<Event>(offered), offerAt, offerAt + <usize>bytes);
}

/** Takes that event as the end of a flow. */
export function offerEnd(): void {
  takeEnd(changetype<Event>(offered));
}
