import type {Answer, Asked} from "../../lib/question.js";
import {element} from "../page/element.js";
import {noFlows, nothingMatches, setAside} from "../page/empty.js";
import type {Notebook} from "../page/notebook.js";
import {answerTable} from "./answer-table.js";
import {chartFrame, type Drawing} from "./chart-frame.js";

/** What a chart draws into, and what it was told by its reader. */
export interface Box {
  readonly notebook: Notebook;
  /** Pixels; charts adapt to it. */
  readonly width: number;
  /** Names of groups that the reader switched off in the legend. */
  readonly hidden: ReadonlySet<string>;
}

export interface ChartOptions {
  /** kebab-case and the same for ever: `data-testid` is `chart-<id>`. */
  readonly id: string;
  readonly title: string;
  /** One line below the title: unit, and how it is counted. */
  readonly note?: string | ((notebook: Notebook) => string);
  ask(notebook: Notebook, width: number): Asked;
  draw(answer: Answer, box: Box): Drawing;
  /** The SQL behind the strip of lost packets; null where none is drawn. */
  lossSql?(notebook: Notebook, width: number): string | null;
  /** Switches that stand beside the menu; they call `redraw`. */
  controls?(redraw: () => void): readonly Element[];
  /** Whether there is something to draw; by default: any row. */
  isEmpty?(answer: Answer): boolean;
  /** What is said where flows match and there is nothing to draw. */
  readonly nothing?: string;
}

/** A chart of the stored flows: draws a question's answer again whenever the filter or its own width changes. */
export function chart(notebook: Notebook, options: ChartOptions): HTMLElement {
  const answerAt = (width: number) => notebook.answer(options.ask(notebook, width));
  const isEmpty = (answer: Answer) => options.isEmpty?.(answer) ?? answer.rows.length === 0;
  const {card} = chartFrame({
    id: options.id,
    title: options.title,
    note: () => (typeof options.note === "function" ? options.note(notebook) : (options.note ?? "")),
    draw(width, hidden) {
      if (notebook.isEmpty) return {node: noFlows()};
      const answer = answerAt(width);
      setAside(notebook, card, isEmpty(answer));
      if (!isEmpty(answer)) return options.draw(answer, {notebook, width, hidden});
      if (notebook.count() === 0) return {node: nothingMatches()};
      return {node: element("p", {class: "fb-empty"}, options.nothing ?? "There is no data of this kind.")};
    },
    table(width) {
      const answer = answerAt(width);
      return isEmpty(answer) ? null : answerTable(answer, options.title, notebook.zone);
    },
    answer: answerAt,
    sql: (width) => notebook.sql(options.ask(notebook, width)),
    lossSql: (width) => options.lossSql?.(notebook, width) ?? null,
    controls: options.controls,
    follow: (card, draw) => notebook.follow(card, draw)
  });
  return card;
}
