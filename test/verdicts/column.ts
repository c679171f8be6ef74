import type {JudgedLake} from "./judged-lake.ts";

/** One thing that a detector says of a capture, of medium severity or more. */
export interface Verdict {
  /** What it is called: a rule, a class. */
  readonly name: string;
  /** One sentence for whoever asks why. */
  readonly why: string;
}

/** A detector that is measured: one file of `columns/` and a line in `measure.ts`. */
export interface Column {
  readonly name: string;
  /** Verdicts of medium severity or more, by `capture_sha256`. */
  judge(lake: JudgedLake): Promise<ReadonlyMap<string, readonly Verdict[]>>;
}
