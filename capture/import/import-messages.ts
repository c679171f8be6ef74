import type {MeterSettings} from "../meter/meter.ts";
import type {Run} from "../partitions/run.ts";
import type {Taken, ToRead} from "./capture-reader.ts";
import type {CaptureFile} from "./import-paths.ts";

/** What a thread that reads captures is started with. */
export interface WorkerOptions {
  readonly lake: string;
  /** Its own run, opened and closed by whoever started it. */
  readonly run: Run;
  readonly settings: Omit<MeterSettings, "captureSeed">;
  readonly sensor: string | null;
  /** How far the import's clock is ahead of the system's, in ms. */
  readonly aheadMs: number;
  /** One number in shared memory: not 0 once it has to stop, whatever it is at. */
  readonly stop: Int32Array;
}

/** What it is told: a file to take, whether that is to be read, that there are no more, or that it has to stop. */
export type WorkerRequest =
  | {readonly kind: "file"; readonly number: number; readonly file: CaptureFile}
  | {readonly kind: "answer"; readonly answer: ToRead | null}
  | {readonly kind: "end"}
  | {readonly kind: "stop"};

/** What it tells: a file's hash (then it waits for the answer), its progress, what came of it; `ended` or `failed` last. */
export type WorkerReply =
  | {readonly kind: "hash"; readonly number: number; readonly sha256: string; readonly content: string | null}
  | {readonly kind: "packets"; readonly number: number; readonly readBytes: number; readonly packets: number}
  | {readonly kind: "taken"; readonly number: number; readonly taken: Taken}
  | {readonly kind: "sealed"; readonly part: string; readonly captures: number}
  | {readonly kind: "ended"}
  | {readonly kind: "failed"; readonly error: Error};
