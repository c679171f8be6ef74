import {isoTime, isTimestamp} from "../loaders/export/text-formats.ts";
import type {Result, Value} from "../schema/engine.ts";
import {printable} from "./progress.ts";

const widestCell = 60;

/** A result as text in columns: numbers to the right, NULL as a middle dot, what would move the cursor escaped. */
export function asTable({columns, rows}: Result): string {
  const cells = rows.map((row) => row.map((value, k) => cell(value, isTimestamp(columns[k]))));
  const names = columns.map(({name}) => printable(name));
  const widths = names.map((name, k) => cells.reduce((width, row) => Math.max(width, row[k].length), name.length));
  const numeric = columns.map(({type}) => /INT|DOUBLE|FLOAT|DECIMAL/.test(type));
  const line = (row: readonly string[]) =>
    row
      .map((text, k) => (numeric[k] ? text.padStart(widths[k]) : text.padEnd(widths[k])))
      .join("  ")
      .trimEnd();
  const count = `(${rows.length.toLocaleString("en")} ${rows.length === 1 ? "row" : "rows"})`;
  return [line(names), widths.map((width) => "─".repeat(width)).join("  "), ...cells.map(line), count].join("\n");
}

function cell(value: Value, isTime: boolean): string {
  if (value === null) return "·";
  const text = isTime ? isoTime(value) : printable(String(value));
  return text.length > widestCell ? `${text.slice(0, widestCell - 1)}…` : text;
}
