import type {DimensionName} from "../../lib/dimensions.js";
import type {Filter} from "../../lib/filter.js";
import {formatBytes, formatCount, formatShare} from "../../lib/format.js";
import {type MeasureName, measures} from "../../lib/measures.js";
import {groupName} from "../../lib/names.js";
import {groupColor} from "../../lib/palette.js";
import type {Answer, Cell, Question} from "../../lib/question.js";
import type {Notebook} from "../page/notebook.js";
import {drawBars} from "./bars.js";
import {chart} from "./chart.js";

export interface BarChartOptions {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  readonly question: Question;
  readonly measure: MeasureName;
  /** Parts of the measure that are drawn in colours of their own, one after the other; else the group's colour. */
  readonly parts?: readonly {readonly measure: MeasureName; readonly name: string; readonly color: string}[];
  /** What a bar of full length is, where that is more than the largest of them: bars then show shares. */
  whole?(notebook: Notebook): number;
  /** Bars at most; the rest is in the table. */
  readonly most?: number;
  /** Name of a row; by default of its first group. */
  name?(row: readonly Cell[], notebook: Notebook): string;
  /** What a click on a row filters by; null where it cannot. */
  pick?(row: readonly Cell[], notebook: Notebook): Filter | null;
  keep?(row: readonly Cell[]): boolean;
  /** What is said where flows match and no row is kept. */
  readonly nothing?: string;
}

/** Groups from the largest down: a line of text above a thin bar, which stays readable at any width. */
export function barChart(notebook: Notebook, options: BarChartOptions): HTMLElement {
  const {question, measure, most = 10} = options;
  const kept = (answer: Answer) => (options.keep ? answer.rows.filter(options.keep) : answer.rows);
  return chart(notebook, {
    id: options.id,
    title: options.title,
    note: options.note,
    nothing: options.nothing,
    ask: ({filter}) => ({question, filter}),
    isEmpty: (answer) => kept(answer).length === 0,
    draw(answer, {notebook, width}) {
      const {columns} = answer;
      const at = columns.indexOf(measure);
      const rows = kept(answer).slice(0, most);
      const dimension = question.by[0] as DimensionName;
      const largest = Math.max(...rows.map((row) => row[at] as number), options.whole?.(notebook) ?? 0, 1);
      const total = rows.length < 1 ? 1 : answer.rows.reduce((sum, row) => sum + (row[at] as number), 0);
      const format = measures[measure].unit === "bytes" ? formatBytes : formatCount;
      const bars = rows.map((row) => {
        const value = row[at] as number;
        const details = columns.slice(question.by.length).map((column, k) => {
          const {label, unit} = measures[column as MeasureName];
          const number = row[question.by.length + k] as number;
          return {name: label, value: unit === "bytes" ? `${formatCount(number)} B` : formatCount(number)};
        });
        return {
          name: options.name?.(row, notebook) ?? groupName(dimension, row[0]),
          said: format(value),
          parts: options.parts?.map((part) => ({
            value: row[columns.indexOf(part.measure)] as number,
            color: part.color
          })) ?? [{value, color: groupColor(dimension, row[0])}],
          details: [...details, ...(question.limit ? [] : [{name: "share", value: formatShare(value, total)}])],
          pick: options.pick?.(row, notebook) ?? null
        };
      });
      const svg = drawBars(notebook, options.title, bars, width, largest);
      return {node: svg, legend: options.parts?.map(({name, color}) => ({name, color}))};
    }
  });
}
