import {existsSync, readdirSync, readFileSync, statfsSync, statSync} from "node:fs";
import {join, resolve} from "node:path";
import {partFiles, sealedParts} from "../../capture/partitions/layout.ts";
import {lakeDamage} from "../../capture/partitions/lost-files.ts";
import {sensorStates} from "../../capture/store/sensor-states.ts";
import {modelHash} from "../../models/model.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {schemaVersion, tables} from "../../schema/tables.ts";
import type {Health, Losses} from "../../src/lib/health.js";
import type {SensorFacts} from "../../src/lib/sensors.js";
import {openLake} from "../lake/duckdb.ts";
import {programVersion} from "../lake/program-version.ts";
import {checkMachine} from "./machine.ts";
import {scoresCheck} from "./older-scores.ts";

const project = resolve(import.meta.dirname, "../..");

/** Folders of the lake that hold no table. */
const besideTables = [
  {name: "packets", doc: "raw packets of live captures; `--ring-size` and `--ring-age` limit them"},
  {name: "files", doc: "captures that were sent, kept for their packets; `kept_bytes` limits them"},
  {name: ".results", doc: "data of pages"},
  {name: ".uploads", doc: "captures on their way into the lake"},
  {name: ".spill", doc: "what queries under way put aside"},
  {name: ".runs", doc: "what imports and captures under way write"},
  {name: ".anomaly", doc: "the profile that flows are compared with"},
  {name: ".experiments", doc: "trainings that are kept"},
  {name: ".reviews", doc: "labels and decisions of readers"},
  {name: ".alerts", doc: "what was told of incidents"},
  {name: ".store", doc: "what was sent to an object store, or fetched from one"}
] as const;

/**
 * Looks at the lake that `FLOWBOOK_LAKE` names and, where `FLOWBOOK_SERVED` is true, at the machine: paths and users of it
 * are nobody's business who reads a static site. Every table counts as read.
 */
export async function lakeHealth(now: () => number = Date.now): Promise<Health> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_SERVED: served} = process.env;
  const isServed = served === "true";
  const engine = await openLake(lake);
  try {
    const scores = await scoresCheck(engine, lake, project);
    return {
      atMs: now(),
      checks: [
        ...(isServed ? await checkMachine({project, lake, env: process.env}) : []),
        ...(isServed || scores.state !== "ok" ? [scores] : [])
      ],
      disk: isServed ? diskOf(lake) : null,
      tables: await tableSizes(engine, lake),
      beside: besideTables
        .map(({name, doc}) => ({name, doc, ...sizeOf(join(lake, name), name === "files")}))
        .filter(({files}) => files > 0),
      losses: await lossesOf(engine),
      versions: versions(),
      parts: partsOf(lake),
      sensors: isServed ? await sensorsOf(engine, lake) : [],
      damage: lakeDamage(lake).map(({table, file, problem}) => ({
        file: `${table}/${file}`,
        problem: problem.replaceAll(join(lake, "/"), "")
      }))
    };
  } finally {
    await engine.close();
  }
}

function diskOf(lake: string): Health["disk"] {
  const {bavail, blocks, bsize} = statfsSync(lake);
  return {free: bavail * bsize, size: blocks * bsize};
}

async function tableSizes(engine: QueryEngine, lake: string): Promise<Health["tables"]> {
  const parts = sealedParts(lake);
  const sizes: Health["tables"][number][] = [];
  for (const {name} of tables) {
    const paths = partFiles(lake, name, parts).map(({path}) => path);
    if (paths.length === 0) continue;
    const [[rows]] = (await engine.query(`SELECT count(*) FROM ${name}`)).rows;
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
    sizes.push({name, rows: Number(rows), files: paths.length, bytes});
  }
  return sizes.sort((a, b) => b.bytes - a.bytes);
}

/** Files below a folder; of a folder that is a table, too, those that are none of its files. */
function sizeOf(folder: string, isTable: boolean): {files: number; bytes: number} {
  if (!existsSync(folder)) return {files: 0, bytes: 0};
  let [files, bytes] = [0, 0];
  for (const entry of readdirSync(folder, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile() || (isTable && entry.name.endsWith(".parquet"))) continue;
    const size = statSync(join(entry.parentPath, entry.name), {throwIfNoEntry: false})?.size;
    if (size === undefined) continue;
    files++;
    bytes += size;
  }
  return {files, bytes};
}

