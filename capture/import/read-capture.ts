import type {DissectionCounters} from "../dissect/dissection.ts";
import type {MeterCounters, MeterSettings} from "../meter/meter.ts";
import {createMeter} from "../meter/wasm-meter.ts";
import type {LakeWriter} from "../partitions/writer.ts";
import type {FlowCollector} from "../rows/flow-collector.ts";
import {RowSink} from "../rows/row-sink.ts";
import type {PacketSource} from "../sources/source.ts";

export interface ReadOptions {
  readonly settings: Omit<MeterSettings, "captureSeed">;
  readonly sha256: string;
  /** Where flows collect, of this capture and the next ones; whoever seals takes what is in them. */
  readonly collectors: readonly FlowCollector[];
  /** Called after every batch of packets. */
  readonly onPackets?: (read: Pick<MeterCounters, "packets" | "capturedBytes">) => void;
  readonly signal?: Pick<AbortSignal, "throwIfAborted">;
}

/** What came of a capture: the meter's and the dissection's counts, and why reading stopped early (null: it did not). */
export interface ReadResult {
  readonly counters: MeterCounters;
  readonly dissected: DissectionCounters;
  readonly problem: string | null;
}

/**
 * Reads a capture to its end: packets through the meter and the dissectors to rows on their way to the lake. A fault
 * in the file ends it; what came before stays. Throws what is no fault of the file: the writer's failure, an abort.
 */
export async function readCapture(source: PacketSource, writer: LakeWriter, options: ReadOptions): Promise<ReadResult> {
  const {sha256, settings, collectors, onPackets, signal} = options;
  const meter = await createMeter({...settings, captureSeed: sha256});
  const sink = new RowSink(writer, meter, sha256, collectors);
  let problem: string | null = null;
  for (;;) {
    signal?.throwIfAborted();
    const more = await nextBatch(source, meter.batch);
    if (typeof more === "string") problem = more;
    if (more !== true) break;
    meter.process(sink);
    sink.sendFullRecords();
    onPackets?.(meter.read);
    await writer.ready();
  }
  meter.flush(sink);
  sink.send();
  const {counters} = meter;
  const {dissected} = sink;
  meter.close();
  return {counters, dissected, problem: source.problem?.message ?? problem};
}

/** Fills the batch; a failure to read (a disk's, a stream's) is the file's problem and told in words. */
async function nextBatch(source: PacketSource, batch: Parameters<PacketSource["next"]>[0]): Promise<boolean | string> {
  try {
    return await source.next(batch);
  } catch (error) {
    return (error as Error).message;
  }
}
