import {ipv4Text, ipv6Text} from "../../../capture/meter/address-text.ts";
import {textsOf} from "../../../capture/partitions/texts-of.ts";
import type {AddressColumn, RowBatch} from "../../../schema/rows.ts";
import {type TableName, table} from "../../../schema/tables.ts";

export type Value = string | number | bigint | null;
export type RecordRow = Record<string, Value>;

/** Rows of a batch as objects, for comparisons. */
export function rowsOf(batch: RowBatch): RecordRow[] {
  const {columns} = table(batch.table as TableName);
  return Array.from({length: batch.rows}, (_, row) =>
    Object.fromEntries(
      columns.map(({name}, i) => {
        const column = batch.columns[i];
        if ("codes" in column) return [name, column.codes[row] < 0 ? null : textsOf(column)[column.codes[row]]];
        if ("addresses" in column) return [name, addressText(column, row)];
        if (!ArrayBuffer.isView(column)) throw new Error(`${name}: expected numbers or texts by code`);
        const value = column[row];
        return [name, typeof value === "number" && Number.isNaN(value) ? null : value];
      })
    )
  );
}

function addressText({addresses, stride, versions, versionStride}: AddressColumn, row: number): string | null {
  if (versions[row * versionStride] === 0) return null;
  const text = versions[row * versionStride] === 4 ? ipv4Text : ipv6Text;
  return text(addresses, row * stride);
}
