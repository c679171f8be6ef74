import {Worker} from "node:worker_threads";
import type {CaptureRow} from "../../schema/captures.ts";
import type {AddressColumn, ColumnData, RowBatch} from "../../schema/rows.ts";
import {table} from "../../schema/tables.ts";
import {makeFolder} from "./durable.ts";
import type {KnownCapture} from "./known.ts";
import type {Loss, Reply, Request, WriterOptions} from "./messages.ts";
import {rowsToBatch} from "./rows-to-batch.ts";
import {closeRun, openRun, type Run, removeLeftovers} from "./run.ts";

/** Rows under way to the writer's thread at most, in bytes; beyond, `ready` waits. */
const underWayBytes = 48 * 2 ** 20;

/** Blocks of memory kept for rows to come, at most: those of a file of each table. */
const maxSpare = 128;

/** Writes rows into a lake from a thread of its own. Nothing is visible to readers before `seal`. */
export interface LakeWriter {
  /** Sends rows off. Its memory, or arrays that have their memory to themselves, are taken over (moved to the thread). */
  write(batch: RowBatch): void;
  /** Memory of so many bytes for a batch: of rows already written where there is some, with their values still in it. */
  memory(bytes: number): ArrayBuffer;
  /** Resolves when more may be written; rejects where the writer failed. */
  ready(): Promise<void>;
  /** What files written from now on carry in their metadata (Parquet key-value pairs) beside their captures. */
  describe(metadata: Readonly<Record<string, string>>): void;
  /** Says of which capture the next rows are (loss null), and at its end what it lost: kept in the files' metadata. */
  capture(sha256: string, loss: Loss | null): void;
  /** The captures of the lake, one row each. */
  known(): Promise<readonly KnownCapture[]>;
  /** Makes all rows since the last seal visible at once, with the rows of their captures; returns the part's name. */
  seal(captures: readonly CaptureRow[]): Promise<string>;
  /** Forgets all rows since the last seal. */
  discard(): Promise<void>;
  /** Ends the thread; what was not sealed is gone. */
  close(): Promise<void>;
}

/** Opens a lake for writing, making it where it does not exist, and removes what killed runs left. `nowMs`: wall clock. */
export function openLakeWriter(lake: string, nowMs: number): LakeWriter {
  makeFolder(lake);
  removeLeftovers(lake, nowMs);
  return openRunWriter(lake, openRun(lake, nowMs));
}

/** Opens a lake for writing in a run that was opened before, and is closed with the writer. */
export function openRunWriter(lake: string, run: Run): LakeWriter {
  const thread = startThread({lake, run});
  let underWay = 0;
  let failure: Error | null = null;
  let closing = false;
  const spare: ArrayBuffer[] = [];
  const answers: {resolve(reply: Reply & {kind: "done"}): void; reject(error: Error): void}[] = [];
  let waiting: (() => void)[] = [];
  const wakeAll = () => {
    for (const wake of waiting) wake();
    waiting = [];
  };
  const fail = (error: Error) => {
    failure ??= new Error(`${lake}: the rows could not be written: ${error.message}`, {cause: error});
    for (const answer of answers.splice(0)) answer.reject(failure);
    wakeAll();
  };
  thread.on("message", (reply: Reply) => {
    if (reply.kind === "taken") {
      underWay -= reply.bytes;
      if (underWay < underWayBytes) wakeAll();
    } else if (reply.kind === "spare") spare.push(...reply.blocks.slice(0, maxSpare - spare.length));
    else if (reply.kind === "done") answers.shift()?.resolve(reply);
    else fail(reply.error);
  });
  thread.on("error", (error) => fail(error as Error));
  thread.on("exit", (code) => {
    if (!closing || code !== 0) fail(new Error(`its thread ended with code ${code}`));
  });
  const ask = (request: Request): Promise<Reply & {kind: "done"}> => {
    if (failure) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      answers.push({resolve, reject});
      thread.postMessage(request);
    });
  };
  return {
    write(batch) {
      if (failure) throw failure;
      const {batch: rows, memory} = owned(batch);
      const bytes = memory.reduce((sum, {byteLength}) => sum + byteLength, 0);
      underWay += bytes;
      thread.postMessage({kind: "rows", batch: rows, bytes} satisfies Request, memory);
    },
    memory(bytes) {
      const fitting = bestFit(spare, bytes);
      return fitting < 0 ? new ArrayBuffer(bytes) : spare.splice(fitting, 1)[0];
    },
    async ready() {
      while (!failure && underWay >= underWayBytes) await new Promise<void>((resolve) => waiting.push(resolve));
      if (failure) throw failure;
    },
    describe(metadata) {
      thread.postMessage({kind: "describe", metadata} satisfies Request);
    },
    capture(sha256, loss) {
      thread.postMessage({kind: "capture", sha256, loss} satisfies Request);
    },
    async known() {
      return (await ask({kind: "known"})).known ?? [];
    },
    async seal(captures) {
      return (await ask({kind: "seal", captures: rowsToBatch(table("captures"), captures)})).part ?? "";
    },
    async discard() {
      await ask({kind: "discard"});
    },
    async close() {
      closing = true;
      const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
      if (failure) await thread.terminate();
      else
        await ask({kind: "close"}).then(
          () => ended,
          () => thread.terminate()
        );
      closeRun(run);
    }
  };
}

