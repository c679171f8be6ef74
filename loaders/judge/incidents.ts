import {createHash} from "node:crypto";
import {existsSync, readdirSync, readFileSync} from "node:fs";
import {basename, join} from "node:path";
import {type PartFile, parsePart, partFiles, runsFolder, sealedParts} from "../../capture/partitions/layout.ts";
import {rowsToBatch} from "../../capture/partitions/rows-to-batch.ts";
import {writeTable} from "../../capture/partitions/write-table.ts";
import {modelHash} from "../../models/model.ts";
import {grouped} from "../../models/rules/merge.ts";
import {rulesHash} from "../../models/rules/rules-hash.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {type IncidentRow, incidentColumns} from "../../schema/incidents.ts";
import type {RowBatch} from "../../schema/rows.ts";
import {table} from "../../schema/tables.ts";
import {openLake} from "../lake/duckdb.ts";
import {generationOf} from "../lake/scored-files.ts";
import {defaultModels} from "./classify.ts";
import {currentModel} from "./current-model.ts";
import type {Evidence} from "./evidence.ts";
import {buildIncidents, type Incident, type ToldIncident} from "./incident-builder.ts";
import {evidenceOf, rowsOf} from "./incident-evidence.ts";
import {type IncidentFlows, incidentFlows} from "./incident-flows.ts";
import {type CaptureParts, capturesOf, type DetectOptions, detectNotices} from "./notices.ts";

export interface JoinOptions {
  readonly lake: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  /** Folder of the models whose verdicts count; the project's own without it. */
  readonly models?: string;
  /** The capture that this process makes: its incidents live on, whatever was told of them. */
  readonly running?: Running | null;
}

export interface Running {
  readonly capture: string;
  /** Its last packet, µs since 1970; null where it has ended now. */
  readonly nowUs: number | null;
  readonly told: readonly ToldIncident[];
  /** What models said when they were last asked; without it they are asked, which takes longer as the capture grows. */
  readonly ofModels?: readonly Evidence[];
}

export interface Joined {
  /** Captures whose incidents were joined now. */
  readonly captures: number;
  /** Incidents of them. */
  readonly incidents: number;
  /** Those of the running capture; null where they are as they were. */
  readonly running: readonly Incident[] | null;
}

const hashKey = "flowbook.incidents";

/** Judges what is new by the rules and joins what is known of it to incidents. */
export async function judgeLake(options: DetectOptions & JoinOptions) {
  const {notices, captures} = await detectNotices(options);
  const {incidents} = await joinIncidents(options);
  return {captures, notices, incidents};
}

/**
 * Joins what rules and models said of captures to incidents, where anything of that is new: `incidents/<part>.incidents.parquet`
 * and `incident_flows/…` beside a capture's first part, in place of what was there. An incident keeps the id it was first
 * told by. Captures that another process makes are left to it.
 */
export async function joinIncidents({
  lake,
  clock,
  models = defaultModels,
  running = null
}: JoinOptions): Promise<Joined> {
  const none = {captures: 0, incidents: 0, running: null};
  if (sealedParts(lake).length === 0) return none;
  const engine = await openLake(lake, {timeoutMs: 600_000, maxRows: 50_000_000, hasRollups: false});
  try {
    const model = await currentModel(engine, modelHash(models) ?? undefined);
    const homes = grouped(await capturesOf(engine, lake), ({parts}) => parts[0]);
    const joined = await joinedParts(engine, lake);
    const result = {...none};
    for (const [home, captures] of homes) {
      const isOwn = captures.some(({capture}) => capture === running?.capture);
      const isRunning = isOwn && running?.nowUs !== null;
      if (!isOwn && existsSync(join(runsFolder(lake), parsePart(home).run))) continue;
      const key = inputsOf(lake, captures, model);
      if (joined.get(home) === key && !isOwn) continue;
      const incidents = await incidentsOf(engine, captures, model, running);
      const flows = await incidentFlows(engine, incidents, model);
      await write(lake, home, incidents, flows, isRunning ? {} : {[hashKey]: key}, clock());
      result.captures += captures.length;
      result.incidents += incidents.length;
      if (isOwn)
        Object.assign(result, {running: incidents.filter(({capture_sha256}) => capture_sha256 === running?.capture)});
    }
    return result;
  } finally {
    await engine.close();
  }
}

/** The file of a part's incidents, in both tables. */
export function incidentFile(part: string): string {
  return `${part}.incidents.parquet`;
}

/** What the incidents of a part were made from. */
async function joinedParts(engine: QueryEngine, lake: string): Promise<Map<string, string>> {
  const files = partFiles(lake, "incidents");
  if (files.length === 0) return new Map();
  const {rows} = await engine.query(
    `SELECT file_name, decode(value) FROM parquet_kv_metadata([${files.map(({path}) => literal(path)).join(", ")}]) WHERE decode(key) = ${literal(hashKey)}`
  );
  const keys = new Map(rows.map(([path, key]) => [String(path), String(key)]));
  return new Map(files.map(({part, path}) => [part, keys.get(path) ?? ""]));
}

