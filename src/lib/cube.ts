import type {DimensionName} from "./dimensions.js";
import {inOrder} from "./evaluate.js";
import type {Filter} from "./filter.js";
import {withFields} from "./filter.js";
import {type MeasureName, measures} from "./measures.js";
import type {Answer, Asked, Cell, Question, TimeGrid} from "./question.js";

/**
 * The questions of which every answer within windows on a grid can be added up: their groups by bucket. A reader who drags
 * a window then asks once. Exact, since a window that begins and ends at buckets' edges cuts no bucket: a flow is in it
 * that started before its end and was not gone at its begin.
 */
export interface Cube {
  /** What is counted where flows start, and where they are gone. */
  readonly started: Asked | null;
  readonly gone: Asked | null;
  /** What is spread over flows' durations. */
  readonly spread: Asked | null;
}

/** Dimensions with so few groups that a cube stays small. */
const small: readonly DimensionName[] = ["service", "proto", "verdict", "label", "conn_state", "capture", "score_bin"];

/** The cube of a question on a grid; null where there is none: too many groups, or groups that are counted themselves. */
export function cubeOf({question, filter}: Asked, grid: TimeGrid): Cube | null {
  if (question.count || !question.by.every((name) => small.includes(name))) return null;
  const [divided, counted] = split(question);
  if (question.time === "start" && divided.length > 0) return null;
  const ask = (time: Question["time"], sums: readonly MeasureName[]): Asked => {
    const {order: _, limit: __, ...rest} = question;
    return {question: {...rest, measures: sums, time}, filter: unwindowed(filter), grid};
  };
  const isTimed = question.time !== undefined;
  return {
    started: question.time === "spread" ? null : ask("start", ["flows", ...counted]),
    gone: isTimed ? null : ask("gone", ["flows", ...counted]),
    spread: divided.length > 0 ? ask("spread", divided) : null
  };
}

/** What the cube's own questions are. */
export function cubeAsked({started, gone, spread}: Cube): Asked[] {
  return [started, gone, spread].filter((asked) => asked !== null);
}

/** Whether a window begins and ends at edges of a grid's buckets. */
export function isOnGrid({from, to}: Filter, {originUs, widthUs}: TimeGrid): boolean {
  const isEdge = (us: number | undefined) => us === undefined || (us - originUs) % widthUs === 0;
  return isEdge(from) && isEdge(to);
}

/** The answer to a question in a window on the grid, from the answers to its cube's questions in order. */
export function cubeAnswer(asked: Asked, cube: Cube, answers: readonly Answer[]): Answer {
  const {question, filter} = asked;
  const from = filter.from ?? Number.NEGATIVE_INFINITY;
  const to = filter.to ?? Number.POSITIVE_INFINITY;
  const groups = new Map<string, {cells: readonly Cell[]; flows: number; sums: Map<string, number>}>();
  const add = ({columns, rows}: Answer, counts: (ts: number) => boolean, sign: 1 | -1) => {
    const keys = columns.length - columns.filter((name) => name in measures).length;
    for (const row of rows) {
      if (!counts(row[0] as number)) continue;
      const cells = question.time ? row.slice(0, keys) : row.slice(1, keys);
      const key = JSON.stringify(cells);
      let group = groups.get(key);
      if (!group) groups.set(key, (group = {cells, flows: 0, sums: new Map()}));
      for (let i = keys; i < columns.length; i++) {
        const value = sign * (row[i] as number);
        if (i === keys && columns[i] === "flows") group.flows += value;
        group.sums.set(columns[i], (group.sums.get(columns[i]) ?? 0) + value);
      }
      if (columns[keys] !== "flows" && question.time === "spread") group.flows = 1;
    }
  };
  const rest = [...answers];
  const isInside = (ts: number) => ts >= from && ts < to;
  if (cube.started) add(rest.shift() as Answer, question.time ? isInside : (ts) => ts < to, 1);
  if (cube.gone) add(rest.shift() as Answer, (ts) => ts <= from, -1);
  if (cube.spread) add(rest.shift() as Answer, isInside, 1);
  const columns = [...(question.time ? ["ts_us"] : []), ...question.by, ...question.measures];
  const rows = [...groups.values()]
    .filter(({flows}) => flows > 0)
    .map(({cells, sums}) => [...cells, ...question.measures.map((name) => sums.get(name) ?? 0)]);
  if (rows.length === 0 && question.by.length === 0 && !question.time) rows.push(question.measures.map(() => 0));
  return {columns, rows: inOrder(rows, columns, question)};
}

function split({measures: names}: Question): [divided: MeasureName[], counted: MeasureName[]] {
  const divided = names.filter((name) => measures[name].divisible);
  return [divided, names.filter((name) => !measures[name].divisible && name !== "flows")];
}

function unwindowed(filter: Filter): Filter {
  return withFields(filter, {from: undefined, to: undefined});
}
