import type {RowBatch} from "../../schema/rows.ts";
import type {KnownCapture} from "./known.ts";

/** What the writer's thread is told, in order. */
export type Request =
  | {readonly kind: "rows"; readonly batch: RowBatch; readonly bytes: number}
  | {readonly kind: "describe"; readonly metadata: Readonly<Record<string, string>>}
  | {readonly kind: "capture"; readonly sha256: string; readonly loss: Loss | null}
  | {readonly kind: "known"}
  | {readonly kind: "seal"; readonly captures: RowBatch}
  | {readonly kind: "discard"}
  | {readonly kind: "close"};

/** What a capture lost on its way, by column of `captures`; kept in the metadata of every file. */
export type Loss = Readonly<Record<string, number | string | null>>;

/** What it answers: `taken` for every batch, `spare` with the memory of rows that are written, one `done` for `known`, `seal`, `discard` and `close`. */
export type Reply =
  | {readonly kind: "taken"; readonly bytes: number}
  | {readonly kind: "spare"; readonly blocks: readonly ArrayBuffer[]}
  | {readonly kind: "done"; readonly part?: string; readonly known?: readonly KnownCapture[]}
  | {readonly kind: "failed"; readonly error: Error};

/** What the thread is started with. */
export interface WriterOptions {
  readonly lake: string;
  readonly run: {readonly id: string; readonly folder: string};
}
