import {resolve} from "node:path";
import {expect, it} from "vitest";
import {copyFlows} from "../../capture/flow-batch.ts";
import {FlowCollector} from "../../capture/flow-collector.ts";
import type {FinishedFlows} from "../../capture/meter/meter.ts";
import {createMeter, defaultSettings} from "../../capture/meter/wasm-meter.ts";
import {openSource} from "../../capture/sources/open.ts";
import type {RowBatch, TextColumn} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import {cell} from "./partitions/random-batches.ts";

const demo = resolve(import.meta.dirname, "../../data/demo/demo.pcap");
const given = ["capture_sha256", "service", "service_guess", "server_name", "dns_name", "ja4"];

/** Columns that the meter does not give: another text in each row, NULL in every third. */
function known(rows: number): Record<string, TextColumn> {
  const codes = Int32Array.from({length: rows}, (_, i) => (i % 3 === 2 ? -1 : i));
  return Object.fromEntries(
    given.map((name) => [name, {codes, values: Array.from({length: rows}, (_, i) => `${name} ${i}`)}])
  );
}

const rowsOf = (batch: RowBatch) =>
  Array.from({length: batch.rows}, (_, i) => batch.columns.map((column) => String(cell(column, i))));

it("a batch copied in large pieces has the values of one copied column by column, also in memory used before", async () => {
  const meter = await createMeter({...defaultSettings, captureSeed: "0".repeat(64)});
  const source = await openSource(demo);
  const used = new Map<number, ArrayBuffer>();
  const memory = (bytes: number) => {
    if (!used.has(bytes)) used.set(bytes, new Uint8Array(bytes).fill(0xa5).buffer);
    return used.get(bytes)!;
  };
  let compared = 0;
  const compare = (name: TableName, flows: FinishedFlows) => {
    const texts = known(flows.rows);
    const collector = new FlowCollector(name, (bytes) => new ArrayBuffer(bytes));
    expect(collector.add(flows, texts)).toBe(null);
    const copy = copyFlows(name, flows, texts, memory);
    expect(copy.columns.length).toBe(table(name).columns.length);
    expect(rowsOf(copy)).toEqual(rowsOf(collector.take()!));
    compared += flows.rows;
  };
  const sink = {
    onPayload: () => false,
    onFlow() {},
    onFlows(flows: FinishedFlows) {
      compare("flows", flows);
      compare("features", flows);
    }
  };
  while (await source.next(meter.batch)) meter.process(sink);
  meter.flush(sink);
  await source.close();
  expect(compared).toBe(2 * 830);
});
