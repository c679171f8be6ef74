import {dimensions} from "./dimensions.js";
import type {FlowTable} from "./flow-table.js";
import {measures} from "./measures.js";
import {type Answer, type Asked, type Cell, gridOf, type Question, type TimeGrid} from "./question.js";
import {compareCells} from "./question-order.js";
import {type Selection, select, shareOf} from "./selection.js";

/**
 * Answers a question over the page's flows; {@link toSql} asks the lake the same. `selection` saves finding the flows
 * again where several questions share a filter.
 */
export function evaluate(flows: FlowTable, asked: Asked, selection: Selection = select(flows, asked.filter)): Answer {
  const {question} = asked;
  const grid = question.time ? gridOf(asked) : undefined;
  const totals = new Totals(flows, question, grid);
  const passes = onlyTest(flows, question.only);
  const sides = question.by.includes("host") ? 2 : 1;
  const {src_ip, dst_ip} = flows.texts;
  const walk = (row: number, share: number, bucket: number) => {
    totals.add(row, 0, share, bucket);
    if (sides === 2 && src_ip.codes[row] !== dst_ip.codes[row]) totals.add(row, 1, share, bucket);
  };
  const {rows, shares} = selection;
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k];
    if (!passes(row)) continue;
    if (!grid) walk(row, shares ? shares[k] : 1, 0);
    else if (question.time === "start") {
      const bucket = Math.floor((flows.numbers.ts_start[row] - grid.originUs) / grid.widthUs);
      if (bucket >= 0 && bucket < grid.count) walk(row, shares ? shares[k] : 1, bucket);
    } else spread(flows, row, asked, grid, walk);
  }
  return totals.answer();
}

/** Calls `walk` for every bucket that a flow was active in within the window. */
function spread(
  {numbers: {ts_start, duration_us}}: FlowTable,
  row: number,
  {filter}: Asked,
  {originUs, widthUs, count}: TimeGrid,
  walk: (row: number, share: number, bucket: number) => void
): void {
  const start = ts_start[row];
  const duration = duration_us[row];
  const from = Math.max(start, filter.from ?? start);
  const to = Math.min(start + duration, filter.to ?? Number.POSITIVE_INFINITY);
  const first = Math.max(0, Math.floor((from - originUs) / widthUs));
  for (let bucket = first; bucket < count; bucket++) {
    const begin = originUs + bucket * widthUs;
    if (bucket > first && begin >= to) break;
    const share = shareOf(
      start,
      duration,
      Math.max(begin, from),
      Math.min(begin + widthUs, filter.to ?? Number.POSITIVE_INFINITY)
    );
    if (share > 0) walk(row, share, bucket);
  }
}

function onlyTest({texts: {service}, numbers}: FlowTable, only: Question["only"]): (row: number) => boolean {
  if (only === "recognised") return (row) => service.codes[row] >= 0;
  if (only === "unrecognised") return (row) => service.codes[row] < 0;
  if (only === "anomaly-scored") return (row) => !Number.isNaN(numbers.anomaly_score[row]);
  if (only === "handshake-timed") return (row) => !Number.isNaN(numbers.rtt_us[row]);
  return () => true;
}

const denseLimit = 1 << 20;

/** Sums by group; groups get their numbers as they appear. */
class Totals {
  readonly #question: Question;
  readonly #grid: TimeGrid | undefined;
  readonly #groups: ReturnType<(typeof dimensions)[keyof typeof dimensions]["groups"]>[];
  readonly #measures: {divisible: boolean; of(row: number, end: 0 | 1): number}[];
  /** Group of a key: an array where keys are few, else a map. */
  readonly #dense: Int32Array | null;
  readonly #sparse = new Map<number, number>();
  readonly #keys: number[] = [];
  /** A row of sums after another. */
  #sums: Float64Array;

  constructor(flows: FlowTable, question: Question, grid: TimeGrid | undefined) {
    this.#question = question;
    this.#grid = grid;
    this.#groups = question.by.map((name) => dimensions[name].groups(flows));
    this.#measures = question.measures.map((name) => ({
      divisible: measures[name].divisible,
      of: measures[name].of(flows)
    }));
    const size = this.#groups.reduce((product, group) => product * group.size, grid?.count ?? 1);
    this.#dense = size <= denseLimit ? new Int32Array(size).fill(-1) : null;
    this.#sums = new Float64Array(this.#measures.length * 64);
    if (question.by.length === 0 && !grid) this.#group(0);
  }

  add(row: number, end: 0 | 1, share: number, bucket: number): void {
    let key = bucket;
    for (const group of this.#groups) key = key * group.size + group.of(row, end);
    const found = this.#dense ? this.#dense[key] : (this.#sparse.get(key) ?? -1);
    const base = (found >= 0 ? found : this.#group(key)) * this.#measures.length;
    for (let m = 0; m < this.#measures.length; m++) {
      const measure = this.#measures[m];
      const value = measure.of(row, end);
      this.#sums[base + m] += measure.divisible ? value * share : value;
    }
  }

  #group(key: number): number {
    const group = this.#keys.push(key) - 1;
    if (this.#dense) this.#dense[key] = group;
    else this.#sparse.set(key, group);
    const needed = this.#keys.length * this.#measures.length;
    if (needed > this.#sums.length) {
      const larger = new Float64Array(this.#sums.length * 2 + this.#measures.length);
      larger.set(this.#sums);
      this.#sums = larger;
    }
    return group;
  }

  answer(): Answer {
    const {by, measures: names, order, limit, count} = this.#question;
    if (count) return {columns: ["groups"], rows: [[this.#keys.length]]};
    const columns = [...(this.#grid ? ["ts_us"] : []), ...by, ...names];
    const rows = this.#keys.map((key, group) => [
      ...this.#cells(key),
      ...this.#sums.subarray(group * names.length, (group + 1) * names.length)
    ]);
    const keys = columns.length - names.length;
    const by1 = order ? columns.indexOf(order) : -1;
    rows.sort((a, b) => {
      if (by1 >= 0 && a[by1] !== b[by1]) return (b[by1] as number) - (a[by1] as number);
      for (let i = 0; i < keys; i++) {
        const difference = compareCells(a[i], b[i]);
        if (difference !== 0) return difference;
      }
      return 0;
    });
    return {columns, rows: limit ? rows.slice(0, limit) : rows};
  }

  #cells(key: number): Cell[] {
    const cells: Cell[] = [];
    let rest = key;
    for (let i = this.#groups.length - 1; i >= 0; i--) {
      const {size, value} = this.#groups[i];
      cells.unshift(value(rest % size));
      rest = Math.floor(rest / size);
    }
    if (this.#grid) cells.unshift(this.#grid.originUs + rest * this.#grid.widthUs);
    return cells;
  }
}
