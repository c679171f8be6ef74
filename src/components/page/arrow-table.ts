import * as arrow from "npm:apache-arrow";

/**
 * An Arrow IPC stream as a table for Plot and Inputs: whole numbers of 64 bits become doubles, which charts can add, and
 * times become dates. Its rows are plain objects, each always the same one, so that a row can be chosen in a table.
 */
export function arrowTable(bytes: Uint8Array): arrow.Table {
  const table = arrow.tableFromIPC(bytes);
  const fields = table.schema.fields.map(({name, type}) => new arrow.Field(name, readableType(type), true));
  const schema = new arrow.Schema(fields);
  const batches = table.batches.map((batch) => {
    const children = batch.data.children.map((data, k) => readable(data, fields[k].type));
    const struct = arrow.makeData({type: new arrow.Struct(fields), length: batch.numRows, nullCount: 0, children});
    return new arrow.RecordBatch(schema, struct);
  });
  return withRows(new arrow.Table(schema, batches));
}

function withRows(table: arrow.Table): arrow.Table {
  let made: Record<string, unknown>[] | undefined;
  const rows = () => {
    if (made) return made;
    const columns = table.schema.fields.map(({name, type}, k) => ({
      name,
      isTime: arrow.DataType.isDate(type),
      vector: table.getChildAt(k)!
    }));
    made = Array.from({length: table.numRows}, (_, row) =>
      Object.fromEntries(
        columns.map(({name, isTime, vector}) => {
          const value = vector.get(row);
          return [name, isTime && value !== null ? new Date(value) : value];
        })
      )
    );
    return made;
  };
  return Object.defineProperties(table, {
    get: {value: (row: number) => rows().at(row) ?? null},
    toArray: {value: () => [...rows()]},
    [Symbol.iterator]: {value: () => rows()[Symbol.iterator]()}
  });
}

function readableType(type: arrow.DataType): arrow.DataType {
  if (arrow.DataType.isTimestamp(type)) return new arrow.DateMillisecond();
  return arrow.DataType.isInt(type) && type.bitWidth === 64 ? new arrow.Float64() : type;
}

function readable(data: arrow.Data, type: arrow.DataType): arrow.Data {
  if (type === data.type || data.type.toString() === type.toString()) return data;
  const {length, nullCount, nullBitmap} = data;
  const shared = {length, nullCount, nullBitmap: nullBitmap?.length ? nullBitmap : undefined};
  const values = (data.values as BigInt64Array).subarray(0, length);
  if (!(type instanceof arrow.DateMillisecond))
    return arrow.makeData({type: new arrow.Float64(), ...shared, data: Float64Array.from(values, Number)});
  const perMs = unitsPerMs[(data.type as arrow.Timestamp).unit];
  const times = values.map((value) => (perMs < 1 ? value * 1000n : value / BigInt(perMs)));
  return arrow.makeData({type, ...shared, data: times as BigInt64Array});
}

/** By Arrow's unit of time: seconds, ms, µs, ns. */
const unitsPerMs = [0.001, 1, 1000, 1_000_000] as const;
