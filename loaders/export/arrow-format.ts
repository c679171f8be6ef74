import {
  AsyncByteQueue,
  type DataType,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond
} from "apache-arrow";
import {arrowType} from "../../schema/arrow.ts";
import type {ResultColumn, ResultStream, Value} from "../../schema/engine.ts";
import {arrowColumn} from "./arrow-columns.ts";

/** A result as an Arrow IPC stream, in pieces of bytes; counts its rows into `counted`. */
export async function* arrowStream(result: ResultStream, counted: {rows: number}): AsyncGenerator<Uint8Array> {
  const types = result.columns.map(typeOf);
  const schema = new Schema(result.columns.map(({name}, k) => new Field(name, types[k], true)));
  const pieces = new Pieces();
  const writer = new RecordBatchStreamWriter();
  writer.reset(pieces, schema);
  for await (const rows of result.batches) {
    writer.write(recordBatch(schema, types, rows));
    counted.rows += rows.length;
    yield* pieces.taken.splice(0);
  }
  writer.finish();
  yield* pieces.taken;
}

/** What the writer has written, taken batch by batch: its own queue has no bound. */
class Pieces extends AsyncByteQueue {
  readonly taken: Uint8Array[] = [];
  override write(bytes: Uint8Array): void {
    // A copy: the writer's buffers belong to builders that are used again.
    if (bytes.byteLength > 0) this.taken.push(Uint8Array.from(bytes));
  }
}

function recordBatch(schema: Schema, types: readonly DataType[], rows: readonly (readonly Value[])[]): RecordBatch {
  const children = types.map((type, k) => arrowColumn(type, rows, k));
  return new RecordBatch(schema, makeData({type: new Struct(schema.fields), length: rows.length, children}));
}

/** Types that the lake does not use but a query may give: sums are HUGEINT, which Arrow has not. */
function typeOf({type}: ResultColumn): DataType {
  if (type.startsWith("TIMESTAMP")) return new TimestampMicrosecond();
  if (/^(?:U?HUGEINT|DECIMAL|UBIGINT)/.test(type)) return new Float64();
  return /^(?:U?TINYINT|USMALLINT|UINTEGER)$/.test(type) ? new Int64() : arrowType(type);
}
