import type {DimensionName} from "../../lib/dimensions.js";
import type {Filter} from "../../lib/filter.js";
import {formatBytes, formatCount, formatShare} from "../../lib/format.js";
import {type MeasureName, measures} from "../../lib/measures.js";
import {groupName} from "../../lib/names.js";
import {groupColor} from "../../lib/palette.js";
import type {Answer, Cell, Question} from "../../lib/question.js";
import {shortened} from "../../lib/visible-text.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {chart} from "./chart.js";
import {pickable} from "./pickable.js";

export interface BarChartOptions {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  readonly question: Question;
  readonly measure: MeasureName;
  /** Parts of the measure that are drawn in colours of their own, one after the other; else the group's colour. */
  readonly parts?: readonly {readonly measure: MeasureName; readonly name: string; readonly color: string}[];
  /** Bars at most; the rest is in the table. */
  readonly most?: number;
  /** Name of a row; by default of its first group. */
  name?(row: readonly Cell[], notebook: Notebook): string;
  /** What a click on a row filters by; null where it cannot. */
  pick?(row: readonly Cell[], notebook: Notebook): Filter | null;
  keep?(row: readonly Cell[]): boolean;
}

const rowHeight = 40;

/** Groups from the largest down: a line of text above a thin bar, which stays readable at any width. */
export function barChart(notebook: Notebook, options: BarChartOptions): HTMLElement {
  const {question, measure, most = 10} = options;
  const kept = (answer: Answer) => (options.keep ? answer.rows.filter(options.keep) : answer.rows);
  return chart(notebook, {
    id: options.id,
    title: options.title,
    note: options.note,
    ask: ({filter}) => ({question, filter}),
    isEmpty: (answer) => kept(answer).length === 0,
    draw(answer, {notebook, width}) {
      const {columns} = answer;
      const at = columns.indexOf(measure);
      const rows = kept(answer).slice(0, most);
      const dimension = question.by[0] as DimensionName;
      const largest = Math.max(...rows.map((row) => row[at] as number), 1);
      const total = rows.length < 1 ? 1 : answer.rows.reduce((sum, row) => sum + (row[at] as number), 0);
      const format = measures[measure].unit === "bytes" ? formatBytes : formatCount;
      const height = rows.length * rowHeight;
      const svg = svgElement("svg", {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        class: "fb-bars",
        role: "group",
        "aria-label": options.title
      });
      rows.forEach((row, i) => {
        const value = row[at] as number;
        const name = options.name?.(row, notebook) ?? groupName(dimension, row[0]);
        const letters = Math.max(12, Math.floor((width - 110) / 7.2));
        const group = svgElement(
          "g",
          {transform: `translate(0,${i * rowHeight})`},
          svgElement("rect", {class: "fb-hit", width, height: rowHeight - 4, fill: "transparent", rx: 4}),
          svgElement("text", {x: 2, y: 15, class: "fb-bar-name"}, shortened(name, letters)),
          svgElement("text", {x: width - 2, y: 15, "text-anchor": "end", class: "fb-bar-value"}, format(value)),
          svgElement("rect", {y: 22, width, height: 7, rx: 3.5, class: "fb-bar-track"})
        );
        let x = 0;
        const parts = options.parts?.map((part) => ({
          value: row[columns.indexOf(part.measure)] as number,
          color: part.color
        })) ?? [{value, color: groupColor(dimension, row[0])}];
        for (const part of parts) {
          const length = (part.value / largest) * width;
          if (length > 0)
            group.append(
              svgElement("rect", {
                x,
                y: 22,
                width: Math.max(2, length),
                height: 7,
                rx: Math.min(3.5, length / 2),
                fill: part.color
              })
            );
          x += length;
        }
        const details = columns.slice(question.by.length).map((column, k) => {
          const {label, unit} = measures[column as MeasureName];
          const number = row[question.by.length + k] as number;
          return {name: label, value: unit === "bytes" ? `${formatCount(number)} B` : formatCount(number)};
        });
        pickable(
          group,
          name,
          [...details, ...(question.limit ? [] : [{name: "share", value: formatShare(value, total)}])],
          options.pick?.(row, notebook) ?? null,
          notebook
        );
        svg.append(group);
      });
      return {node: svg, legend: options.parts?.map(({name, color}) => ({name, color}))};
    }
  });
}
