import {eventFields as field} from "../meter/event-fields.ts";
import type {Payload} from "../meter/meter.ts";
import type {Readings} from "./core-rows.ts";

/** Bytes of a flow's originator and responder, 4 or 16 each. */
export type Addresses = readonly [Uint8Array, Uint8Array];

const eventWords = 26;
const end = 1;

/** Puts a payload where the core takes it from; false where it has no room. */
export function putPayload(core: Readings, payload: Payload, addresses: Addresses): boolean {
  const {bytes, start, end} = payload;
  const room = core.offerRoom(end - start);
  if (room === 0) return false;
  new Uint8Array(core.memory.buffer, room, end - start).set(bytes.subarray(start, end));
  put(core, payload, addresses);
  return true;
}

/** Puts the end of a payload's flow there. */
export function putEnd(core: Readings, of: Payload, row: number, continuedIn: number, addresses: Addresses): void {
  const words = put(core, of, addresses);
  words[field.kind] = end;
  words[field.row] = row;
  words[field.continuedIn] = continuedIn;
}

function put(core: Readings, payload: Payload, addresses: Addresses): Int32Array {
  const words = new Int32Array(core.memory.buffer, core.offeredEvent(), eventWords);
  words[field.kind] = 0;
  words[field.slot] = payload.slot;
  words[field.direction] = payload.direction;
  words[field.flowHigh] = payload.flowHi;
  words[field.flowLow] = payload.flowLo;
  words[field.proto] = payload.proto;
  words[field.streamOffset] = payload.streamOffset;
  words[field.sourcePort] = payload.srcPort;
  words[field.destinationPort] = payload.dstPort;
  words[field.cut] = payload.cut;
  words[field.acknowledged] = 0;
  new Float64Array(words.buffer, words.byteOffset + field.time * 4, 1)[0] = payload.ts;
  for (const [side, address] of addresses.entries()) {
    words[field.version] = address.length === 4 ? 4 : 6;
    new Uint8Array(words.buffer, words.byteOffset + (field.addresses + 4 * side) * 4, 16).set(address);
  }
  return words;
}
