/**
 * `node bin/run.js test/bench/wide-lake.ts FROM LAKE COPIES`: a lake of so many copies of a made lake's flows (`latency` keeps one),
 * as three sensors fill it one after the other: parts of a quarter million flows, each copy later than the one before it.
 */
import {createHash} from "node:crypto";
import {mkdirSync} from "node:fs";
import {join, resolve} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {schemaVersion} from "../../schema/tables.ts";

const [from, lake, copies] = [process.argv[2], process.argv[3], Number(process.argv[4])].map((each) =>
  typeof each === "string" ? resolve(each) : each
) as [string, string, number];
const sensors = ["north", "east", "west"];
const pieces = 4;
/** Between the beginnings of two copies of a sensor: somewhat more than one takes. */
const stepUs = 5_400_000_000;

const instance = await DuckDBInstance.create(":memory:", {threads: "1", memory_limit: "2GB"});
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
for (const table of ["flows", "verdicts", "captures", "incidents", "incident_flows"])
  mkdirSync(join(lake, table), {recursive: true});
const {rows} = {
  rows: await (await connection.run(`SELECT DISTINCT capture_sha256 FROM '${from}/captures/made-1.parquet'`)).getRows()
};
for (let copy = 0; copy < copies; copy++) {
  const sensor = sensors[copy % sensors.length];
  const shift = Math.floor(copy / sensors.length) * stepUs;
  const renamed = (hash: string) => createHash("sha256").update(`${hash} ${copy}`).digest("hex");
  const capture = `CASE capture_sha256 ${rows.map(([hash]) => `WHEN '${hash}' THEN '${renamed(String(hash))}'`).join(" ")} END`;
  const id = `flow_id + ${copy} * 10000000`;
  const later = (column: string) => `${column} + to_microseconds(${shift}) AS ${column}`;
  const incident = `substr(md5(incident_id || '${copy}'), 1, 16) AS incident_id`;
  const replaced: Record<string, string> = {
    flows: `${id} AS flow_id, ${capture} AS capture_sha256, ${later("ts_start")}, ${later("ts_end")}`,
    verdicts: `${id} AS flow_id, ${capture} AS capture_sha256`,
    captures: `${capture} AS capture_sha256, '${sensor}' AS sensor, ${later("first_ts")}, ${later("last_ts")}, path || ' ${copy}' AS path`,
    incidents: `${incident}, ${capture} AS capture_sha256, ${later("ts_start")}, ${later("ts_end")}`,
    incident_flows: `${incident}, ${id} AS flow_id, ${capture} AS capture_sha256`
  };
  for (let piece = 0; piece < pieces; piece++)
    for (const [table, columns] of Object.entries(replaced)) {
      // A part has flows of its own; what is of a whole capture stands with its first part.
      const isOfFlows = table === "flows" || table === "verdicts";
      if (!isOfFlows && table !== "captures" && piece > 0) continue;
      const file = join(lake, table, `${sensor}${String(copy).padStart(3, "0")}-${piece + 1}.parquet`);
      const where = isOfFlows ? `WHERE flow_id % ${pieces} = ${piece}` : "";
      await connection.run(
        `COPY (SELECT * REPLACE (${columns}) FROM '${from}/${table}/made-1.parquet' ${where}) TO '${file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, KV_METADATA {'flowbook.schema_version': '${schemaVersion}'})`
      );
    }
}
instance.closeSync();
