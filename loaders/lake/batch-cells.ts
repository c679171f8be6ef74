import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  SMALLINT,
  TIMESTAMP,
  VARCHAR
} from "@duckdb/node-api";
import {ipv4Text, ipv6Text} from "../../capture/meter/address-text.ts";
import {textsOf} from "../../capture/partitions/texts-of.ts";
import type {ColumnType, Table} from "../../schema/column.ts";
import type {AddressColumn, ColumnData, RowBatch} from "../../schema/rows.ts";

const types = {BIGINT, DOUBLE, FLOAT, INTEGER, SMALLINT, TIMESTAMP, VARCHAR, BOOLEAN} as const satisfies Record<
  ColumnType,
  unknown
>;

/** Rows of a chunk at most: the engine's vectors hold no more. */
const chunkRows = 2048;

/** A value of a column by its row: texts as text, numbers as numbers, 64-bit identifiers as bigint, null for unknown. */
export type CellReader = (row: number) => string | number | bigint | null;

/** Reads the values of a column. An address's text is made once. */
export function cellReader(data: ColumnData | AddressColumn): CellReader {
  if ("codes" in data) {
    const texts = textsOf(data);
    return (row) => (data.codes[row] < 0 ? null : texts[data.codes[row]]);
  }
  if ("width" in data) {
    const bytes = Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.byteLength);
    return (row) =>
      bytes[row * data.width] === 0 ? null : bytes.toString("latin1", row * data.width, (row + 1) * data.width);
  }
  if ("addresses" in data) return addressReader(data);
  return (row) => {
    const value = data[row];
    return typeof value === "number" && Number.isNaN(value) ? null : value;
  };
}

function addressReader({addresses, stride, versions, versionStride}: AddressColumn): CellReader {
  const known = new Map<number, string>();
  return (row) => {
    const at = row * stride;
    const version = versions[row * versionStride];
    if (version !== 4) return version === 0 ? null : ipv6Text(addresses, at);
    const key = (addresses[at] << 24) | (addresses[at + 1] << 16) | (addresses[at + 2] << 8) | addresses[at + 3];
    let text = known.get(key);
    if (text === undefined) known.set(key, (text = ipv4Text(addresses, at)));
    return text;
  };
}

/** The rows of a batch as chunks for the engine's appender, with all columns of the table. */
export function* batchChunks({columns}: Table, batch: RowBatch): Generator<DuckDBDataChunk> {
  const readers = batch.columns.map(cellReader);
  for (let from = 0; from < batch.rows; from += chunkRows) {
    const rows = Math.min(chunkRows, batch.rows - from);
    const chunk = DuckDBDataChunk.create(
      columns.map(({type}) => types[type]),
      rows
    );
    for (const [k, {type}] of columns.entries()) {
      const convert = converter(type);
      const values: DuckDBValue[] = new Array(rows);
      for (let i = 0; i < rows; i++) {
        const value = readers[k](from + i);
        values[i] = value === null ? null : convert(value);
      }
      chunk.setColumnValues(k, values);
    }
    yield chunk;
  }
}

function converter(type: ColumnType): (value: string | number | bigint) => DuckDBValue {
  if (type === "BIGINT") return (value) => BigInt(value);
  if (type === "TIMESTAMP") return (value) => new DuckDBTimestampValue(BigInt(Math.round(Number(value))));
  if (type === "BOOLEAN") return (value) => value === 1;
  return (value) => value;
}
