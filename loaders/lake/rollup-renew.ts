import {mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync} from "node:fs";
import {join} from "node:path";
import type {DuckDBConnection} from "@duckdb/node-api";
import {syncFile, syncFolder} from "../../capture/partitions/durable.ts";
import {openEngine} from "../../capture/partitions/engine.ts";
import {parsePart, partFiles, rollupsFolder, sealedParts} from "../../capture/partitions/layout.ts";
import {graceMs} from "../../capture/partitions/sweep.ts";
import {emptyQuery, literal} from "../../schema/ddl.ts";
import {columnsOfRollup, rollups} from "../../schema/rollups.ts";
import {seriesFile} from "../../schema/series.ts";
import {table} from "../../schema/tables.ts";
import {findCorrectionKeys, incidentStates} from "./corrected-parts.ts";
import {firstFlowsMade} from "./first-flows-sql.ts";
import {lakeViews} from "./lake-views.ts";
import {filled} from "./part-scan.ts";
import {
  allRollupNames,
  filesOf,
  firstFile,
  leastBytes,
  partRollups,
  rollupFile,
  rollupNames,
  sortedFile
} from "./rollup-files.ts";
import {rolledFlows, rollupSql, widerRollupSql} from "./rollup-sql.ts";
import {seriesIncidentsSql, seriesSql, sortedFlowsOf} from "./series-sql.ts";

export interface RollupsRenewed {
  /** Folders made now. */
  readonly made: number;
  /** Folders of what is no more, removed now. */
  readonly removed: number;
}

/**
 * Makes the roll-ups that are missing: of parts that were sealed, merged or scored, and what their incidents change. Those of
 * parts that are gone go when nobody reads them any more. One caller at a time (`lockRuns`).
 */
export async function renewRollups(
  lake: string,
  {
    model,
    nowMs,
    least = leastBytes,
    signal
  }: {model: string | null; nowMs: number; least?: number; signal?: AbortSignal}
): Promise<RollupsRenewed> {
  const parts = sealedParts(lake);
  const states = incidentStates(lake, parts);
  await findKeys(lake, parts);
  const names = rollupNames(lake);
  const wanted = partRollups(lake, parts, model, least);
  const due = wanted.flatMap(({part, base, corrections}) => [
    ...(names.has(base) ? [] : [{part, name: base, ofIncidents: false}]),
    ...(corrections === null || names.has(corrections) ? [] : [{part, name: corrections, ofIncidents: true}])
  ]);
  const kept = new Set(wanted.flatMap(({base, corrections}) => [base, corrections]));
  const removed = removeOld(
    lake,
    allRollupNames(lake).filter((name) => !kept.has(name)),
    nowMs
  );
  if (due.length === 0) return {made: 0, removed};
  mkdirSync(rollupsFolder(lake), {recursive: true, mode: 0o700});
  for (const left of readdirSync(rollupsFolder(lake)).filter((name) => name.startsWith(workName)))
    rmSync(join(rollupsFolder(lake), left), {recursive: true, force: true});
  const work = mkdtempSync(join(rollupsFolder(lake), workName));
  const instance = await openEngine("512MB", join(work, "spill"));
  try {
    const connection = await instance.connect();
    for (const statement of await lakeViews(connection, lake, {ofIncidents: true})) await connection.run(statement);
    let made = 0;
    for (const {part, name, ofIncidents} of due) {
      if (signal?.aborted) break;
      await makeOne(connection, lake, {part, folder: join(work, name), model, ofIncidents});
      // Its name tells of the incidents that were there at the beginning.
      const {run} = parsePart(part);
      if (ofIncidents && incidentStates(lake, parts).get(run) !== states.get(run)) continue;
      // One that is damaged lies there, still.
      rmSync(join(rollupsFolder(lake), name), {recursive: true, force: true});
      renameSync(join(work, name), join(rollupsFolder(lake), name));
      made++;
    }
    syncFolder(rollupsFolder(lake));
    return {made, removed};
  } finally {
    instance.closeSync();
    rmSync(work, {recursive: true, force: true});
  }
}

/** What a renewal has not finished. */
const workName = ".work-";

/** The keys of parts' corrections; without incidents there is nothing to find. */
async function findKeys(lake: string, parts: readonly string[]): Promise<void> {
  if (incidentStates(lake, parts).size === 0) return;
  mkdirSync(rollupsFolder(lake), {recursive: true, mode: 0o700});
  const work = mkdtempSync(join(rollupsFolder(lake), workName));
  const instance = await openEngine("512MB", work);
  try {
    await findCorrectionKeys(await instance.connect(), lake, parts);
  } finally {
    instance.closeSync();
    rmSync(work, {recursive: true, force: true});
  }
}

interface Making {
  readonly part: string;
  readonly folder: string;
  readonly model: string | null;
  readonly ofIncidents: boolean;
}

