import type {AnswerSource} from "./answer-source.js";
import {evaluate} from "./evaluate.js";
import type {Filter} from "./filter.js";
import {type FlowsAsked, flowOrders, orderedRows} from "./flow-page.js";
import {type FlowTable, rowsOf} from "./flow-table.js";
import type {Cell} from "./question.js";
import {type Selection, select} from "./selection.js";
import {turns} from "./turns.js";

/** What a static site carries; the rarely asked tables are loaded when they are asked for. */
export interface Carried {
  readonly flows: FlowTable;
  details(): Promise<FlowDetails>;
  incidentFlows(): Promise<(incident: string, most: number) => {rows: readonly number[]; shares: readonly number[]}>;
}

/** The columns of `detailNames` of the flow in a row; null where they are gone. */
export type FlowDetails = (row: number) => Readonly<Record<string, Cell>> | null;

/** Answers from the tables of flows that a static site carries; those of records are asked by `carriedRows`. */
export function carriedAnswers({flows, details, incidentFlows}: Carried): Omit<AnswerSource, "stated"> {
  const turn = turns();
  let last: {key: string; selection: Selection} | null = null;
  let ordered: {key: string; rows: Uint32Array} | null = null;
  const selection = (filter: Filter): Selection => {
    const key = JSON.stringify(filter);
    if (last?.key !== key) last = {key, selection: select(flows, filter)};
    return last.selection;
  };
  const inOrder = ({filter, order, down, known}: FlowsAsked): Uint32Array => {
    const key = JSON.stringify([filter, order, down, known]);
    if (ordered?.key !== key) {
      const rows = orderedRows(flows, selection(filter).rows, order, down);
      const {key: keyOf} = flowOrders[order];
      ordered = {key, rows: known ? rows.filter((row) => keyOf(flows, row) !== null) : rows};
    }
    return ordered.rows;
  };
  return {
    async answer(asked, signal) {
      // Between two questions the page can draw, and take back what it asked.
      await turn.soon();
      signal.throwIfAborted();
      return evaluate(flows, asked, selection(asked.filter));
    },
    async flows(asked, signal) {
      await turn.later();
      signal.throwIfAborted();
      const rows = inOrder(asked);
      const from = asked.after ? placeOf(flows, rows, asked.after) + 1 : (asked.offset ?? 0);
      const shown = rows.subarray(from, from + asked.limit);
      const {key} = flowOrders[asked.order];
      const {ts_start} = flows.numbers;
      const {codes, values} = flows.texts.capture_sha256;
      return {
        flows: rowsOf(flows, shown),
        cursors: Array.from(shown, (row) => ({
          key: key(flows, row),
          ts: ts_start[row],
          id: String(flows.ids[row]),
          capture: values[codes[row]]
        }))
      };
    },
    async details(flow, capture) {
      const row = carriedRow(flows, flow, capture);
      return row < 0 ? null : (await details())(row);
    },
    async incidentFlows(incident, most) {
      const {rows, shares} = (await incidentFlows())(incident, most);
      return {flows: rowsOf(flows, Uint32Array.from(rows)), shares};
    }
  };
}

function placeOf(flows: FlowTable, rows: Uint32Array, {id, capture}: {id: string; capture: string}): number {
  return rows.indexOf(carriedRow(flows, BigInt(id), capture));
}

function carriedRow({ids, texts: {capture_sha256}}: FlowTable, id: bigint, capture: string): number {
  const {codes, values} = capture_sha256;
  let row = ids.indexOf(id);
  while (row >= 0 && values[codes[row]] !== capture) row = ids.indexOf(id, row + 1);
  return row;
}
