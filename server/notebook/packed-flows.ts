import {gzipSync} from "node:zlib";
import type {LakeEngine} from "../../loaders/lake/duckdb.ts";
import {literal} from "../../schema/ddl.ts";
import type {Value} from "../../schema/engine.ts";
import {communityId} from "../../src/lib/community-id.ts";
import {numberColumns, textColumns} from "../../src/lib/flow-table.ts";
import {ofFlow, packedDetailNumbers, packedDetailTexts, packedNames, sharedLists} from "../../src/lib/packed-flows.ts";
import {type Columns, packedColumns} from "./pack-columns.ts";

/** The site's Parquet files with its flows, their details, and the flows of incidents. */
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
export async function packFlows(engine: LakeEngine, from: FlowFiles, most: number): Promise<PackedFlows> {
  const ofFlows = Number((await engine.query(`SELECT count(*) FROM ${parquet(from.flows)}`)).rows[0][0]);
  const held = await heldFlows(engine, from);
  let count = held.weights.length;
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
  readonly numbers: Readonly<Record<string, Float64Array>>;
  readonly texts: Readonly<Record<string, readonly (string | null)[]>>;
  /** The lightest are taken first; below 0 are those that something refers to. */
  readonly weights: Float64Array;
  readonly incidentFlows: readonly {readonly incident: string; readonly key: string; readonly contribution: number}[];
}

const parquet = (file: string) => `read_parquet(${literal(file)}, file_row_number = true)`;

/** Of each incident the flows that matter most. */
const mattering = (file: string) => `(SELECT * FROM ${parquet(file)}
  QUALIFY row_number() OVER (PARTITION BY incident_id ORDER BY contribution DESC, flow_id) <= ${shownFlows})`;

async function heldFlows(engine: LakeEngine, {flows, details, incidentFlows}: FlowFiles): Promise<HeldFlows> {
  const names = [...numberColumns, ...textColumns];
  const detailColumns = [...packedDetailNumbers, ...packedDetailTexts];
  // Flows and their details lie in the same order.
  const sql = `SELECT * FROM (
    SELECT CASE WHEN m.flow_id IS NOT NULL THEN -1 ELSE (f.flow_id & 1048575) / 1048576.0 / (CASE WHEN f.incident_id IS NULL THEN 1 ELSE 4 END) END AS weight,
      f.flow_id, ${names.map((name) => `f.${name}`).join(", ")}, ${detailColumns.map((name) => `d.${name} AS detail_${name}`).join(", ")},
      f.file_row_number AS place
    FROM ${parquet(flows)} AS f POSITIONAL JOIN ${parquet(details)} AS d
    LEFT JOIN (SELECT DISTINCT flow_id, capture_sha256 FROM ${mattering(incidentFlows)}) AS m
      ON m.flow_id = f.flow_id AND m.capture_sha256 = f.capture_sha256
    ORDER BY weight, place LIMIT ${mostFlows}) ORDER BY place`;
  const {columns, batches} = await engine.stream(sql);
  const cells: Value[][] = columns.map(() => []);
  for await (const rows of batches)
    for (const row of rows) for (const [k, value] of row.entries()) cells[k].push(value);
  const column = (name: string) => cells[columns.findIndex((each) => each.name === name)];
  const numbersOf = (values: readonly Value[]) =>
    Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
  const textsOf = (values: readonly Value[]) => values.map((value) => (value === null ? null : String(value)));
  const matter = await engine.query(
    `SELECT incident_id, flow_id, capture_sha256, contribution FROM ${mattering(incidentFlows)} ORDER BY incident_id, contribution DESC, flow_id`
  );
  return {
    numbers: Object.fromEntries([
      ...numberColumns.map((name) => [name, numbersOf(column(name))]),
      ...packedDetailNumbers.map((name) => [`detail_${name}`, numbersOf(column(`detail_${name}`))])
    ]),
    texts: Object.fromEntries([
      ...["flow_id", ...textColumns].map((name) => [name, textsOf(column(name))]),
      ...packedDetailTexts.map((name) => [`detail_${name}`, textsOf(column(`detail_${name}`))])
    ]),
    weights: numbersOf(column("weight")),
    incidentFlows: matter.rows.map(([incident, flow, capture, contribution]) => ({
      incident: String(incident),
      key: `${capture}/${flow}`,
      contribution: Number(contribution)
    }))
  };
}

/** The rows with the smallest weights, in their order. */
function lightest(weights: Float64Array, count: number): number[] {
  if (count >= weights.length) return [...weights.keys()];
  const edge = weights.toSorted()[count];
  return [...weights.keys()].filter((row) => weights[row] < edge || weights[row] < 0);
}

function packedFiles({numbers, texts, weights, incidentFlows}: HeldFlows, chosen: readonly number[]) {
  const rows = chosen.length;
  const number = (name: string) => Float64Array.from(chosen, (row) => numbers[name][row]);
  const text = (name: string) => chosen.map((row) => texts[name][row]);
  const key = (row: number) => `${texts.capture_sha256[row]}/${texts.flow_id[row]}`;
  const places = new Map(chosen.flatMap((row, k) => (weights[row] < 0 ? [[key(row), k] as const] : [])));
  const shown = incidentFlows.flatMap(({key, ...rest}) => {
    const row = places.get(key);
    return row === undefined ? [] : {...rest, row};
  });
  const tables: Record<string, Columns> = {
    [packedNames.flows]: {
      rows,
      numbers: Object.fromEntries(numberColumns.map((name) => [name, number(name)])),
      texts: {
        // Ids are no two alike, and take as much as all the rest.
        flow_id: chosen.map((row) => (weights[row] < 0 ? texts.flow_id[row] : null)),
        ...Object.fromEntries(textColumns.map((name) => [name, text(name)]))
      },
      shared: sharedLists
    },
    [packedNames.details]: {
      rows,
      numbers: Object.fromEntries(packedDetailNumbers.map((name) => [name, number(`detail_${name}`)])),
      texts: Object.fromEntries(
        packedDetailTexts.map((name) => [name, chosen.map((row) => detail(name, row, {numbers, texts}))])
      )
    },
    [packedNames.incidents]: {
      rows: shown.length,
      numbers: {
        row: Float64Array.from(shown, ({row}) => row),
        contribution: Float64Array.from(shown, ({contribution}) => contribution)
      },
      texts: {incident_id: shown.map(({incident}) => incident)}
    }
  };
  return Object.fromEntries(
    Object.entries(tables).map(([name, columns]) => [name, gzipSync(packedColumns(columns), {level: 9, memLevel: 9})])
  );
}

/** A text of the details; what follows from the flow itself is said to. */
function detail(
  name: (typeof packedDetailTexts)[number],
  row: number,
  {numbers, texts}: Pick<HeldFlows, "numbers" | "texts">
) {
  const value = texts[`detail_${name}`][row];
  if (value === null) return null;
  if (name.startsWith("outer_")) return value === texts[name.slice(6)][row] ? ofFlow.same : value;
  if (name !== "community_id") return value;
  const [src, dst] = [texts.src_ip[row], texts.dst_ip[row]];
  if (src === null || dst === null) return value;
  const [srcPort, dstPort, proto] = [numbers.src_port[row], numbers.dst_port[row], numbers.proto[row]];
  const ends = {src, dst, srcPort, dstPort, proto};
  if (communityId(ends) === value) return ofFlow.ordered;
  return communityId(ends, true) === value ? ofFlow.oneWay : value;
}