async function makeOne(
  connection: DuckDBConnection,
  lake: string,
  {part, folder, model, ofIncidents}: Making
): Promise<void> {
  mkdirSync(folder, {mode: 0o700});
  const verdicts = partFiles(lake, "verdicts", [part]);
  const source = {
    flows: filled(partFiles(lake, "flows", [part]), "flows"),
    verdicts: verdicts.length > 0 ? filled(verdicts, "verdicts") : `(${emptyQuery(table("verdicts"))})`,
    model: literal(model ?? "")
  };
  await connection.run(`CREATE OR REPLACE TEMP TABLE rolled AS ${rolledFlows(source, ofIncidents)}`);
  for (const rollup of rollups)
    for (const [k, widthUs] of rollup.widthsUs.entries()) {
      const sql = k === 0 ? rollupSql(rollup, widthUs, "rolled") : widerRollupSql(rollup, widthUs, "narrower");
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${k === 0 ? "narrower" : "wider"} AS ${sql}`);
      if (k > 0) await connection.run("DROP TABLE narrower; ALTER TABLE wider RENAME TO narrower");
      const columns = columnsOfRollup(rollup).map(({name}) => name);
      const path = join(folder, rollupFile(rollup, widthUs));
      await connection.run(
        `COPY (SELECT ${columns.join(", ")} FROM narrower ORDER BY kind, ts_us) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)`
      );
      syncFile(path);
    }
  await connection.run("DROP TABLE rolled; DROP TABLE narrower");
  await makeSeries(connection, source.flows, {folder, ofIncidents});
  if (ofIncidents) return;
  const path = join(folder, sortedFile);
  await connection.run(
    `COPY (${sortedFlowsOf(`${source.flows} AS f`)} ORDER BY proto, service, src_ip) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)`
  );
  syncFile(path);
  await makeFirst(connection, source.flows, join(folder, firstFile));
}

async function makeFirst(connection: DuckDBConnection, flows: string, path: string): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE keyed AS ${firstFlowsMade.keyed(flows)}`);
  for (const [k, list] of firstFlowsMade.lists.entries())
    await connection.run(`${k === 0 ? "CREATE OR REPLACE TEMP TABLE picked AS" : "INSERT INTO picked"} ${list}`);
  await connection.run(
    `COPY (${firstFlowsMade.shown(flows)}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)`
  );
  await connection.run("DROP TABLE keyed; DROP TABLE picked");
  syncFile(path);
}

/** Flows of so many series at a time: lists of times are held in memory until they are whole. */
const mostAtOnce = 500_000;

async function makeSeries(
  connection: DuckDBConnection,
  flows: string,
  {folder, ofIncidents}: Pick<Making, "folder" | "ofIncidents">
): Promise<void> {
  const path = join(folder, seriesFile);
  if (ofIncidents) await connection.run(`CREATE OR REPLACE TEMP TABLE series AS ${seriesIncidentsSql(flows)}`);
  else {
    const [[count]] = await (await connection.run(`SELECT count(*) FROM ${flows} AS f`)).getRows();
    const pieces = Math.max(1, Math.ceil(Number(count) / mostAtOnce));
    const piece = (k: number) =>
      seriesSql(flows, pieces === 1 ? "" : ` WHERE hash(f.src_ip, f.dst_ip) % ${pieces} = ${k}`);
    await connection.run(`CREATE OR REPLACE TEMP TABLE series AS ${piece(0)}`);
    for (let k = 1; k < pieces; k++) await connection.run(`INSERT INTO series ${piece(k)}`);
  }
  await connection.run(
    `COPY (SELECT * FROM series ORDER BY proto, service, src_ip, dst_ip, dst_port) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)`
  );
  await connection.run("DROP TABLE series");
  syncFile(path);
}

/** Reads all roll-ups and removes those with a damaged file, so that the next renewal makes them anew; returns these files. */
export async function removeDamagedRollups(lake: string): Promise<string[]> {
  const names = allRollupNames(lake);
  if (names.length === 0) return [];
  const instance = await openEngine("512MB");
  try {
    const connection = await instance.connect();
    const damaged: string[] = [];
    for (const name of names)
      for (const file of filesOf(name)) {
        const path = join(rollupsFolder(lake), name, file);
        try {
          await connection.run(
            `SELECT bit_xor(hash(r)) FROM read_parquet(${literal(path)}, hive_partitioning = false) AS r`
          );
        } catch {
          damaged.push(`${name}/${file}`);
          rmSync(join(rollupsFolder(lake), name), {recursive: true, force: true});
          break;
        }
      }
    return damaged;
  } finally {
    instance.closeSync();
  }
}

/** A query may still read them. */
function removeOld(lake: string, names: readonly string[], nowMs: number): number {
  const folders = names.map((name) => join(rollupsFolder(lake), name));
  const old = folders.filter((path) => nowMs - (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? nowMs) >= graceMs);
  for (const path of old) rmSync(path, {recursive: true, force: true});
  return old.length;
}
