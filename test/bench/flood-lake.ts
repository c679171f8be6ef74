import {readCapture} from "../../capture/import/read-capture.ts";
import type {MeterCounters} from "../../capture/meter/meter.ts";
import {defaultSettings} from "../../capture/meter/wasm-meter.ts";
import {openLakeWriter} from "../../capture/partitions/writer.ts";
import {captureRow} from "../../capture/rows/capture-row.ts";
import {flowCollectors} from "../../capture/rows/flow-collector.ts";
import type {PacketSource} from "../../capture/sources/source.ts";
import {SynFlood} from "./flood-source.ts";

export interface FloodOptions {
  readonly lake: string;
  readonly packets: number;
  readonly packetsPerSecond: number;
  readonly maxFlows: number;
}

/** Brings a SYN flood into a lake. */
export async function floodLake({lake, packets, packetsPerSecond, maxFlows}: FloodOptions): Promise<MeterCounters> {
  return bringIntoLake(new SynFlood(packets, packetsPerSecond), lake, maxFlows);
}

/** Brings packets into a lake by the way that an import takes: meter, dissection, rows, Parquet. */
export async function bringIntoLake(source: PacketSource, lake: string, maxFlows: number): Promise<MeterCounters> {
  const sha256 = "f100d".padEnd(64, "0");
  const writer = openLakeWriter(lake, Date.now());
  try {
    writer.capture(sha256, null);
    const collectors = flowCollectors(writer);
    const settings = {...defaultSettings, maxFlows};
    const {counters, dissected, problem} = await readCapture(source, writer, {settings, sha256, collectors});
    for (const collector of collectors) {
      const rows = collector.take();
      if (rows) writer.write(rows);
    }
    const read = {source, counters, dissected, problem};
    const row = captureRow({
      sha256,
      name: "made",
      bytes: 0,
      ...read,
      contentSha256: null,
      importedAtUs: 0,
      meter: "{}"
    });
    await writer.seal([row]);
    return counters;
  } finally {
    await writer.close();
  }
}