async function lossesOf(engine: QueryEngine): Promise<Losses> {
  const drops = ["interface_drops", "kernel_drops", "pipe_drops"] as const;
  const lost = `coalesce(interface_drops, 0) + coalesce(kernel_drops, 0) + coalesce(pipe_drops, 0)`;
  const untold = drops.map((name) => `${name} IS NULL`).join(" AND ");
  const sums = ["packets", ...drops, "evicted_flows", "cut_packets", "malformed", "unread_packets"];
  const {columns, rows} = await engine.query(
    `SELECT count(*) AS captures, count(*) FILTER (WHERE ${lost} > 0) AS with_loss, count(*) FILTER (WHERE ${untold}) AS untold,
    ${sums.map((name) => `CAST(sum(${name}) AS BIGINT) AS ${name}`).join(", ")} FROM captures`
  );
  const of = Object.fromEntries(columns.map(({name}, k) => [name, rows[0][k] === null ? null : Number(rows[0][k])]));
  const {with_loss: withLoss, ...others} = of;
  const zero = Object.fromEntries(sums.filter((name) => !name.endsWith("_drops")).map((name) => [name, of[name] ?? 0]));
  return {...others, ...zero, withLoss} as unknown as Losses;
}

/** The sensors by name: those that captures name, and those that only spoke of themselves. */
export async function sensorsOf(engine: QueryEngine, lake: string): Promise<SensorFacts[]> {
  const {epochMs} = engine.dialect;
  const drops = ["interface_drops", "kernel_drops", "pipe_drops"];
  const {rows} = await engine.query(
    `SELECT sensor, count(*), CAST(sum(packets) AS BIGINT), CAST(sum(CASE WHEN coalesce(${drops.join(", ")}) IS NOT NULL
      THEN ${drops.map((name) => `coalesce(${name}, 0)`).join(" + ")} END) AS BIGINT), ${epochMs("max(imported_at)")}, ${epochMs("max(last_ts)")}
    FROM captures WHERE sensor IS NOT NULL GROUP BY sensor`
  );
  const number = (value: unknown) => (value === null ? null : Number(value));
  const none = {captures: 0, packets: 0, lost: null, lastPartMs: null, lastPacketMs: null, spool: null};
  const found = new Map<string, SensorFacts>(
    rows.map(([sensor, captures, packets, lost, sealed, last]) => [
      String(sensor),
      {
        sensor: String(sensor),
        captures: Number(captures),
        packets: Number(packets),
        lost: number(lost),
        lastPartMs: number(sealed),
        lastPacketMs: number(last),
        spool: null
      }
    ])
  );
  for (const {sensor, atMs, pendingParts, pendingBytes, lostParts, problem} of sensorStates(lake))
    found.set(sensor, {
      ...none,
      ...found.get(sensor),
      sensor,
      spool: {saidMs: atMs, parts: pendingParts, bytes: pendingBytes, lostParts, problem}
    });
  return [...found.values()].sort((a, b) => (a.sensor < b.sensor ? -1 : 1));
}

function versions(): Health["versions"] {
  const versionOf = (folder: string) =>
    String(JSON.parse(readFileSync(join(project, folder, "package.json"), "utf8")).version);
  const packages = [
    ["DuckDB", "node_modules/@duckdb/node-api"],
    ["ONNX Runtime", "node_modules/onnxruntime-node"],
    ["Observable Framework", "node_modules/@observablehq/framework"]
  ] as const;
  return [
    {name: "flowbook", version: programVersion()},
    {name: "schema of the lake", version: schemaVersion},
    {name: "model", version: modelHash(join(project, "models"))?.slice(0, 16) ?? "none"},
    {name: "Node", version: process.version},
    ...packages
      .filter(([, folder]) => existsSync(join(project, folder, "package.json")))
      .map(([name, folder]) => ({name, version: versionOf(folder)}))
  ];
}

function partsOf(lake: string): Health["parts"] {
  const times = partFiles(lake, "captures", sealedParts(lake)).map(({path}) => statSync(path).mtimeMs);
  if (times.length === 0) return null;
  return {
    count: times.length,
    oldestMs: times.reduce((least, time) => Math.min(least, time)),
    newestMs: times.reduce((most, time) => Math.max(most, time))
  };
}
