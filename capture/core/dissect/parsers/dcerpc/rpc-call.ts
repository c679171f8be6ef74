import {allocate, release} from "../../heap";
import {Linked} from "../../list";

/** A call under way, or a run of calls that ended alike and make one row. */
@unmanaged
export class Call extends Linked {
  id: u32 = 0;
  ts: f64 = 0;
  uuidLow: u64 = 0;
  uuidHigh: u64 = 0;
  version: u32 = 0;
  /** Number of the interface, UNNAMED or UNBOUND. */
  number: i32 = 0;
  opnum: u32 = 0;
  calls: u32 = 0;
  requestFragments: u32 = 0;
  responseFragments: u32 = 0;
  requestBytes: f64 = 0;
  responseBytes: f64 = 0;
  /** NaN without one. */
  status: f64 = 0;
  returned: f64 = 0;
  /** Authentication as `Channel` has it. */
  authType: u8 = 0;
  authLevel: u8 = 0;
  /** Of ept_map: whether an interface is asked for, and the port it is answered with (0: none). */
  isMap: u8 = 0;
  reserved: u8 = 0;
  port: u32 = 0;
  mappedLow: u64 = 0;
  mappedHigh: u64 = 0;

  isFor(id: i64): bool {
    return <i64>this.id === id;
  }
}

/** Numbers of interfaces that are not in the list, and of those whose bind was not seen. */
export const UNNAMED: i32 = -1;
export const UNBOUND: i32 = -2;

/** A new one; null where memory is out. */
export function newCall(): Call | null {
  const block = allocate(offsetof<Call>());
  if (block === 0) return null;
  memory.fill(block, 0, offsetof<Call>());
  return changetype<Call>(block);
}

export function dropCall(call: Call): void {
  release(changetype<usize>(call), offsetof<Call>());
}

/** Whether both are of one operation and ended alike. */
export function isAlike(a: Call, b: Call): bool {
  return (
    a.opnum === b.opnum &&
    a.number === b.number &&
    a.uuidLow === b.uuidLow &&
    a.uuidHigh === b.uuidHigh &&
    isSameNumber(a.status, b.status) &&
    isSameNumber(a.returned, b.returned) &&
    a.authType === b.authType &&
    a.authLevel === b.authLevel &&
    a.version === b.version &&
    a.isMap === 0 &&
    b.isMap === 0
  );
}

/** Adds a call to the run of those like it. */
export function addCall(run: Call, call: Call): void {
  run.calls += call.calls;
  run.requestFragments += call.requestFragments;
  run.responseFragments += call.responseFragments;
  run.requestBytes += call.requestBytes;
  run.responseBytes += call.responseBytes;
}

// @ts-ignore: decorator
@inline
function isSameNumber(a: f64, b: f64): bool {
  return a === b || (isNaN(a) && isNaN(b));
}
