import {createHash} from "node:crypto";
import {renameSync, statSync, writeFileSync} from "node:fs";
import {basename, dirname, join} from "node:path";
import type {DuckDBConnection} from "@duckdb/node-api";
import {type PartFile, parsePart, partFiles, rollupsFolder} from "../../capture/partitions/layout.ts";
import {readSmallFile, stateBytes} from "../../capture/partitions/small-file.ts";
import {grouped} from "../../models/rules/merge.ts";
import {emptyQuery, literal} from "../../schema/ddl.ts";
import {table} from "../../schema/tables.ts";
import {filled, scan} from "./part-scan.ts";

/** Of a capture's flows in a part, the least and the greatest id. */
type Span = readonly [capture: string, first: string, last: string];

interface KnownPart {
  /** A hash of what incidents say of flows between the ends of its spans; null where they name none. */
  readonly key: string | null;
  readonly spans: readonly Span[];
}

interface KnownRun {
  /** Of the files of incidents that the keys were made from. */
  readonly state: string;
  readonly parts: Readonly<Record<string, KnownPart>>;
}

/** By run. */
type Known = Readonly<Record<string, KnownRun>>;

const keysFile = (lake: string) => join(rollupsFolder(lake), ".incidents.json");

/**
 * What incidents say of each part's flows, as far as that is known: a key; null where they say nothing of them. The incidents of
 * a run are written anew at each of its seals, while most of its parts are as they were. A part whose key is not known is
 * as good as changed: its key is of the files as they are.
 */
export function correctionKeys(lake: string, parts: readonly string[]): (part: string) => string | null {
  const states = incidentStates(lake, parts);
  const known = states.size > 0 ? readKnown(lake) : {};
  return (part) => {
    const {run} = parsePart(part);
    const state = states.get(run);
    if (state === undefined) return null;
    const own = Object.hasOwn(known, run) ? known[run] : undefined;
    return own?.state === state && Object.hasOwn(own.parts, part) ? own.parts[part].key : state;
  };
}

/** Of each run with incidents, what changes whenever their files are written anew. */
export function incidentStates(lake: string, parts: readonly string[]): Map<string, string> {
  return new Map([...incidentFiles(lake, parts)].map(([run, files]) => [run, hashOf(files.map(stateOf))]));
}

/** Makes the keys that are not known, so that {@link correctionKeys} tells them. `connection`: any, its tables are not asked. */
export async function findCorrectionKeys(
  connection: DuckDBConnection,
  lake: string,
  parts: readonly string[]
): Promise<void> {
  const old = readKnown(lake);
  const states = incidentStates(lake, parts);
  const files = incidentFiles(lake, parts);
  const ofRuns = grouped(
    parts.filter((part) => states.has(parsePart(part).run)),
    (part) => parsePart(part).run
  );
  const known: Record<string, KnownRun> = {};
  for (const [run, own] of ofRuns) {
    const state = states.get(run)!;
    const before = Object.hasOwn(old, run) ? old[run] : undefined;
    if (before?.state === state && own.every((part) => Object.hasOwn(before.parts, part))) known[run] = before;
    else known[run] = {state, parts: await keysOf(connection, lake, own, files.get(run)!, before)};
  }
  const text = JSON.stringify(known);
  if (text === JSON.stringify(old)) return;
  const path = keysFile(lake);
  writeFileSync(`${path}.tmp`, text, {mode: 0o600});
  renameSync(`${path}.tmp`, path);
}

