import {join} from "node:path";
import {Dissection} from "../../../capture/dissect/dissection.ts";
import type {FinishedFlows, MeterSink, Payload} from "../../../capture/meter/meter.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {openSource} from "../../../capture/sources/open.ts";
import {CaptureError} from "../../../capture/sources/source.ts";
import type {TableName} from "../../../schema/tables.ts";
import {sharedData} from "../../shared-data.ts";
import {type RecordRow, rowsOf} from "./conversation.ts";

/** A flow as far as dissection is judged by it. */
export interface DissectedRow {
  readonly proto: number;
  readonly srcIp: string;
  readonly dstIp: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly service: string | null;
}

/** What the flows and records of shared captures are, by one real meter; files that are no captures are passed over. */
export async function dissectCapture(...files: readonly string[]) {
  const meter = await createMeter({...defaultSettings, maxFlows: 1 << 12, captureSeed: "0123456789abcdef"});
  const dissection = new Dissection({captureSha256: "c0ffee", address: (slot, side) => meter.addressPlace(slot, side)});
  const flows: DissectedRow[] = [];
  /** Of the batch under way. */
  let addresses: (readonly [string, string])[] = [];
  const records: Partial<Record<TableName, RecordRow[]>> = {};
  const take = () => {
    for (const batch of dissection.takeRecords()) (records[batch.table as TableName] ??= []).push(...rowsOf(batch));
  };
  const sink: MeterSink = {
    onPayload: (payload: Payload) => dissection.onPayload(payload),
    onFlow(slot, row, continuedIn) {
      addresses[row] = [meter.address(slot, 0), meter.address(slot, 1)];
      dissection.onFlow(slot, row, continuedIn);
    },
    onFlows(finished: FinishedFlows) {
      const {codes, values} = dissection.takeColumns(finished.rows).service;
      const number = (name: string) => finished.column(name) as Float64Array;
      const [proto, srcPort, dstPort] = [number("proto"), number("src_port"), number("dst_port")];
      for (let row = 0; row < finished.rows; row++)
        flows.push({
          proto: proto[row],
          srcIp: addresses[row][0],
          dstIp: addresses[row][1],
          srcPort: srcPort[row],
          dstPort: dstPort[row],
          service: codes[row] < 0 ? null : values[codes[row]]
        });
      addresses = [];
      take();
    }
  };
  for (const file of files) {
    const source = await openSource(join(sharedData, file)).catch((error: Error) => error);
    if (source instanceof CaptureError) continue;
    if (source instanceof Error) throw source;
    while (await source.next(meter.batch)) meter.process(sink);
    await source.close();
  }
  meter.flush(sink);
  take();
  return {flows, records, counters: dissection.counters, heldBytes: dissection.heldBytes};
}
