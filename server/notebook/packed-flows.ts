import {readFileSync} from "node:fs";
import {gunzipSync, gzipSync} from "node:zlib";
import {ColumnPacker} from "../../loaders/results/pack-columns.ts";
import {type FlowTable, numberColumns, textColumns} from "../../src/lib/flow-table.ts";
import {PackedColumns} from "../../src/lib/packed-columns.ts";
import {
  listOf,
  packedDetailNumbers,
  packedDetailTexts,
  packedFlowTable,
  packedNames
} from "../../src/lib/packed-flows.ts";

/** The site's files with its flows, their details, and the flows of incidents. */
export interface FlowFiles {
  readonly flows: string;
  readonly details: string;
  readonly incidentFlows: string;
}

export interface PackedFlows {
  /** gzipped, by the names of `packedNames`. */
  readonly files: Readonly<Record<string, Buffer>>;
  readonly flows: number;
  readonly ofFlows: number;
}

/** Flows that are looked at: more never have room in a file. */
const mostFlows = 400_000;
/** Flows of an incident that a report lists, and has packets of. */
export const shownFlows = 12;

/**
 * The flows of a site as a single file carries them, in `most` bytes of base64: all, or else those that matter most to
 * incidents and a sample of the others, in which flows of incidents are four times as likely. The same flows are chosen
 * every time.
 */
export function packFlows(from: FlowFiles, most: number): PackedFlows {
  const held = heldFlows(from);
  const ofFlows = held.flows.rows;
  let count = Math.min(ofFlows, mostFlows);
  let fitting: PackedFlows | null = null;
  for (let attempt = 0; ; attempt++) {
    const chosen = lightest(held.weights, count);
    const files = packedFiles(held, chosen);
    const packed = {files, flows: chosen.length, ofFlows};
    const bytes = Object.values(files).reduce((sum, {length}) => sum + Math.ceil(length / 3) * 4, 0);
    if (fitting) return bytes <= most ? packed : fitting;
    if (attempt === 6 || count < 100 || (bytes <= most && (attempt === 0 || bytes > 0.99 * most))) return packed;
    // A first sample is taken too small rather than too large; where it leaves room, another one fills it.
    if (bytes <= most) fitting = packed;
    count = Math.floor(count * (fitting ? (most / bytes) * 0.995 : Math.min(0.97, (most / bytes) * 0.98)));
  }
}

interface HeldFlows {
  readonly flows: FlowTable;
  readonly details: PackedColumns;
  /** The lightest are taken first; below 0 are those that something refers to. */
  readonly weights: Float64Array;
  /** Of each incident the flows that matter most. */
  readonly shown: readonly {readonly incident: string; readonly row: number; readonly contribution: number}[];
}

function heldFlows(files: FlowFiles): HeldFlows {
  const columns = (file: string) => new PackedColumns(gunzipSync(readFileSync(file)));
  const flows = packedFlowTable(columns(files.flows));
  const shown = shownOf(columns(files.incidentFlows));
  const incidents = flows.texts.incident_id.codes;
  const weights = new Float64Array(flows.rows);
  for (let row = 0; row < flows.rows; row++)
    weights[row] = Number(flows.ids[row] & 1_048_575n) / 1_048_576 / (incidents[row] < 0 ? 1 : 4);
  for (const {row} of shown) weights[row] = -1;
  return {flows, details: columns(files.details), weights, shown};
}

/** The rows of an incident lie in the order in which they matter. */
function shownOf(columns: PackedColumns): HeldFlows["shown"] {
  const {codes, values} = columns.texts("incident_id");
  const [rows, contributions] = [columns.numbers("row"), columns.numbers("contribution")];
  const counts = new Map<number, number>();
  return Array.from(codes).flatMap((code, at) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count > shownFlows ? [] : {incident: values[code], row: rows[at], contribution: contributions[at]};
  });
}

/** The rows with the smallest weights, in their order. */
function lightest(weights: Float64Array, count: number): number[] {
  if (count >= weights.length) return [...weights.keys()];
  const edge = weights.toSorted()[count];
  return [...weights.keys()].filter((row) => weights[row] < edge || weights[row] < 0);
}

function packedFiles(held: HeldFlows, chosen: readonly number[]): PackedFlows["files"] {
  const {flows, details, weights} = held;
  const rows = chosen.length;
  const numbers = (packer: ColumnPacker, name: string, values: ArrayLike<number>) =>
    packer.numbers(
      name,
      Float64Array.from(chosen, (row) => values[row])
    );
  const places = new Map(chosen.flatMap((row, place) => (weights[row] < 0 ? [[row, place] as const] : [])));
  const shown = held.shown.filter(({row}) => places.has(row));

  const ofFlows = new ColumnPacker(rows);
  for (const name of numberColumns) numbers(ofFlows, name, flows.numbers[name]);
  // Ids are no two alike, and take as much as all the rest.
  ofFlows.texts(
    "flow_id",
    chosen.map((row) => (weights[row] < 0 ? String(flows.ids[row]) : null))
  );
  for (const name of textColumns) {
    const {codes, values} = flows.texts[name];
    const texts = chosen.map((row) => (codes[row] < 0 ? null : values[codes[row]]));
    ofFlows.texts(name, texts, listOf(name));
  }

  const ofDetails = new ColumnPacker(rows);
  for (const name of packedDetailNumbers) numbers(ofDetails, name, details.numbers(name));
  for (const name of packedDetailTexts)
    ofDetails.texts(
      name,
      chosen.map((row) => details.textAt(name, row))
    );

  const ofIncidents = new ColumnPacker(shown.length);
  ofIncidents.numbers(
    "row",
    Float64Array.from(shown, ({row}) => places.get(row) as number)
  );
  ofIncidents.numbers(
    "contribution",
    Float64Array.from(shown, ({contribution}) => contribution)
  );
  ofIncidents.texts(
    "incident_id",
    shown.map(({incident}) => incident)
  );
  const zipped = (packer: ColumnPacker) => gzipSync(packer.bytes(), {level: 9, memLevel: 9});
  return {
    [packedNames.flows]: zipped(ofFlows),
    [packedNames.details]: zipped(ofDetails),
    [packedNames.incidents]: zipped(ofIncidents)
  };
}
