import {table} from "../../schema/tables.ts";
import {rowsToBatch} from "../partitions/rows-to-batch.ts";
import type {LakeWriter} from "../partitions/writer.ts";
import {type ByteStream, peek} from "../sources/bytes.ts";
import {openBytes} from "../sources/open.ts";
import {CaptureError} from "../sources/source.ts";
import {ExportReader, exportVersion} from "./export-messages.ts";
import {ExportedFlows} from "./exported-flows.ts";
import {FlowRows, type LogFlowRow} from "./flow-rows.ts";
import {logFormats} from "./formats/index.ts";
import {type LogFlow, type LogFormat, LogProblem} from "./log-flow.ts";
import {lineReader, lines} from "./log-lines.ts";

/** What a log is told by, in bytes from its beginning. */
export const headBytes = 1 << 16;
/** Rows of a batch on its way to the writer. */
const batchRows = 4096;
/** What was read of a log. */
export interface LogRead {
  /** As `captures.format` has it, with the compression. */
  readonly format: string;
  readonly flows: number;
  readonly packets: number;
  readonly wireBytes: number;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** Why not all of it could be read; null where it could. */
  readonly problem: string | null;
}

/** A log of flows that can be read; `name`: its format. */
export interface OpenLog {
  readonly name: string;
  read(options: LogOptions): Promise<LogRead>;
  close(): void;
}

export interface LogOptions {
  readonly sha256: string;
  readonly writer: LakeWriter;
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
  /** After every batch: bytes read of the uncompressed log, about, and packets that its flows had. */
  readonly onPackets?: (bytes: number, packets: number) => void;
}

/** The log of flows in a file, compressed or not; null where it is none. Throws as `openSource` does. */
export async function openLog(path: string): Promise<OpenLog | null> {
  const {bytes, suffix} = await openBytes(path);
  try {
    const readable = told(bytes);
    const {head, bytes: whole} = await peek(readable, headBytes);
    readable.isOpening = false;
    const version = exportVersion(head);
    const format = version === null ? formatOf(head) : null;
    if (version === null && !format) {
      bytes.close();
      return null;
    }
    const name = version === null ? format!.name : version === 10 ? "ipfix" : `netflow-v${version}`;
    return {
      name,
      read: (options) =>
        read(path, version === null ? linesOf(whole, format!) : messagesOf(whole), `${name}${suffix}`, options),
      close: () => bytes.close()
    };
  } catch (error) {
    bytes.close();
    throw error;
  }
}

/** Whether an uncompressed log of flows begins so; of a larger file its first `headBytes` say it. */
export function beginsAsLog(head: Uint8Array): boolean {
  return exportVersion(head) !== null || formatOf(head) !== null;
}

