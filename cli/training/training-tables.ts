import type {CaptureOrigin} from "./training-flows.ts";

/** Flows of a table that others published: features that it lacks are NaN. */
export interface TrainingTable {
  /** Rows × `trainingFeatures`. */
  readonly matrix: Float32Array;
  readonly labels: readonly (string | null)[];
  /** What the table itself calls each row. */
  readonly groups: readonly string[];
  readonly protocols: Int16Array;
  readonly origin: CaptureOrigin;
}
