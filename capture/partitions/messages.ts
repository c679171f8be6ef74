import type {CaptureRow} from "../../schema/captures.ts";
import type {RowBatch} from "../../schema/rows.ts";

/** What the writer's thread is told, in order. */
export type Request =
  | {readonly kind: "rows"; readonly batch: RowBatch; readonly bytes: number}
  | {readonly kind: "describe"; readonly metadata: Readonly<Record<string, string>>}
  | {readonly kind: "known"}
  | {readonly kind: "seal"; readonly captures: RowBatch}
  | {readonly kind: "discard"}
  | {readonly kind: "close"};

/** What it answers: `taken` for every batch, one `done` for every other request. */
export type Reply =
  | {readonly kind: "taken"; readonly bytes: number}
  | {readonly kind: "done"; readonly part?: string; readonly known?: readonly CaptureRow[]}
  | {readonly kind: "failed"; readonly error: Error};

/** What the thread is started with. */
export interface WriterOptions {
  readonly lake: string;
  readonly run: {readonly id: string; readonly folder: string};
}
