import {readFile} from "node:fs/promises";
import {join, resolve} from "node:path";
import {Dissection, type DissectionOptions} from "../../../../capture/dissect/dissection.ts";
import {type Core, newCore} from "../../../../capture/meter/core.ts";
import {eventFields as field} from "../../../../capture/meter/event-fields.ts";
import type {Payload} from "../../../../capture/meter/meter.ts";
import {cachedWasm} from "../../../../capture/wasm.ts";

/** A core with what `index.ts` adds to it. */
export interface OfferingCore extends Core {
  readonly memory: WebAssembly.Memory;
  /** After `openReadings`. */
  beginOffers(): void;
  /** Room for the payload of an event that is none of the log's (0: out of memory), and where the event is to be put. */
  offerRoom(bytes: number): number;
  offeredEvent(): number;
  /** Takes that event's payload; 0: no more of its flow are wanted. */
  offer(bytes: number): number;
  /** Takes that event as its flow's end. */
  offerEnd(): void;
}

const capture = resolve(import.meta.dirname, "../../../../capture");
const path = await cachedWasm("dissect-offering", {core: import.meta.dirname, parts: [join(capture, "core")]});
const module = await WebAssembly.compile(await readFile(path));

/** A core with room for so many flows. */
export function coreFor(maxFlows: number): OfferingCore {
  const core = newCore(module) as OfferingCore;
  core.initialize(maxFlows, 120e6, 1800e6, 1n, false, false);
  return core;
}

/** A dissection that also reads payloads that are not in the meter's log. */
export class OfferingDissection extends Dissection {
  readonly #core: OfferingCore;

  constructor(options: DissectionOptions & {readonly core: OfferingCore}) {
    super(options);
    this.#core = options.core;
    this.#core.beginOffers();
  }

  /** Reads a payload; false where no more of its flow are wanted. */
  offer(payload: Payload, addresses: Addresses): boolean {
    return putPayload(this.#core, payload, addresses) && this.#core.offer(payload.end - payload.start) !== 0;
  }

  /** The end of a flow: it is row `row` of the batch, and goes on in slot `continuedIn` (-1: not). */
  offerEnd(payload: Payload, row: number, continuedIn: number, addresses: Addresses): void {
    putEnd(this.#core, payload, row, continuedIn, addresses);
    this.#core.offerEnd();
  }
}

/** Bytes of a flow's originator and responder, 4 or 16 each. */
export type Addresses = readonly [Uint8Array, Uint8Array];

const eventWords = 26;
const end = 1;

/** Puts a payload where the core takes it from; false where it has no room. */
function putPayload(core: OfferingCore, payload: Payload, addresses: Addresses): boolean {
  const {bytes, start, end} = payload;
  const room = core.offerRoom(end - start);
  if (room === 0) return false;
  new Uint8Array(core.memory.buffer, room, end - start).set(bytes.subarray(start, end));
  put(core, payload, addresses);
  return true;
}

/** Puts the end of a payload's flow there. */
function putEnd(core: OfferingCore, of: Payload, row: number, continuedIn: number, addresses: Addresses): void {
  const words = put(core, of, addresses);
  words[field.kind] = end;
  words[field.row] = row;
  words[field.continuedIn] = continuedIn;
}

function put(core: OfferingCore, payload: Payload, addresses: Addresses): Int32Array {
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
  words[field.continuedIn] = 0;
  new Float64Array(words.buffer, words.byteOffset + field.time * 4, 1)[0] = payload.ts;
  for (const [side, address] of addresses.entries()) {
    words[field.version] = address.length === 4 ? 4 : 6;
    new Uint8Array(words.buffer, words.byteOffset + (field.addresses + 4 * side) * 4, 16).set(address);
  }
  return words;
}
