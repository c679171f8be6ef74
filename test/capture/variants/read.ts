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
  let count = 0;
  const process = () => {
    batch.count = count;
    meter.process(sink);
    at = count = 0;
  };
  for (const {us, frame, wire} of packets) {
    if (count === batch.offset.length || at + frame.length > batch.bytes.length) process();
    batch.bytes.set(frame, at);
    batch.offset[count] = at;
    batch.captured[count] = frame.length;
    batch.wire[count] = wire ?? frame.length;
    batch.ts[count] = us;
    batch.link[count] = link;
    at += frame.length;
    count++;
  }
  process();
  meter.flush(sink);
  take();
  const counters = {...meter.counters, ...dissection.counters, heldBytes: dissection.heldBytes};
  meter.close();
  return {flows, records, counters};
}
