import type {Cell} from "./question.js";

/** Ascending, null last; texts by code units, as the lake's engine orders them by bytes. */
export function compareCells(a: Cell, b: Cell): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
