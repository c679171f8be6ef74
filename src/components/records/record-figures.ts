import {areLogs} from "../../lib/captures.js";
import type {Answer} from "../../lib/question.js";
import type {RecordQuestion} from "../../lib/records/record-source.js";
import {element} from "../page/element.js";
import {figuresSql} from "../page/figures-sql.js";
import type {Notebook} from "../page/notebook.js";
import {cellText} from "./record-cell.js";
import {statementOf} from "./record-chart.js";

/** Figures have no buckets of time: any width asks the same. */
export const figuresWidth = 640;

/** A question's one row as figures; `beside` says more below one of them. */
export function recordFigures(
  notebook: Notebook,
  question: RecordQuestion,
  beside: Readonly<Record<string, (value: (name: string) => number) => string>> = {}
): HTMLElement {
  const list = element("dl", {class: "fb-figures"});
  const node = element(
    "section",
    {class: "fb-headline", "aria-label": question.title, "data-testid": question.name},
    list,
    figuresSql(question.title, () => statementOf(notebook, question, figuresWidth).sql)
  );
  notebook.follow(node, () => {
    node.hidden = notebook.isEmpty && !question.source.flowless;
    if (node.hidden) return;
    const [answer] = notebook.stated([statementOf(notebook, question, figuresWidth)]);
    // Where a table has no records, the page says so once, further below.
    node.hidden = question.source.from === undefined && answer.rows[0].every((cell) => cell === null || cell === 0);
    if (node.hidden) return;
    const value = (name: string) => Number(cellOf(answer, name));
    // What logs of flows do not tell needs no card that says so.
    const ofLogs = areLogs(notebook.captures, notebook.filter.captures);
    const told = question.columns.filter(({name}) => !ofLogs || cellOf(answer, name) !== null);
    list.replaceChildren(
      ...told.map(({name, label, kind}) =>
        element(
          "div",
          {class: "fb-figure", "data-name": name, "data-kind": kind},
          element("dt", {}, label),
          element("dd", {class: "fb-figure-value"}, cellText(kind, cellOf(answer, name), notebook.zone)),
          name in beside && element("dd", {class: "fb-figure-below"}, beside[name](value))
        )
      )
    );
  });
  return node;
}

const cellOf = ({columns, rows}: Answer, name: string) => rows[0][columns.indexOf(name)];
