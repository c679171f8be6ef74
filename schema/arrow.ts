import {Bool, type DataType, Float32, Float64, Int16, Int32, Int64, TimestampMicrosecond, Utf8} from "apache-arrow";
import type {ColumnType} from "./column.ts";

/** The Arrow type of each SQL type in use; a TIMESTAMP is µs since 1970 without a zone (UTC by convention). */
const arrowTypes: Record<ColumnType, () => DataType> = {
  BIGINT: () => new Int64(),
  INTEGER: () => new Int32(),
  SMALLINT: () => new Int16(),
  DOUBLE: () => new Float64(),
  FLOAT: () => new Float32(),
  BOOLEAN: () => new Bool(),
  VARCHAR: () => new Utf8(),
  TIMESTAMP: () => new TimestampMicrosecond()
};

/** A new Arrow type for an SQL type; texts stand in for types that the lake does not use. */
export function arrowType(type: string): DataType {
  return Object.hasOwn(arrowTypes, type) ? arrowTypes[type as ColumnType]() : new Utf8();
}
