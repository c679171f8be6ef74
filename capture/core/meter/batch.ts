import {reserve} from "./memory";

/** The batch of packets that a source fills and `run` meters (path.ts). */

export const BATCH_PACKETS = 8192;
const BATCH_BYTES = 4 << 20;
/** Lets a source keep the rest of a block. */
const SLACK = 1 << 20;
export const BUFFER_BYTES = BATCH_BYTES + SLACK;

export let bytes: usize = 0;
export let offsets: usize = 0;
export let captureds: usize = 0;
export let wires: usize = 0;
export let times: usize = 0;
export let links: usize = 0;
/** By packet the flow it went to; 0 without. */
export let flowIds: usize = 0;

export function reserveBatch(): void {
  bytes = reserve(BUFFER_BYTES);
  offsets = reserve(BATCH_PACKETS * 4);
  captureds = reserve(BATCH_PACKETS * 4);
  wires = reserve(BATCH_PACKETS * 4);
  times = reserve(BATCH_PACKETS * 8);
  links = reserve(BATCH_PACKETS * 4);
  flowIds = reserve(BATCH_PACKETS * 8);
}
