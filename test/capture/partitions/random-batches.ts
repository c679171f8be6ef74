import {ipv4Text, ipv6Text} from "../../../capture/meter/address-text.ts";
import {textsOf} from "../../../capture/partitions/texts-of.ts";
import type {Column, Table} from "../../../schema/column.ts";
import type {AddressColumn, ColumnData, RowBatch} from "../../../schema/rows.ts";
import {encodedColumn} from "./encoded.ts";

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Texts that have broken formats, quoting and terminals before. */
export const hostileTexts = [
  "",
  " ",
  "it's",
  'say "hi"',
  "a,b;c\td",
  "line\nbreak\r",
  "=1+1",
  "nul\0byte",
  "\u202Egnp.exe",
  "ünïcödé",
  "日本",
  "😀",
  "NULL",
  "x".repeat(5000),
  "\\000",
  "</script>"
];

/** A batch of random rows: NULLs where columns may have them, and every form a column can come in. */
export function randomBatch(table: Table, rows: number, random: () => number): RowBatch {
  return {table: table.name, rows, columns: table.columns.map((column) => randomColumn(column, rows, random))};
}

function randomColumn({name, type, nullable}: Column, rows: number, random: () => number): ColumnData | AddressColumn {
  const isNull = () => nullable === true && random() < 0.2;
  const fill = <A extends Float64Array | Float32Array>(into: A, value: () => number) => {
    for (let i = 0; i < rows; i++) into[i] = isNull() ? Number.NaN : value();
    return into;
  };
  if (name === "community_id" && random() < 0.8) {
    const bytes = new Uint8Array(rows * 30);
    for (let i = 0; i < bytes.length; i++) bytes[i] = 48 + Math.floor(random() * 60);
    for (let i = 0; i < rows; i++) if (random() < 0.1) bytes.fill(0, i * 30, i * 30 + 30);
    return {width: 30, bytes};
  }
  if (name.endsWith("dst_ip") && random() < 0.8) {
    const versions = Uint8Array.from({length: rows}, () => (isNull() ? 0 : random() < 0.5 ? 4 : 6));
    const addresses = Uint8Array.from({length: rows * 16}, (_, k) =>
      k % 16 === 0 ? 32 : random() < 0.5 ? 0 : random() * 3
    );
    return {addresses, stride: 16, versions, versionStride: 1};
  }
  if (name === "flow_id")
    return BigInt64Array.from({length: rows}, () => BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 53)) * 4093n));
  switch (type) {
    case "VARCHAR": {
      const values = [
        ...new Set([...hostileTexts, ...Array.from({length: 400}, () => random().toString(36).slice(2))])
      ];
      const codes = Int32Array.from({length: rows}, () => (isNull() ? -1 : Math.floor(random() * values.length)));
      return random() < 0.5 ? {codes, values} : encodedColumn(codes, values);
    }
    case "FLOAT":
      return fill(new Float32Array(rows), () => (random() < 0.1 ? Number.NEGATIVE_INFINITY : (random() - 0.5) * 1e9));
    case "DOUBLE":
      return fill(new Float64Array(rows), () => (random() - 0.5) * 1e300);
    case "BOOLEAN":
      return fill(new Float64Array(rows), () => Math.round(random()));
    case "SMALLINT":
      return fill(new Float64Array(rows), () => Math.floor((random() - 0.5) * 2 ** 16));
    case "INTEGER":
      return fill(new Float64Array(rows), () => Math.floor((random() - 0.5) * 2 ** 32));
    case "TIMESTAMP":
      return fill(new Float64Array(rows), () => Math.floor(random() * 1e9) - 5e8 + (random() < 0.5 ? 0 : 1.7e15));
    case "BIGINT":
      return fill(new Float64Array(rows), () => Math.floor((random() - 0.5) * 2 ** 53));
  }
}

/** One value of a batch as DuckDB's JSON reader gives it back; null for NULL. */
export function cell(data: ColumnData | AddressColumn, row: number): string | number | bigint | null {
  if ("codes" in data) return data.codes[row] < 0 ? null : textsOf(data)[data.codes[row]];
  if ("addresses" in data) {
    const version = data.versions[row * data.versionStride];
    if (version === 0) return null;
    return (version === 4 ? ipv4Text : ipv6Text)(data.addresses, row * data.stride);
  }
  if ("width" in data) {
    const text = Buffer.from(data.bytes.subarray(row * data.width, (row + 1) * data.width)).toString("latin1");
    return text.startsWith("\0") ? null : text;
  }
  const value = data[row];
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}
