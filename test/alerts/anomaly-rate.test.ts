import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {anomalyIncidents} from "../../alerts/anomaly-rate.ts";
import {incidentsOfLake} from "../../alerts/gather.ts";
import {noAlerts} from "../../alerts/settings.ts";
import {rowsToBatch} from "../../capture/partitions/rows-to-batch.ts";
import {openLakeWriter} from "../../capture/partitions/writer.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {epochUs, flow, rows} from "../../models/rules/fixtures/rows/flow-rows.ts";
import {table} from "../../schema/tables.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-anomaly-rate-"));
const capture = "e".repeat(64);

/** Flows of five windows of 300 s: shares of 10, 40 and 60 %, then 10 flows that are all anomalous, then 50 % unscored. */
beforeAll(async () => {
  const windows = [
    {count: 100, anomalous: 10},
    {count: 100, anomalous: 40},
    {count: 50, anomalous: 30},
    {count: 10, anomalous: 10},
    {count: 60, anomalous: 30}
  ];
  const flows = windows.flatMap(({count}, w) => rows(count, (i) => flow({at: w * 300 + i, capture})));
  const marks = windows.flatMap(({count, anomalous}, w) =>
    Array.from({length: count}, (_, i) => (w === 4 && i >= 30 ? null : i < anomalous))
  );
  const writer = openLakeWriter(lake, 1_790_000_000_000);
  writer.write(rowsToBatch(table("flows"), flows));
  writer.write(
    rowsToBatch(
      table("verdicts"),
      flows.map(({flow_id}, i) => ({
        flow_id,
        capture_sha256: capture,
        model: "m",
        label: "Normal",
        probability: 0.9,
        is_unknown: false,
        anomaly_score: marks[i] === null ? null : 0.1,
        is_anomaly: marks[i],
        suspicious: false
      }))
    )
  );
  await writer.seal([{capture_sha256: capture, path: "rates.pcap", flows: 320n, imported_at: 1} as never]);
  await writer.close();
});
afterAll(() => rmSync(lake, {recursive: true, force: true}));

it("windows beyond the share of scored flows are one incident where they follow each other; few scored flows say nothing", async () => {
  const engine = await openLake(lake);
  const [incident, ...others] = await anomalyIncidents(engine, 40);
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    class: "anomaly_rate",
    severity: "medium",
    capture: "rates.pcap",
    src_ip: null,
    dst_ip: null,
    flows: 70,
    ts_start: epochUs + 300e6,
    summary: "70 of 150 scored flows are anomalous, 46.7 %."
  });
  expect(incident.findings[0].reasons[0]).toMatchObject({
    text: "anomalous among scored flows: 46.7 % (limit: at least 40 %)",
    value: 46.7,
    limit: 40,
    unit: "%"
  });
  expect((await anomalyIncidents(engine, 50)).map(({flows}) => flows)).toEqual([30]);
  expect(await anomalyIncidents(engine, 61)).toEqual([]);
  await engine.close();
});

it("is told only where a share is set", async () => {
  expect((await incidentsOfLake(lake, noAlerts)).filter((one) => one.class === "anomaly_rate")).toEqual([]);
  const told = await incidentsOfLake(lake, {...noAlerts, anomalyPercent: 40});
  expect(told.filter((one) => one.class === "anomaly_rate").length).toBe(1);
});