/** The format whose marks the first record of a text has. */
function formatOf(head: Uint8Array): LogFormat | null {
  if (head.includes(0)) return null;
  const first = Buffer.from(head)
    .toString()
    .replace(/^\uFEFF/, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (first.length === 0) return null;
  const reader = lineReader(first[0].trimStart());
  for (const line of first) {
    try {
      const record = reader.record(line.replace(/\r$/, ""));
      const format = logFormats.find(({marks}) => marks.every((mark) => [mark].flat().some((one) => record?.has(one))));
      if (format) return format;
      if (record) return null;
    } catch {
      return null;
    }
  }
  return null;
}

/** What a file gives next: a flow, or why there is none where one was expected, and where. */
type Piece = {readonly flow: LogFlow} | {readonly problem: string};

async function* linesOf(bytes: ByteStream, format: LogFormat): AsyncGenerator<Piece> {
  let number = 0;
  let reader: ReturnType<typeof lineReader> | null = null;
  for await (const line of lines(bytes)) {
    number++;
    try {
      if (line === null) throw new LogProblem("expected a line of at most 4 MiB, found a longer one");
      if (!reader && line.trim() !== "") reader = lineReader(line.replace(/^\uFEFF/, "").trimStart());
      const record = reader?.record(line);
      const flow = record ? format.flow(record) : null;
      if (flow) yield {flow};
    } catch (error) {
      if (!(error instanceof LogProblem)) throw error;
      yield {problem: `line ${number.toLocaleString("en")}: ${error.message}`};
    }
  }
}

async function* messagesOf(bytes: ByteStream): AsyncGenerator<Piece> {
  const reader = new ExportReader(bytes);
  const flows = new ExportedFlows();
  try {
    for await (const record of reader.records()) for (const flow of flows.add(record)) yield {flow};
  } catch (error) {
    if (!(error instanceof LogProblem)) throw error;
    yield {problem: `byte ${reader.byte.toLocaleString("en")}: ${error.message}`};
  }
  for (const flow of flows.rest()) yield {flow};
  const {untold, sampledOf} = reader;
  const shownCount = (count: number) => count.toLocaleString("en");
  if (untold > 0)
    yield {problem: `expected templates before the records, found ${shownCount(untold)} sets without one`};
  if (flows.left > 0)
    yield {problem: `expected addresses and a time in every record, found ${shownCount(flows.left)} without`};
  if (sampledOf > 1)
    yield {
      problem: `expected all packets, found one sampled of ${shownCount(sampledOf)}; counts are of the sampled ones`
    };
}

async function read(
  path: string,
  pieces: AsyncGenerator<Piece>,
  format: string,
  options: LogOptions
): Promise<LogRead> {
  const {sha256, writer, signal, onPackets} = options;
  const rows = new FlowRows(sha256);
  const sums = {
    flows: 0,
    packets: 0,
    wireBytes: 0,
    firstUs: Number.POSITIVE_INFINITY,
    lastUs: Number.NEGATIVE_INFINITY
  };
  const problems = {count: 0, first: ""};
  const note = (problem: string) => {
    if (problems.count++ === 0) problems.first = problem;
  };
  let batch: LogFlowRow[] = [];
  const send = async () => {
    signal?.throwIfAborted();
    if (batch.length > 0) writer.write(rowsToBatch(table("flows"), batch));
    batch = [];
    onPackets?.(sums.wireBytes, sums.packets);
    await writer.ready();
  };
  try {
    for await (const piece of pieces) {
      if ("problem" in piece) {
        note(piece.problem);
        continue;
      }
      let row: LogFlowRow;
      try {
        row = rows.row(piece.flow);
      } catch (error) {
        if (!(error instanceof LogProblem)) throw error;
        note(error.message);
        continue;
      }
      batch.push(row);
      sums.flows++;
      sums.packets += Number(row.src_pkts ?? 0) + Number(row.dst_pkts ?? 0);
      sums.wireBytes += Number(row.src_wire_bytes ?? 0) + Number(row.dst_wire_bytes ?? 0);
      sums.firstUs = Math.min(sums.firstUs, row.ts_start!);
      sums.lastUs = Math.max(sums.lastUs, row.ts_end!);
      if (batch.length === batchRows) await send();
    }
  } catch (error) {
    // A file that fails on the way (its compression, its disk) keeps what came before.
    if (!(error instanceof LogProblem)) throw error;
    note(error.message);
  }
  await send();
  const problem = problems.count === 0 ? null : wordsOf(path, problems);
  if (sums.flows === 0 && problem !== null) throw new CaptureError(path, 0, `${problems.first}; nothing could be read`);
  return {
    ...sums,
    format,
    firstUs: sums.flows > 0 ? sums.firstUs : null,
    lastUs: sums.flows > 0 ? sums.lastUs : null,
    problem
  };
}

/**
 * The bytes, with what fails in reading them as a problem of the log. While it `isOpening` they end there instead: what
 * came before is looked at, and the failure is told when reading comes to it.
 */
function told(bytes: ByteStream): ByteStream & {isOpening: boolean} {
  let fault: LogProblem | null = null;
  const stream = {
    isOpening: true,
    async read(buffer: Uint8Array, at: number, length: number) {
      try {
        if (!fault) return await bytes.read(buffer, at, length);
      } catch (error) {
        fault = new LogProblem((error as Error).message);
      }
      if (stream.isOpening) return 0;
      throw fault;
    },
    close: () => bytes.close()
  };
  return stream;
}

function wordsOf(path: string, {count, first}: {readonly count: number; readonly first: string}): string {
  const others = count - 1;
  return `${path}: ${first}${others > 0 ? `, and ${others.toLocaleString("en")} more like it` : ""}`;
}
