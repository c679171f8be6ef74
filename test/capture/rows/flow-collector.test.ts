import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {expect, it} from "vitest";
import type {FinishedFlows} from "../../../capture/meter/meter.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {FlowCollector} from "../../../capture/rows/flow-collector.ts";
import {openSource} from "../../../capture/sources/open.ts";
import type {AddressColumn, CodedTextColumn, ColumnData, EncodedTextColumn, RowBatch} from "../../../schema/rows.ts";
import {type TableName, table} from "../../../schema/tables.ts";
import {given as notMetered} from "../meter/metered.ts";
import {encodedColumn} from "../partitions/encoded.ts";
import {cell} from "../partitions/random-batches.ts";

const demo = resolve(import.meta.dirname, "../../../data/demo/demo.pcap");
const given = [...notMetered];

/** Columns that the meter does not give: another text in each row, NULL in every third; every other column as bytes. */
function known(rows: number): Record<string, CodedTextColumn> {
  const codes = Int32Array.from({length: rows}, (_, i) => (i % 3 === 2 ? -1 : i));
  return Object.fromEntries(
    given.map((name, k) => {
      const values = Array.from({length: rows}, (_, i) => `${name} ${i}`);
      return [name, k % 2 === 0 ? {codes, values} : inMemory(encodedColumn(codes, values))];
    })
  );
}

/** The same column in memory that cannot be moved, as the core's. */
function inMemory({codes, texts, distinct}: EncodedTextColumn): EncodedTextColumn {
  const memory = new WebAssembly.Memory({initial: 1 + (texts.length >> 16)});
  const there = new Uint8Array(memory.buffer, 13, texts.length);
  there.set(texts);
  return {codes, texts: there, distinct};
}

const columnTexts = (column: ColumnData | AddressColumn, rows: number) =>
  Array.from({length: rows}, (_, i) => cell(column, i));

it("a batch is collected with the meter's values and those known otherwise, also in memory used before", async () => {
  const meter = await createMeter({...defaultSettings, captureSeed: "0".repeat(64)});
  const source = await openSource(demo);
  const memory = (bytes: number) => new Uint8Array(bytes).fill(0xa5).buffer;
  let compared = 0;
  const compare = (name: TableName, flows: FinishedFlows) => {
    const texts = known(flows.rows);
    const collector = new FlowCollector(name, memory);
    expect(collector.add(flows, texts)).toBe(null);
    const collected = collector.take()!;
    expect(collected.columns.length).toBe(table(name).columns.length);
    for (const [k, {name: column}] of table(name).columns.entries()) {
      const expected = texts[column] ?? flows.addresses(column) ?? flows.column(column);
      expect(columnTexts(collected.columns[k], flows.rows)).toEqual(columnTexts(expected, flows.rows));
    }
    compared += flows.rows;
  };
  const sink = {
    onPayload: () => false,
    onFlow() {},
    onFlows(flows: FinishedFlows) {
      expect(flows.rows).toBeLessThanOrEqual(512);
      compare("flows", flows);
      compare("features", flows);
    }
  };
  while (await source.next(meter.batch)) meter.process(sink);
  meter.flush(sink);
  await source.close();
  expect(compared).toBe(2 * 830);
});

it("blocks of collected batches are written and read back, their texts with them; full ones are moved whole", async () => {
  const lake = mkdtempSync(join(tmpdir(), "flowbook-blocks-"));
  const writer = openLakeWriter(lake, 1_790_000_000_000);
  const collector = new FlowCollector("flows", (bytes) => writer.memory(bytes), 1000);
  const meter = await createMeter({...defaultSettings, captureSeed: "0".repeat(64)});
  const source = await openSource(demo);
  const expected: string[] = [];
  const send = (batch: RowBatch | null) => {
    if (!batch) return;
    writer.write(batch);
    for (const column of batch.columns) if ("texts" in column) expect(column.texts.length).toBe(0);
    expect(batch.memory?.byteLength ?? 0).toBe(0);
  };
  const sink = {
    onPayload: () => false,
    onFlow() {},
    onFlows(flows: FinishedFlows) {
      for (let round = 0; round < 4; round++) {
        const texts = known(flows.rows);
        for (let i = 0; i < flows.rows; i++) expected.push(given.map((name) => cell(texts[name], i)).join("|"));
        send(collector.add(flows, texts));
      }
    }
  };
  while (await source.next(meter.batch)) meter.process(sink);
  meter.flush(sink);
  await source.close();
  send(collector.take());
  await writer.seal([{capture_sha256: "c", path: "p"} as never]);
  await writer.close();
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(`SELECT ${given} FROM '${lake}/flows/*.parquet'`);
  connection.closeSync();
  instance.closeSync();
  rmSync(lake, {recursive: true});
  expect(expected.length).toBe(4 * 830);
  expect(
    found
      .getRows()
      .map((row) => row.join("|"))
      .sort()
  ).toEqual(expected.sort());
});