/** Changes with what rules and models said of the captures, and with how it is joined. */
function inputsOf(lake: string, captures: readonly CaptureParts[], model: string | null): string {
  const parts = [...new Set(captures.flatMap((one) => one.parts))];
  const hash = createHash("sha256")
    .update(sources())
    .update(rulesHash({localNets: []}))
    .update(model ?? "");
  const named = ({path}: PartFile) => `${basename(path)}\n`;
  for (const file of partFiles(lake, "flows", parts)) hash.update(named(file));
  for (const file of partFiles(lake, "verdicts", parts))
    hash.update(named(file)).update(`${generationOf(file.path)}\n`);
  // Small files that are written anew under their names.
  for (const file of [...partFiles(lake, "notices", parts), ...partFiles(lake, "activities", parts)])
    hash.update(named(file)).update(readFileSync(file.path));
  return hash.digest("hex");
}

let ownSources: string | null = null;

function sources(): string {
  if (ownSources !== null) return ownSources;
  const hash = createHash("sha256");
  for (const name of readdirSync(import.meta.dirname).sort())
    if (/^(?:evidence|incident-[a-z]+)\.ts$/.test(name)) hash.update(readFileSync(join(import.meta.dirname, name)));
  ownSources = hash.digest("hex");
  return ownSources;
}

async function incidentsOf(
  engine: QueryEngine,
  captures: readonly CaptureParts[],
  model: string | null,
  running: Running | null
): Promise<Incident[]> {
  const hashes = captures.map(({capture}) => capture);
  const asked = running?.ofModels && hashes.every((hash) => hash === running.capture) ? null : model;
  const found = [...(await evidenceOf(engine, hashes, asked)), ...(asked === null ? (running?.ofModels ?? []) : [])];
  const evidence = grouped(found, ({capture_sha256}) => capture_sha256);
  const told = grouped(await toldOf(engine, hashes), ({capture_sha256}) => capture_sha256);
  return hashes.flatMap((capture) => {
    const isRunning = capture === running?.capture;
    return buildIncidents(evidence.get(capture) ?? [], {
      nowUs: isRunning ? running.nowUs : null,
      told: isRunning ? running.told : (told.get(capture) ?? [])
    });
  });
}

async function toldOf(engine: QueryEngine, captures: readonly string[]): Promise<IncidentRow[]> {
  const from = `FROM incidents WHERE capture_sha256 IN (${captures.map(literal).join(", ")}) ORDER BY ts_start, incident_id`;
  return rowsOf<IncidentRow>(engine, incidentColumns, from);
}

/** Incidents as rows of the table, without their flows. */
export function incidentRow(incident: Incident, flows: number): IncidentRow {
  const {findings, ...row} = incident;
  const reasons = findings.map(({source, name, id, severity, probability, ts_start, ts_end, summary, reasons}) => ({
    source,
    name,
    id,
    severity,
    probability,
    ts_start,
    ts_end,
    summary,
    reasons
  }));
  return {...row, flows: BigInt(flows), reasons: JSON.stringify(reasons)};
}

async function write(
  lake: string,
  home: string,
  incidents: readonly Incident[],
  flows: IncidentFlows,
  metadata: Readonly<Record<string, string>>,
  nowMs: number
): Promise<void> {
  const counts = new Float64Array(incidents.length);
  for (const incident of flows.incident) counts[incident]++;
  const file = incidentFile(home);
  const rows = rowsToBatch(
    table("incidents"),
    incidents.map((incident, k) => incidentRow(incident, counts[k]))
  );
  if (flows.rows > 0 || existsSync(join(lake, "incident_flows", file)))
    await writeTable(lake, "incident_flows", [flowsBatch(incidents, flows)], file, metadata, nowMs);
  await writeTable(lake, "incidents", [rows], file, metadata, nowMs);
}

/** The columns of `incident_flows`, in the order of schema/incidents.ts. */
function flowsBatch(
  incidents: readonly Incident[],
  {rows, incident, flowId, contribution, isMain}: IncidentFlows
): RowBatch {
  const captures = [...new Set(incidents.map(({capture_sha256}) => capture_sha256))];
  const codes = incidents.map(({capture_sha256}) => captures.indexOf(capture_sha256));
  return {
    table: "incident_flows",
    rows,
    columns: [
      {codes: incident, values: incidents.map(({incident_id}) => incident_id)},
      flowId,
      {codes: incident.map((k) => codes[k]), values: captures},
      contribution,
      isMain
    ]
  };
}
