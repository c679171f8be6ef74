import type {AnswerSource} from "./answer-source.js";
import {evaluate} from "./evaluate.js";
import type {Filter} from "./filter.js";
import {detailNames} from "./flow-details.js";
import {type FlowsAsked, flowOrders, orderedRows} from "./flow-page.js";
import {type ArrowTable, type FlowTable, rowsOf} from "./flow-table.js";
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
  let last: {filter: Filter; selection: Selection} | null = null;
  let ordered: {key: string; rows: Uint32Array} | null = null;
  const selection = (filter: Filter): Selection => {
    if (last?.filter !== filter) last = {filter, selection: select(flows, filter)};
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

/** The details in a table with a row per flow. */
export function detailsIn(table: ArrowTable, flows: FlowTable): FlowDetails {
  return (row) => {
    const {codes, values} = flows.texts.capture_sha256;
    const at = rowOf(table, flows.ids[row], values[codes[row]]);
    if (at < 0) return null;
    return Object.fromEntries(
      Object.keys(detailNames).map((name) => {
        const value = table.getChild(name)?.get?.(at) ?? null;
        return [name, typeof value === "bigint" ? Number(value) : (value as string | number | null)];
      })
    );
  };
}

/** The flows of incidents in a table whose rows lie in the order of incidents, and of shares within one. */
export function incidentFlowsIn(table: ArrowTable, flows: FlowTable): Awaited<ReturnType<Carried["incidentFlows"]>> {
  const [ids, flowIds, captures, contributions] = ["incident_id", "flow_id", "capture_sha256", "contribution"].map(
    (name) => table.getChild(name)
  );
  return (incident, most) => {
    const rows: number[] = [];
    const shares: number[] = [];
    for (let at = 0; at < table.numRows && rows.length < most; at++) {
      if (ids?.get?.(at) !== incident) continue;
      const row = carriedRow(flows, flowIds?.get?.(at) as bigint, String(captures?.get?.(at)));
      if (row < 0) continue;
      rows.push(row);
      shares.push(Number(contributions?.get?.(at)));
    }
    return {rows, shares};
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

function rowOf(table: ArrowTable, flow: bigint, capture: string): number {
  const [ids, captures] = [table.getChild("flow_id"), table.getChild("capture_sha256")];
  for (let at = 0; at < table.numRows; at++) if (ids?.get?.(at) === flow && captures?.get?.(at) === capture) return at;
  return -1;
}