async function keysOf(
  connection: DuckDBConnection,
  lake: string,
  parts: readonly string[],
  files: readonly PartFile[],
  before: KnownRun | undefined
): Promise<Record<string, KnownPart>> {
  const of = (name: "incidents" | "incident_flows") => {
    const own = files.filter(({path}) => basename(dirname(path)) === name);
    return own.length > 0 ? filled(own, name) : `(${emptyQuery(table(name))})`;
  };
  const flows = grouped(partFiles(lake, "flows", parts), ({part}) => part);
  const spans = new Map<string, readonly Span[]>();
  for (const part of parts) {
    // A sealed file never changes.
    const known = before && Object.hasOwn(before.parts, part) ? before.parts[part].spans : null;
    const own = known ?? (await spansOf(connection, flows.get(part) ?? []));
    if (own !== null) spans.set(part, own);
  }
  const asked = [...spans].flatMap(([part, own]) =>
    own.map(([capture, first, last]) => `(${literal(part)}, ${literal(capture)}, ${first}, ${last})`)
  );
  // Of the rows of the view `flow_incidents`. A part's are what there are up to its end, less what there are before its begin.
  const found =
    asked.length === 0
      ? []
      : await (
          await connection.run(`WITH said AS (
  SELECT m.capture_sha256, m.flow_id, count(*) AS rows, sum(CAST(hash(m.flow_id, m.incident_id, i.severity) AS HUGEINT)) AS sum
  FROM ${of("incident_flows")} AS m JOIN ${of("incidents")} AS i ON i.incident_id = m.incident_id AND i.capture_sha256 = m.capture_sha256
  WHERE m.is_main
  GROUP BY m.capture_sha256, m.flow_id
),
up_to AS MATERIALIZED (
  SELECT capture_sha256, flow_id, sum(rows) OVER w AS rows, sum(sum) OVER w AS sum FROM said
  WINDOW w AS (PARTITION BY capture_sha256 ORDER BY flow_id ROWS UNBOUNDED PRECEDING)
)
SELECT part, CAST(sum(coalesce(e.rows, 0) - coalesce(b.rows, 0)) AS VARCHAR), CAST(sum(coalesce(e.sum, 0) - coalesce(b.sum, 0)) AS VARCHAR)
FROM (VALUES ${asked.join(", ")}) AS s(part, capture, first, last)
ASOF LEFT JOIN up_to AS e ON e.capture_sha256 = s.capture AND s.last >= e.flow_id
ASOF LEFT JOIN up_to AS b ON b.capture_sha256 = s.capture AND s.first > b.flow_id
GROUP BY part`)
        ).getRows();
  const sums = new Map(found.map(([part, rows, sum]) => [part, rows === "0" ? null : hashOf([rows, sum])]));
  return Object.fromEntries([...spans].map(([part, own]) => [part, {key: sums.get(part) ?? null, spans: own}]));
}

/** Null where the files cannot be read. */
async function spansOf(connection: DuckDBConnection, files: readonly PartFile[]): Promise<readonly Span[] | null> {
  if (files.length === 0) return [];
  const ends = ["min", "max"].map((end) => `CAST(${end}(flow_id) AS VARCHAR)`).join(", ");
  try {
    const found = await connection.run(`SELECT capture_sha256, ${ends} FROM ${scan(files)} GROUP BY 1 ORDER BY 1`);
    return (await found.getRows()) as unknown as Span[];
  } catch {
    return null;
  }
}

/** By run, since a capture's incidents lie beside its first part. */
function incidentFiles(lake: string, parts: readonly string[]): Map<string, PartFile[]> {
  return grouped(
    [...partFiles(lake, "incidents", parts), ...partFiles(lake, "incident_flows", parts)],
    ({part}) => parsePart(part).run
  );
}

/** Nothing where the file is not there, or not ours: a lake may come from anybody. */
function readKnown(lake: string): Known {
  try {
    const known = JSON.parse(readSmallFile(keysFile(lake), stateBytes)) as Known;
    return Object.values(known).every(isKnownRun) ? known : {};
  } catch {
    return {};
  }
}

const isKnownRun = ({state, parts}: KnownRun) =>
  /^\w+$/.test(state) &&
  Object.values(parts).every(
    ({key, spans}) =>
      (key === null || /^\w+$/.test(key)) &&
      spans.every(
        ([capture, first, last]) => typeof capture === "string" && [first, last].every((id) => /^-?\d+$/.test(id))
      )
  );

/** A short hash of some texts. */
export function hashOf(texts: readonly unknown[]): string {
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 16);
}

/** These are written anew under their names. */
function stateOf({path}: PartFile): string {
  const found = statSync(path, {throwIfNoEntry: false, bigint: true});
  return `${basename(path)} ${found?.size} ${found?.mtimeNs}`;
}
