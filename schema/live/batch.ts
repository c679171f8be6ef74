import type {RowBatch} from "../rows.ts";

/** What happened since the last time, for whoever judges a capture while it runs. Its memory is the receiver's alone. */
export interface LiveBatch {
  /** Now, in packet time where packets wait, else by the wall clock; µs since 1970. */
  readonly untilUs: number;
  /** Packet time since which flows under way are told of. */
  readonly sinceUs: number;
  /** Rows of `flows`, and of `features` in the same order: flows that ended, then flows under way (`end_reason` open). */
  readonly flows: readonly RowBatch[];
  readonly features: readonly RowBatch[];
  /** Records of application protocols. */
  readonly records: readonly RowBatch[];
  /** Flows and records that there was no room for. */
  readonly left: number;
}

/** Takes a batch; false while it is at work on another one. */
export type LiveTaker = (make: () => LiveBatch) => boolean;
