import {isoTime, isTimestamp} from "../loaders/export/text-formats.ts";
import type {Collected, KeptRow} from "../loaders/lake/duckdb.ts";
import type {Value} from "../schema/engine.ts";
import {counted} from "./counted.ts";
import {printable} from "./progress.ts";

const widestCell = 60;

/** What a table shows of a row: the beginning of each value, with escapes for what would move the cursor. */
export const shownCells: KeptRow<string[]> = (row, columns) =>
  row.map((value, k) => cell(value, isTimestamp(columns[k])));

/** Rows of shown cells as text in columns: numbers to the right, NULL as a middle dot. */
export function asTable({columns, rows}: Collected<readonly string[]>): string {
  const names = columns.map(({name}) => printable(name));
  const widths = names.map((name, k) => rows.reduce((width, row) => Math.max(width, row[k].length), name.length));
  const numeric = columns.map(({type}) => /INT|DOUBLE|FLOAT|DECIMAL/.test(type));
  const line = (row: readonly string[]) =>
    row
      .map((text, k) => (numeric[k] ? text.padStart(widths[k]) : text.padEnd(widths[k])))
      .join("  ")
      .trimEnd();
  const count = `(${counted(rows.length, "row")})`;
  return [line(names), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line), count].join("\n");
}

function cell(value: Value, isTime: boolean): string {
  if (value === null) return "·";
  if (isTime) return isoTime(value);
  // A copy, which does not keep the whole text.
  const text = String(value);
  const shown = printable(text.length > widestCell ? Buffer.from(text.slice(0, widestCell)).toString() : text);
  return shown.length > widestCell || text.length > widestCell ? `${shown.slice(0, widestCell - 1)}…` : shown;
}
