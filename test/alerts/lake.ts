import {rowsToBatch} from "../../capture/partitions/rows-to-batch.ts";
import {openLakeWriter} from "../../capture/partitions/writer.ts";
import {judgeLake} from "../../loaders/judge/incidents.ts";
import {probe, rows} from "../../models/rules/fixtures/rows/flow-rows.ts";
import type {CaptureRow} from "../../schema/captures.ts";
import {fb1Columns} from "../../schema/features.ts";
import type {FlowRow} from "../../schema/flows.ts";
import {table} from "../../schema/tables.ts";

/**
 * Seals the flows of one capture in a lake and judges them by the rules; `clock` is the wall clock in ms since 1970.
 * `withFeatures`: each flow also has features, all 0.
 */
export async function addCapture(
  lake: string,
  name: string,
  flows: FlowRow[],
  clock: () => number,
  withFeatures = false
): Promise<void> {
  const writer = openLakeWriter(lake, clock());
  writer.write(rowsToBatch(table("flows"), flows));
  if (withFeatures) {
    const none = Object.fromEntries(fb1Columns.map(({name}) => [name, 0]));
    const features = flows.map(({flow_id, capture_sha256}) => ({flow_id, capture_sha256, ...none}));
    writer.write(rowsToBatch(table("features"), features as unknown as FlowRow[]));
  }
  const counts = Object.fromEntries(
    table("captures")
      .columns.filter(({type}) => type === "BIGINT")
      .map(({name}) => [name, name === "flows" ? BigInt(flows.length) : 0n])
  );
  const {capture_sha256, ts_start: first_ts} = flows[0];
  const text = {path: name, format: "pcap", unread: "{}", meter: "{}", problem: null};
  const row = {...counts, ...text, capture_sha256, first_ts, last_ts: flows.at(-1)?.ts_end, imported_at: 0};
  await writer.seal([row as unknown as CaptureRow]);
  await writer.close();
  await judgeLake({lake, clock, localNets: ["10.0.0.0/8"]});
}

/** Flows of a port scan from one host to another, which make one incident; `at` is its start in seconds of the fixtures' time. */
export function scan(letter: string, {from = "10.0.0.5", to = "192.0.2.10", at = 0, ports = 40} = {}): FlowRow[] {
  return rows(ports, (i) => probe({at: at + i * 0.1, from, to, toPort: 1 + i, capture: letter.repeat(64)}));
}
