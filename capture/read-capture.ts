import type {RowBatch, TextColumn} from "../schema/rows.ts";
import {Dissection} from "./dissect/dissection.ts";
import {FlowCollector} from "./flow-collector.ts";
import type {FinishedFlows, MeterCounters, MeterSettings, Payload} from "./meter/meter.ts";
import {createMeter} from "./meter/wasm-meter.ts";
import type {LakeWriter} from "./partitions/writer.ts";
import type {PacketSource} from "./sources/source.ts";

/** Records of one table that wait between two batches of flows at most. */
const recordsWaiting = 20_000;

export interface ReadOptions {
  readonly settings: Omit<MeterSettings, "captureSeed">;
  readonly sha256: string;
  /** Called after every batch of packets. */
  readonly onPackets?: (counters: MeterCounters) => void;
  readonly signal?: AbortSignal;
}

/** What came of a capture: the meter's counts, and why reading stopped early (null: it did not). */
export interface ReadResult {
  readonly counters: MeterCounters;
  readonly problem: string | null;
}

/**
 * Reads a capture to its end: packets through the meter and the dissectors to rows on their way to the lake. A fault
 * in the file ends it; what came before stays. Throws what is no fault of the file: the writer's failure, an abort.
 */
export async function readCapture(source: PacketSource, writer: LakeWriter, options: ReadOptions): Promise<ReadResult> {
  const {sha256, settings, onPackets, signal} = options;
  const meter = await createMeter({...settings, captureSeed: sha256});
  const dissection = new Dissection({captureSha256: sha256, address: (slot, side) => meter.address(slot, side)});
  const collectors = [new FlowCollector("flows"), new FlowCollector("features")];
  const send = (batch: RowBatch | null) => {
    if (batch) writer.write(batch);
  };
  const sendRecords = () => {
    for (const batch of dissection.takeRecords()) send(batch);
  };
  const sink = {
    onPayload: (payload: Payload) => dissection.onPayload(payload),
    onFlow: (slot: number, row: number) => dissection.onFlow(slot, row),
    onFlows: (flows: FinishedFlows) => {
      const known = {capture_sha256: constantText(sha256, flows.rows), ...dissection.takeColumns(flows.rows)};
      for (const collector of collectors) send(collector.add(flows, known));
      if (dissection.waitingRows > recordsWaiting) sendRecords();
    }
  };
  let problem: string | null = null;
  for (;;) {
    signal?.throwIfAborted();
    const more = await nextBatch(source, meter.batch);
    if (typeof more === "string") problem = more;
    if (more !== true) break;
    meter.process(sink);
    if (dissection.waitingRows > recordsWaiting) sendRecords();
    onPackets?.(meter.counters);
    await writer.ready();
  }
  meter.flush(sink);
  for (const collector of collectors) send(collector.take());
  sendRecords();
  return {counters: meter.counters, problem: source.problem?.message ?? problem};
}

/** Fills the batch; a failure to read (a disk's, a stream's) is the file's problem and told in words. */
async function nextBatch(source: PacketSource, batch: Parameters<PacketSource["next"]>[0]): Promise<boolean | string> {
  try {
    return await source.next(batch);
  } catch (error) {
    return (error as Error).message;
  }
}

/** A text that is the same in all rows. */
function constantText(text: string, rows: number): TextColumn {
  return {codes: new Int32Array(rows), values: [text]};
}
