import {
  type DuckDBDataChunk,
  DuckDBDecimalValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
  JsonDuckDBValueConverter
} from "@duckdb/node-api";
import type {Value} from "../../schema/engine.ts";

/** The rows of a chunk in the values of the engine's interface. */
export function chunkRows(chunk: DuckDBDataChunk): Value[][] {
  const rows = Array.from({length: chunk.rowCount}, () => new Array<Value>(chunk.columnCount));
  for (let k = 0; k < chunk.columnCount; k++) {
    const vector = chunk.getColumnVector(k);
    for (let i = 0; i < rows.length; i++) {
      const value = vector.getItem(i);
      rows[i][k] =
        value !== null && typeof value === "object" ? structured(value, () => vector.type) : (value as Value);
    }
  }
  return rows;
}

/** DuckDB's own, but whole numbers are numbers where JSON's are exact. */
const toJson: typeof JsonDuckDBValueConverter = (value, type, converter) =>
  typeof value === "bigint" && Number.isSafeInteger(Number(value))
    ? Number(value)
    : JsonDuckDBValueConverter(value, type, converter);

/** Timestamps as µs since 1970, decimals as doubles, everything nested as JSON text. */
function structured(value: DuckDBValue, type: () => Parameters<typeof JsonDuckDBValueConverter>[1]): Value {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return value.micros;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * 1000n;
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds * 1_000_000n;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos / 1000n;
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  const json = toJson(value, type(), toJson);
  return typeof json === "string" ? json : JSON.stringify(json);
}
