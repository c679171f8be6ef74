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

/** Characters of texts that a piece of a chunk holds about at most. */
const mostChars = 16_000_000;

/** The rows of a chunk in the values of the engine's interface. */
export function chunkRows(chunk: DuckDBDataChunk): Value[][] {
  return [...chunkPieces(chunk)].flat();
}

/**
 * The rows of a chunk in pieces, one as a rule. Where texts are large, a piece ends with the row that fills it, and what is
 * read later is not in memory yet: a chunk has up to 2,048 rows, whatever they weigh.
 */
export function* chunkPieces(chunk: DuckDBDataChunk): Generator<Value[][]> {
  const {rowCount, columnCount} = chunk;
  const most = mostChars / columnCount;
  for (let from = 0, rows: Value[][]; from < rowCount; from += rows.length) {
    rows = Array.from({length: rowCount - from}, () => new Array<Value>(columnCount));
    for (let k = 0; k < columnCount; k++) {
      const whole = chunk.getColumnVector(k);
      // A vector keeps the texts that were read from it; a slice of it is let go with its piece.
      const vector = from === 0 ? whole : whole.slice(from, rowCount - from);
      let chars = 0;
      for (let i = 0; i < rows.length; i++) {
        const item = vector.getItem(i);
        const value = (rows[i][k] =
          item !== null && typeof item === "object" ? structured(item, () => vector.type) : (item as Value));
        if (typeof value === "string" && (chars += value.length) > most) rows.length = i + 1;
      }
    }
    yield rows;
  }
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
