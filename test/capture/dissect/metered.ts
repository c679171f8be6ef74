import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {Dissection} from "../../../capture/dissect/dissection.ts";
import type {FinishedFlows, MeterSink} from "../../../capture/meter/meter.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {openSource} from "../../../capture/sources/open.ts";
import {CaptureError} from "../../../capture/sources/source.ts";
import type {TextColumn} from "../../../schema/rows.ts";
import type {TableName} from "../../../schema/tables.ts";
import {sharedData} from "../../shared-data.ts";
import {type MadePacket, pcap} from "../made-capture.ts";
import {type RecordRow, rowsOf} from "./record-rows.ts";

/** A flow as far as dissection is judged by it. */
export interface DissectedRow {
  readonly proto: number;
  readonly srcIp: string;
  readonly dstIp: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly service: string | null;
}

/** What the flows and records of shared captures are; files that are no captures are passed over. */
export function dissectCapture(...files: readonly string[]) {
  return dissectFiles(files.map((file) => join(sharedData, file)));
}

/** Those of packets made by a test. */
export async function dissectPackets(packets: readonly MadePacket[]) {
  const folder = await mkdtemp(join(tmpdir(), "flowbook-dissect-"));
  try {
    const file = join(folder, "made.pcap");
    await writeFile(file, pcap(packets));
    return await dissectFiles([file]);
  } finally {
    await rm(folder, {recursive: true});
  }
}

/** Flows and records of captures by one real meter. */
export async function dissectFiles(files: readonly string[]) {
  const meter = await createMeter({...defaultSettings, maxFlows: 1 << 12, captureSeed: "0123456789abcdef"});
  const dissection = new Dissection({captureSha256: "c0ffee", core: meter.readings});
  const flows: DissectedRow[] = [];
  const records: Partial<Record<TableName, RecordRow[]>> = {};
  const take = () => {
    for (const batch of dissection.takeRecords()) (records[batch.table as TableName] ??= []).push(...rowsOf(batch));
  };
  const sink: MeterSink = {
    onFlows(finished: FinishedFlows) {
      const {codes, values} = dissection.takeColumns(finished.rows).service;
      const number = (name: string) => finished.column(name) as Float64Array;
      const [proto, srcPort, dstPort] = [number("proto"), number("src_port"), number("dst_port")];
      const text = (name: string) => {
        const {codes, values} = finished.column(name) as TextColumn;
        return Array.from(codes, (code) => values[code]);
      };
      const [srcIp, dstIp] = [text("src_ip"), text("dst_ip")];
      for (let row = 0; row < finished.rows; row++)
        flows.push({
          proto: proto[row],
          srcIp: srcIp[row],
          dstIp: dstIp[row],
          srcPort: srcPort[row],
          dstPort: dstPort[row],
          service: codes[row] < 0 ? null : values[codes[row]]
        });
      take();
    }
  };
  for (const file of files) {
    const source = await openSource(file).catch((error: Error) => error);
    if (source instanceof CaptureError) continue;
    if (source instanceof Error) throw source;
    while (await source.next(meter.batch)) meter.process(sink);
    await source.close();
  }
  meter.flush(sink);
  take();
  const {counters, heldBytes} = dissection;
  meter.close();
  return {flows, records, counters, heldBytes};
}
