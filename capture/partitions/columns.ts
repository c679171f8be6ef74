import type {Column} from "../../schema/column.ts";
import type {AddressColumn, ColumnData} from "../../schema/rows.ts";
import {AddressBuffer} from "./addresses.ts";
import type {ColumnBuffer} from "./column-buffer.ts";
import {FixedTextBuffer} from "./fixed-text.ts";
import {formFor, NumberBuffer} from "./numbers.ts";
import {TextBuffer} from "./texts.ts";

/** A buffer for a column, in the form that the first batch brings it. Throws where data and type do not go together. */
export function columnBuffer(column: Column, data: ColumnData | AddressColumn): ColumnBuffer {
  if ("codes" in data || "width" in data || "addresses" in data) {
    if (column.type !== "VARCHAR")
      throw new Error(`column ${column.name}: expected numbers for ${column.type}, found texts`);
    if ("addresses" in data) return new AddressBuffer(column.name);
    return "codes" in data ? new TextBuffer(column.name) : new FixedTextBuffer(column.name, data.width);
  }
  if (column.type === "VARCHAR") throw new Error(`column ${column.name}: expected texts, found numbers`);
  return new NumberBuffer(column.name, column.type, formFor(column.type, data));
}

/** A buffer for a column that no row was brought for. */
export function emptyColumnBuffer(column: Column): ColumnBuffer {
  return column.type === "VARCHAR" ? new TextBuffer(column.name) : new NumberBuffer(column.name, column.type, "f64");
}
