import type {DimensionName} from "./dimensions.js";
import type {Filter} from "./filter.js";
import type {MeasureName} from "./measures.js";

/**
 * What a chart or a number asks of the flows, as data. It has two answers that a test holds equal: SQL over the lake
 * (`toSql`), which is also what a chart shows as the SQL behind it, and a pass over typed arrays in the page (`evaluate`).
 */
export interface Question {
  /** kebab-case, as its file. */
  readonly name: string;
  /** What it answers, as a short sentence. */
  readonly title: string;
  /** Grouped by these, in this order; none gives one row. */
  readonly by: readonly DimensionName[];
  readonly measures: readonly MeasureName[];
  /**
   * How flows come into time buckets. `start`: a flow counts where it starts. `spread`: its bytes and packets each way are
   * where they came (`activity`; without it evenly over its duration, as SiLK's rwcount does), so only
   * measures that can be divided are allowed.
   * `gone`: a flow counts at the first edge of a bucket behind its start at which it is over, at latest at the grid's end.
   */
  readonly time?: "start" | "spread" | "gone";
  /** Only flows for which this holds; part of the question, not of the reader's filter. */
  readonly only?: "recognised" | "unrecognised" | "unusual-port" | "anomaly-scored" | "handshake-timed";
  /** Asks only how many groups there are, as `groups`; then there are no measures. */
  readonly count?: true;
  /** Largest first by this measure, then by the groups; without it rows are in the order of the groups. */
  readonly order?: MeasureName;
  /** Rows at most; needs an order. */
  readonly limit?: number;
}

/** Equal buckets of time, in µs since 1970. */
export interface TimeGrid {
  readonly originUs: number;
  readonly widthUs: number;
  readonly count: number;
}

/** A question with what it is asked of. */
export interface Asked {
  readonly question: Question;
  readonly filter: Filter;
  /** Needed by questions with `time`. */
  readonly grid?: TimeGrid;
}

export type Cell = string | number | null;

/** Rows of groups and measures, in the question's order. */
export interface Answer {
  /** Dimensions, then measures; time is `ts_us`. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The grid of a question that needs one; throws where it was asked without. */
export function gridOf({question, grid}: Asked): TimeGrid {
  if (grid) return grid;
  throw new Error(`question ${question.name}: expected a time grid, found none`);
}
