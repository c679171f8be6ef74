import {expect, it} from "vitest";
import {LiveRows} from "../../../capture/live/live-rows.ts";
import type {RowBatch} from "../../../schema/rows.ts";
import {encodedColumn} from "../partitions/encoded.ts";
import {cell} from "../partitions/random-batches.ts";

it("records are copied out of whatever memory they lie in, no more than their rows", () => {
  const memory = new WebAssembly.Memory({initial: 4}).buffer;
  const encoded = encodedColumn(Int32Array.of(1, -1, 0), ["ü", ""]);
  const texts = new Uint8Array(memory, 100, encoded.texts.length);
  texts.set(encoded.texts);
  const numbers = new Float64Array(memory, 800, 16);
  numbers.set([1, Number.NaN, 3]);
  const records: RowBatch = {
    table: "dns",
    rows: 3,
    columns: [
      numbers,
      {...encoded, texts},
      {codes: Int32Array.of(0, 0, -1), values: ["a"]},
      {width: 2, bytes: new Uint8Array(memory, 4000, 64).fill(0x62)},
      {addresses: new Uint8Array(memory, 5000, 48), stride: 16, versions: Uint8Array.of(4, 6, 0), versionStride: 1}
    ]
  };
  const rows = new LiveRows();
  rows.records(records);
  const [batch] = rows.take(0, 0, 0).records;
  new Uint8Array(memory).fill(0xff);
  expect(Array.from({length: 3}, (_, i) => batch.columns.map((column) => cell(column, i)))).toEqual([
    [1, "", "a", "bb", "0.0.0.0"],
    [null, null, "a", "bb", "::"],
    [3, "ü", null, "bb", null]
  ]);
  const bytes = batch.columns.flatMap((data) =>
    ("texts" in data ? [data.codes, data.texts] : "width" in data ? [data.bytes] : []).map(
      ({buffer}) => buffer.byteLength
    )
  );
  expect(bytes).toEqual([12, encoded.texts.length, 6]);
});
