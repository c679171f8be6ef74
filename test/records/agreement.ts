import type {TableName} from "../../schema/tables.ts";
import type {RecordRow} from "../capture/dissect/conversation.ts";

/** One field of a table beside tshark's: what both have, over packets of a filter. */
export interface Comparison {
  readonly table: TableName;
  readonly field: string;
  /** tshark's filter, and the fields asked for. */
  readonly filter: string;
  readonly fields: readonly string[];
  /** Of a packet's fields, the values that a row is to have. */
  theirs(packet: readonly string[][]): readonly string[];
  /** Of a row its values, each as often as it counts. */
  ours(row: RecordRow): readonly string[];
}

/** Of values with how often they occur: those both have, and those that either has. */
export interface Agreement {
  equal: number;
  all: number;
  readonly onlyOurs: string[];
  readonly onlyTheirs: string[];
}

export function agreement(ours: readonly string[], theirs: readonly string[]): Agreement {
  const left = new Map<string, number>();
  for (const value of theirs) left.set(value, (left.get(value) ?? 0) + 1);
  const onlyOurs: string[] = [];
  let equal = 0;
  for (const value of ours) {
    const count = left.get(value) ?? 0;
    if (count === 0) onlyOurs.push(value);
    else {
      left.set(value, count - 1);
      equal++;
    }
  }
  const onlyTheirs = [...left].flatMap(([value, count]) => Array<string>(count).fill(value));
  return {equal, all: equal + onlyOurs.length + onlyTheirs.length, onlyOurs, onlyTheirs};
}

/** The share of values that are equal, over all comparisons of a capture; 1 where there is none. */
export function shareEqual(agreements: ReadonlyMap<Comparison, Agreement>): number {
  const found = [...agreements.values()];
  const all = found.reduce((sum, {all}) => sum + all, 0);
  return all === 0 ? 1 : found.reduce((sum, {equal}) => sum + equal, 0) / all;
}

/** Of two readings of a capture the one with more equal values; the first where they are alike. */
export function better(one: Map<Comparison, Agreement>, other: Map<Comparison, Agreement>): Map<Comparison, Agreement> {
  return shareEqual(other) > shareEqual(one) ? other : one;
}
