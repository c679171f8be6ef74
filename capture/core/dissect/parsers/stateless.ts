import {Event} from "../../meter/layout";
import {allocate, release} from "../heap";
import {Reading} from "../streams/reading";

/** Protocols of which each message stands for itself: a flow needs no state. */

const BYTES: usize = 16;

/** A state that nothing is kept in; 0 where memory is out. */
export function beginStateless(): usize {
  return allocate(BYTES);
}

export function endStateless(state: usize, _reading: Reading, _event: Event): void {
  release(state, BYTES);
}
