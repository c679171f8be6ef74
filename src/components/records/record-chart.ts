import type {Stated} from "../../lib/answer-source.js";
import {areLogs} from "../../lib/captures.js";
import type {Answer} from "../../lib/question.js";
import type {NamedCell, RecordQuestion} from "../../lib/records/record-source.js";
import {filterOf, recordCountStated, recordQuestionStated} from "../../lib/records/record-sql.js";
import type {SqlContext} from "../../lib/sql.js";
import type {Box} from "../charts/chart.js";
import {chartFrame, type Drawing} from "../charts/chart-frame.js";
import {bucketsFor} from "../charts/time-chart.js";
import {element} from "../page/element.js";
import {noFlows, setAside} from "../page/empty.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import {plainTable} from "./plain-table.js";

export interface RecordChartOptions {
  readonly question: RecordQuestion;
  readonly note?: string;
  draw(answer: Answer, box: Box): Drawing;
  /** What is said where there are records, and nothing of this kind among them. */
  readonly none?: string;
  /** Switches beside its menu; they call `redraw`. */
  controls?(redraw: () => void): readonly Element[];
}

/** What statements of a page over records are made with: all of them alike, so that they share what a filter selects. */
export function contextOf(notebook: Notebook): SqlContext {
  return {model: notebook.facts.model, isServed: isServed()};
}

/** The statement of a question for a chart of a width. */
export function statementOf(notebook: Notebook, question: RecordQuestion, width: number): Stated {
  const grid = notebook.grid(bucketsFor(width));
  return recordQuestionStated(question, notebook.filter, grid, contextOf(notebook));
}

/** A chart over the records that pass the filter: the frame of all charts around a statement's answer. */
export function recordChart(
  notebook: Notebook,
  {question, note, draw, none, controls}: RecordChartOptions
): HTMLElement {
  const {name, title, columns} = question;
  const answerAt = (width: number) => notebook.stated([statementOf(notebook, question, width)])[0];
  const {card} = chartFrame({
    id: name,
    title,
    note: () => note ?? "",
    controls,
    draw(width, hidden) {
      if (notebook.isEmpty && !question.source.flowless) return {node: noFlows()};
      const answer = answerAt(width);
      setAside(notebook, card, answer.rows.length === 0);
      if (answer.rows.length > 0) return draw(answer, {notebook, width, hidden});
      return {node: nothingOf(notebook, question, none)};
    },
    table(width) {
      const answer = answerAt(width);
      return answer.rows.length > 0 ? plainTable(notebook, columns, answer, title) : null;
    },
    answer: answerAt,
    sql: (width) => statementOf(notebook, question, width).sql,
    follow: (card, draw) => notebook.follow(card, draw)
  });
  return card;
}

/** What stands where there is nothing to draw: no records at all, none of the filter, or none of this kind. */
export function nothingOf(
  notebook: Notebook,
  question: Pick<RecordQuestion, "source" | "lifts" | "ofPackets">,
  none = "There are none of this kind."
): HTMLElement {
  const {source} = question;
  const counted = (filter: Notebook["filter"]) =>
    notebook.stated([recordCountStated(source, filter, "", contextOf(notebook))])[0].rows[0][0];
  if (counted(filterOf(question, notebook.filter)) !== 0) {
    const isUntold = question.ofPackets && areLogs(notebook.captures, notebook.filter.captures);
    return element("p", {class: "fb-empty", "data-testid": isUntold ? "not-in-logs" : null}, none);
  }
  const isFiltered = counted({}) !== 0;
  const words = isFiltered ? `No ${source.title} match the filter.` : source.nothing;
  const reset = element("button", {type: "button", class: "fb-button", onclick: () => notebook.reset()}, "Show all");
  return element("div", {class: "fb-empty", "data-testid": "no-records"}, words, isFiltered && reset);
}

/** The place of a column in an answer. */
export const placeOf = (columns: readonly NamedCell[], name: string) =>
  columns.findIndex((column) => column.name === name);
