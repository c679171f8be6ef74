import type {Cell} from "../../lib/question.js";
import type {RecordQuestion} from "../../lib/records/record-source.js";
import type {Notebook} from "../page/notebook.js";
import {ColumnChoice} from "./column-choice.js";
import {plainTable} from "./plain-table.js";
import {recordChart} from "./record-chart.js";

export interface RecordListOptions {
  readonly question: RecordQuestion;
  readonly note?: string;
  readonly none?: string;
  /** What a click on a row's first column does. */
  pick?(row: readonly Cell[]): void;
}

/** A question's answer as a table in a card. */
export function recordList(notebook: Notebook, {question, note, none, pick}: RecordListOptions): HTMLElement {
  const {name, columns, title, rare = []} = question;
  let redraw = () => {};
  const choice = new ColumnChoice(
    name,
    columns,
    columns.filter((column) => !rare.includes(column.name)),
    () => redraw()
  );
  choice.node.hidden = true;
  return recordChart(notebook, {
    question,
    note,
    none,
    controls(draw) {
      redraw = draw;
      return [choice.node];
    },
    draw: (answer) => ({node: plainTable(notebook, columns, answer, title, {pick, choice})})
  });
}
