import type {Filter} from "../../lib/filter.js";
import {formatBytes, formatCount} from "../../lib/format.js";
import type {Cell} from "../../lib/question.js";
import type {RecordQuestion} from "../../lib/records/record-source.js";
import {drawBars} from "../charts/bars.js";
import type {Notebook} from "../page/notebook.js";
import {cellText} from "./record-cell.js";
import {placeOf, recordChart} from "./record-chart.js";

export interface RecordBarsOptions {
  readonly question: RecordQuestion;
  readonly note?: string;
  /** The column that bars are as long as; the second by default. */
  readonly measure?: string;
  readonly most?: number;
  readonly none?: string;
  color?(row: readonly Cell[]): string;
  pick?(row: readonly Cell[]): Filter | (() => void) | null;
}

/** A question's groups from the largest down; the first column names them. */
export function recordBars(notebook: Notebook, options: RecordBarsOptions): HTMLElement {
  const {question, most = 8, note, none} = options;
  const {columns, title} = question;
  const at = placeOf(columns, options.measure ?? columns[1].name);
  return recordChart(notebook, {
    question,
    note,
    none,
    draw({rows}, {width}) {
      const shown = rows.slice(0, most);
      const bars = shown.map((row) => ({
        name: cellText(columns[0].kind, row[0], notebook.zone),
        said: columns[at].kind === "bytes" ? formatBytes(row[at] as number) : formatCount(row[at] as number),
        parts: [{value: row[at] as number, color: options.color?.(row) ?? "var(--fb-blue)"}],
        details: columns
          .slice(1)
          .map(({label, kind}, k) => ({name: label, value: cellText(kind, row[k + 1], notebook.zone)})),
        pick: options.pick?.(row) ?? null
      }));
      const largest = Math.max(...shown.map((row) => row[at] as number), 1);
      return {node: drawBars(notebook, title, bars, width, largest)};
    }
  });
}
