import type {FeatureBin, FeatureFigures} from "../../src/lib/conformance.ts";

/** A row of a file in CICFlowMeter's columns. */
export type CicRow = Readonly<Record<string, string | number | bigint | null>>;

/** The flow of ours and the reference's row of the same five-tuple and start. */
export type Pair = readonly [ours: CicRow, theirs: CicRow];

/** Values whose relative difference is at most this are equal: our features are 32-bit floats (6e-8). */
export const tolerance = 1e-6;

const keyColumns = ["Src IP", "Src Port", "Dst IP", "Dst Port", "Protocol", "Timestamp"];

/** Pairs of rows with the same five-tuple and start, in the order of `ours`; a row stands in one pair at most. */
export function matchRows(ours: readonly CicRow[], theirs: readonly CicRow[]): Pair[] {
  const waiting = new Map<string, CicRow[]>();
  for (const row of theirs) {
    const key = keyOf(row);
    const rows = waiting.get(key);
    if (rows) rows.push(row);
    else waiting.set(key, [row]);
  }
  return ours.flatMap((row) => {
    const partner = waiting.get(keyOf(row))?.shift();
    return partner ? [[row, partner] as const] : [];
  });
}

/** Whether both cut the flow alike: as long, and of as many packets each way. */
export function sameExtent([ours, theirs]: Pair): boolean {
  return ["Flow Duration", "Total Fwd Packet", "Total Bwd packets"].every((name) => equal(ours[name], theirs[name]));
}

/** How one feature compares over the pairs. Pairs where either side has no finite number are left out. */
export function compareFeature(name: string, pairs: readonly Pair[]): FeatureFigures {
  const valued = pairs.filter(([a, b]) => isNumber(a[name]) && isNumber(b[name]));
  const same = valued.filter(sameExtent);
  const equals = ([a, b]: Pair) => equal(a[name], b[name]);
  const differences = valued
    .filter((pair) => !equals(pair))
    .map(([a, b]) => difference(Number(a[name]), Number(b[name])))
    .sort((a, b) => a - b);
  return {
    name,
    compared: valued.length,
    equal: valued.length - differences.length,
    comparedSame: same.length,
    equalSame: same.filter(equals).length,
    medianDifference: differences.length > 0 ? median(differences) : null,
    bins: bins(
      valued.map(([a]) => Number(a[name])),
      valued.map(([, b]) => Number(b[name]))
    )
  };
}

/** |a − b| / max(|a|, |b|): 0 where both are equal, 1 where one is 0, up to 2 for opposite signs. */
export function difference(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}

const mostSingle = 10;
const spacedBins = 10;

/** How often values lie in bins that suit both: a bin a value where there are few, else 0 and negative ones apart and the rest by powers. */
export function bins(ours: readonly number[], theirs: readonly number[]): FeatureBin[] {
  const values = [...new Set([...ours, ...theirs])].sort((a, b) => a - b);
  const positive = values.filter((value) => value > 0);
  const single = values.length <= mostSingle ? values : values.filter((value) => value <= 0);
  const count = (from: number, to: number, isLast: boolean) => {
    const inside = (value: number) =>
      from === to ? value === from : value >= from && (value < to || (isLast && value === to));
    return {from, to, ours: ours.filter(inside).length, theirs: theirs.filter(inside).length};
  };
  const singles = single.map((value) => count(value, value, false));
  if (values.length <= mostSingle) return singles;
  const [low, high] = [positive[0], positive[positive.length - 1]];
  const edges = Array.from({length: spacedBins + 1}, (_, i) =>
    i === 0 ? low : i === spacedBins ? high : rounded(low * (high / low) ** (i / spacedBins))
  );
  return [...singles, ...edges.slice(1).map((to, i) => count(edges[i], to, i === spacedBins - 1))];
}

/** Versions of Node differ in the last digits of a power. */
function rounded(edge: number): number {
  return Number(edge.toPrecision(12));
}

function keyOf(row: CicRow): string {
  return keyColumns.map((name) => (name === "Timestamp" ? microseconds(String(row[name])) : row[name])).join(" ");
}

/** CICFlowMeter leaves the zeros at the end of a time away. */
function microseconds(time: string): string {
  const [seconds, fraction = ""] = time.split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}`;
}

function isNumber(value: CicRow[string] | undefined): boolean {
  return value !== null && value !== undefined && value !== "" && Number.isFinite(Number(value));
}

function equal(a: CicRow[string], b: CicRow[string]): boolean {
  return difference(Number(a), Number(b)) <= tolerance;
}

function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
