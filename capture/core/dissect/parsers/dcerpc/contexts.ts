import {allocate, moved, release} from "../../heap";
import {countGivenUp} from "../../streams/held";
import {interfaceOf} from "./interfaces";

/** The interfaces that a connection has bound, by their presentation contexts (C706 §12.6.3.1). */

/** Contexts of one connection that are remembered. */
const MOST: u32 = 256;
const FIRST: u32 = 4;

/** A presentation context. */
@unmanaged
export class Context {
  id: u32 = 0;
  /** Of its interface, major and minor. */
  version: u32 = 0;
  uuidLow: u64 = 0;
  uuidHigh: u64 = 0;
  /** Number of the interface, -1 where it has no name. */
  number: i32 = 0;
  /** The bind that proposed it, by its number within the connection, and its place there. */
  bind: u32 = 0;
  order: u32 = 0;
  /** What that was answered with, UNANSWERED until then. */
  status: i32 = 0;
}

export const UNANSWERED: i32 = -1;

@unmanaged
export class Contexts {
  block: u32 = 0;
  room: u32 = 0;
  count: u32 = 0;
}

const CONTEXT_BYTES: usize = offsetof<Context>();

// @ts-ignore: decorator
@inline
export function contextAt(contexts: Contexts, i: u32): Context {
  return changetype<Context>(<usize>contexts.block + <usize>i * CONTEXT_BYTES);
}

/** The context of that identifier; null where its bind was not seen. */
export function contextOf(contexts: Contexts, id: u32): Context | null {
  for (let i: u32 = 0; i < contexts.count; i++) if (contextAt(contexts, i).id === id) return contextAt(contexts, i);
  return null;
}

/** Adds the context, or puts it in the place of the one with its identifier; `uuid` is little endian. */
export function addContext(contexts: Contexts, id: u32, uuid: usize, version: u32, bind: u32, order: u32): void {
  const old = contextOf(contexts, id);
  let place: u32 = contexts.count;
  if (old !== null) place = <u32>((changetype<usize>(old) - <usize>contexts.block) / CONTEXT_BYTES);
  else if (place === contexts.room && !moreRoom(contexts)) return countGivenUp();
  const context = contextAt(contexts, place);
  if (old === null) contexts.count++;
  context.id = id;
  context.version = version;
  context.uuidLow = load<u64>(uuid);
  context.uuidHigh = load<u64>(uuid, 8);
  context.number = interfaceOf(uuid);
  context.bind = bind;
  context.order = order;
  context.status = UNANSWERED;
}

// @ts-ignore: decorator
@inline
export function uuidOf(context: Context): usize {
  return changetype<usize>(context) + offsetof<Context>("uuidLow");
}

function moreRoom(contexts: Contexts): bool {
  const room = contexts.room === 0 ? FIRST : contexts.room * 2;
  if (room > MOST) return false;
  const used = <usize>contexts.count * CONTEXT_BYTES;
  const bytes = <usize>room * CONTEXT_BYTES;
  const block = contexts.room === 0 ? allocate(bytes) : moved(contexts.block, <usize>contexts.room * CONTEXT_BYTES, used, bytes);
  if (block === 0) return false;
  contexts.block = <u32>block;
  contexts.room = room;
  return true;
}

export function closeContexts(contexts: Contexts): void {
  if (contexts.room > 0) release(contexts.block, <usize>contexts.room * CONTEXT_BYTES);
}
