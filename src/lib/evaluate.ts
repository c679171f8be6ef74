import type {DividedColumn} from "./activity.js";
import {type Groups, groupsOf} from "./dimensions.js";
import {type Entries, entriesOf} from "./entries.js";
import type {FlowTable} from "./flow-table.js";
import {type Measure, type MeasureName, measures, valuesOf} from "./measures.js";
import {type Answer, type Asked, type Cell, gridOf, type Question} from "./question.js";
import {compareCells} from "./question-order.js";
import {type Selection, type Shares, select} from "./selection.js";

/**
 * Answers a question over the page's flows; {@link toSql} asks the lake the same. `selection` saves finding the flows
 * again where several questions share a filter. It works a column at a time: a million flows take some 20 ms a column.
 */
export function evaluate(flows: FlowTable, asked: Asked, selection: Selection = select(flows, asked.filter)): Answer {
  const {question} = asked;
  const grid = question.time ? gridOf(asked) : undefined;
  const entries = entriesOf(flows, asked, selection);
  const groups = question.by.map((name) => groupsOf(flows, name));
  const {groupOf, keys} = numbered(entries, groups, (grid?.count ?? 0) + 1);
  if (groups.length === 0 && !grid && keys.length === 0) keys.push(0);
  if (question.count) return {columns: ["groups"], rows: [[keys.length]]};
  const sums = question.measures.map((name) => sumBy(flows, name, entries, groupOf, keys.length));
  const cells = (key: number): Cell[] => {
    const found: Cell[] = [];
    let rest = key;
    for (let g = groups.length - 1; g >= 0; g--) {
      found.unshift(groups[g].value(rest % groups[g].size));
      rest = Math.floor(rest / groups[g].size);
    }
    return grid ? [grid.originUs + rest * grid.widthUs, ...found] : found;
  };
  const columns = [...(grid ? ["ts_us"] : []), ...question.by, ...question.measures];
  const rows = keys.map((key, group) => [...cells(key), ...sums.map((sum) => sum[group])]);
  return {columns, rows: inOrder(rows, columns, question)};
}

/** Keys are dense in an array up to this many. */
const denseLimit = 1 << 21;

/** Gives each group that occurs a number, in order of appearance, and each entry the number of its group. */
function numbered({rows, buckets, responders, count}: Entries, groups: readonly Groups[], bucketCount: number) {
  const keyOf = new Float64Array(count);
  if (buckets) for (let e = 0; e < count; e++) keyOf[e] = buckets[e];
  for (const {size, of, ofResponder} of groups)
    if (responders && ofResponder)
      for (let e = 0; e < count; e++) keyOf[e] = keyOf[e] * size + (responders[e] ? ofResponder : of)[rows[e]];
    else for (let e = 0; e < count; e++) keyOf[e] = keyOf[e] * size + of[rows[e]];
  const groupOf = new Int32Array(count);
  const keys: number[] = [];
  const size = groups.reduce((product, group) => product * group.size, bucketCount);
  if (size <= denseLimit) {
    const known = new Int32Array(size).fill(-1);
    for (let e = 0; e < count; e++) {
      const key = keyOf[e];
      if (known[key] < 0) known[key] = keys.push(key) - 1;
      groupOf[e] = known[key];
    }
    return {groupOf, keys};
  }
  const known = new Map<number, number>();
  for (let e = 0; e < count; e++) {
    let group = known.get(keyOf[e]);
    if (group === undefined) known.set(keyOf[e], (group = keys.push(keyOf[e]) - 1));
    groupOf[e] = group;
  }
  return {groupOf, keys};
}

function sumBy(flows: FlowTable, name: MeasureName, entries: Entries, groupOf: Int32Array, groups: number) {
  const {rows, responders, count} = entries;
  const {columns, valuesOfResponder}: Measure = measures[name];
  if (columns && entries.shares) return sumOfShares(flows, measures[name], entries, entries.shares, groupOf, groups);
  const sums = new Float64Array(groups);
  const values = valuesOf(flows, name);
  const ofResponder = responders && valuesOfResponder?.(flows);
  if (values === null) for (let e = 0; e < count; e++) sums[groupOf[e]]++;
  else if (ofResponder)
    for (let e = 0; e < count; e++) sums[groupOf[e]] += (responders[e] ? ofResponder : values)[rows[e]];
  else for (let e = 0; e < count; e++) sums[groupOf[e]] += values[rows[e]];
  return sums;
}

/** The same of what is divided: each column by its own shares. */
function sumOfShares(
  {numbers}: FlowTable,
  {columns = [], columnsOfResponder}: Measure,
  {rows, responders, count}: Entries,
  shares: Shares,
  groupOf: Int32Array,
  groups: number
) {
  const sums = new Float64Array(groups);
  const add = (column: DividedColumn, counts: (e: number) => boolean) => {
    const [values, own] = [numbers[column], shares(column)];
    for (let e = 0; e < count; e++) if (counts(e)) sums[groupOf[e]] += values[rows[e]] * own[e];
  };
  const isApart = responders !== null && columnsOfResponder !== undefined;
  for (const column of columns) add(column, isApart ? (e) => responders[e] === 0 : () => true);
  if (isApart) for (const column of columnsOfResponder) add(column, (e) => responders[e] === 1);
  return sums;
}

/** Rows in the order of a question, its limit applied. */
export function inOrder(rows: Cell[][], columns: readonly string[], {measures, order, limit}: Question): Cell[][] {
  const keys = columns.length - measures.length;
  const by = order ? columns.indexOf(order) : -1;
  rows.sort((a, b) => {
    if (by >= 0 && a[by] !== b[by]) return (b[by] as number) - (a[by] as number);
    for (let i = 0; i < keys; i++) {
      const difference = compareCells(a[i], b[i]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return limit ? rows.slice(0, limit) : rows;
}
