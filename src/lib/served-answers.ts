import type {AnswerSource} from "./answer-source.js";
import {askServer} from "./ask.js";
import {cursorColumn, flowPageOf} from "./flow-page.js";
import type {Answer, Cell} from "./question.js";

interface Cells {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Answers of the notebook's server, which makes the SQL of a question and asks the lake. */
export const servedAnswers: AnswerSource = {
  async answer({question, filter, grid}, signal) {
    return ask("", {question, filter, ...(question.time ? {grid} : {})}, signal) as Promise<Answer>;
  },
  async flows(asked, signal) {
    return flowPageOf(await ask("/flows", asked, signal));
  },
  async details(flow, capture, signal) {
    const {columns, rows} = await ask("/flow", {flow: String(flow), capture}, signal);
    return rows.length ? Object.fromEntries(columns.map((name, i) => [name, rows[0][i]])) : null;
  },
  async incidentFlows(incident, limit, signal) {
    const cells = await ask("/incident-flows", {incident, limit}, signal);
    const share = cells.columns.indexOf(cursorColumn);
    return {flows: flowPageOf(cells).flows, shares: cells.rows.map((row) => row[share] as number)};
  },
  async stated(stated, signal) {
    return ask("/records", stated, signal) as Promise<Answer>;
  }
};

async function ask(path: string, question: object, signal: AbortSignal): Promise<Cells> {
  return (await askServer(`/api/answers${path}`, question, signal)).json();
}
