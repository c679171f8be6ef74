import {Dissection} from "../../../capture/dissect/dissection.ts";
import type {MeterSink} from "../../../capture/meter/meter.ts";
import {createMeter} from "../../../capture/meter/wasm-meter.ts";
import type {TableName} from "../../../schema/tables.ts";
import {type RecordRow, rowsOf} from "../dissect/record-rows.ts";
import type {MadePacket} from "../made-capture.ts";
import {type FlowObject, flowObjects, testSettings} from "../meter/metered.ts";

export const columns = [
  "src_ip",
  "dst_ip",
  "src_port",
  "dst_port",
  "src_pkts",
  "dst_pkts",
  "conn_state",
  "history",
  "ts_start",
  "duration_us",
  "rtt_us"
];

const settings = {...testSettings, maxFlows: 1 << 10};

/** Flows (with `service` and `inside`), records and counters of made packets on a link, as an import reads them. */
export async function readPackets(packets: readonly MadePacket[], link = 1, leavesOutDuplicates = false) {
  const meter = await createMeter({...settings, leavesOutDuplicates});
  const dissection = new Dissection({captureSha256: "c0ffee", core: meter.readings});
  const flows: FlowObject[] = [];
  const records: Partial<Record<TableName, RecordRow[]>> = {};
  const take = () => {
    for (const batch of dissection.takeRecords()) (records[batch.table as TableName] ??= []).push(...rowsOf(batch));
  };
  const sink: MeterSink = {
    onFlows(finished) {
      const {service, service_inside} = dissection.takeColumns(finished.rows);
      const text = ({codes, values}: typeof service, row: number) => (codes[row] < 0 ? null : values[codes[row]]);
      for (const [row, flow] of flowObjects(finished, columns).entries())
        flows.push({...flow, service: text(service, row), inside: text(service_inside, row)});
      take();
    }
  };
  const {batch} = meter;
  let at = 0;
  for (const [i, {us, frame, wire}] of packets.entries()) {
    batch.bytes.set(frame, at);
    batch.offset[i] = at;
    batch.captured[i] = frame.length;
    batch.wire[i] = wire ?? frame.length;
    batch.ts[i] = us;
    batch.link[i] = link;
    at += frame.length;
  }
  batch.count = packets.length;
  meter.process(sink);
  meter.flush(sink);
  take();
  const counters = {...meter.counters, ...dissection.counters, heldBytes: dissection.heldBytes};
  meter.close();
  return {flows, records, counters};
}