function startThread(options: WriterOptions): Worker {
  return new Worker(new URL("./writer-thread.js", import.meta.url), {
    workerData: options,
    // Rows and texts wait as bytes outside the heap; what is on it dies with its batch.
    resourceLimits: {maxYoungGenerationSizeMb: 8}
  });
}

/** The smallest block that has so many bytes and at most twice as many; -1 where there is none. */
function bestFit(blocks: readonly ArrayBuffer[], bytes: number): number {
  let best = -1;
  for (let k = 0; k < blocks.length; k++) {
    const {byteLength} = blocks[k];
    if (byteLength >= bytes && byteLength <= bytes * 2 && (best < 0 || byteLength < blocks[best].byteLength)) best = k;
  }
  return best;
}

/** The batch in memory of its own: moved as it is where it lies in a block, each column else. */
function owned(batch: RowBatch): {batch: RowBatch; memory: ArrayBuffer[]} {
  if (batch.memory) {
    const texts = batch.columns.flatMap((data) => ("texts" in data ? [data.texts.buffer as ArrayBuffer] : []));
    return {batch, memory: [...new Set([batch.memory, ...texts])]};
  }
  const columns = batch.columns.map((data) => own(data, batch.rows));
  return {batch: {...batch, columns}, memory: [...new Set(columns.flatMap(buffersOf))]};
}

function own(data: ColumnData | AddressColumn, rows: number): ColumnData | AddressColumn {
  if ("texts" in data) return {...data, codes: alone(data.codes, rows), texts: alone(data.texts, data.texts.length)};
  if ("codes" in data) return {codes: alone(data.codes, rows), values: data.values};
  if ("width" in data) return {width: data.width, bytes: alone(data.bytes, rows * data.width)};
  if ("addresses" in data) {
    const {addresses, versions} = data;
    return {...data, addresses: alone(addresses, addresses.length), versions: alone(versions, versions.length)};
  }
  return alone(data, rows);
}

function alone<A extends Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array>(
  array: A,
  length: number
): A {
  const whole = array.length === length && array.byteLength === array.buffer.byteLength;
  return whole && array.buffer instanceof ArrayBuffer ? array : (array.slice(0, length) as A);
}

function buffersOf(data: ColumnData | AddressColumn): ArrayBuffer[] {
  const arrays =
    "codes" in data
      ? "texts" in data
        ? [data.codes, data.texts]
        : [data.codes]
      : "width" in data
        ? [data.bytes]
        : "addresses" in data
          ? [data.addresses, data.versions]
          : [data];
  return arrays.map(({buffer}) => buffer as ArrayBuffer);
}
