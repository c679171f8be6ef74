import {
  columnsOfRollup,
  countedSums,
  dividedSums,
  groupsOfRollup,
  type Rollup,
  rollupKinds,
  rollupRoles
} from "../../schema/rollups.ts";
import {flowState} from "../../schema/verdicts.ts";
import {activeSql, pieceSql} from "../../src/lib/activity-sql.js";
import {dimensions} from "../../src/lib/dimensions.js";
import {duckdbSpelling, spreadSql} from "../../src/lib/sql.js";
import {unusualPortSql} from "../../src/lib/usual-ports.js";

/** Where the flows and verdicts of parts are, as what stands behind FROM; `model` is an SQL literal. */
export interface RollupSource {
  readonly flows: string;
  readonly verdicts: string;
  readonly model: string;
}

const wordOfModel = flowState("NULL", "v.is_anomaly", "v.label");

const flowColumns = [
  "capture_sha256",
  "proto",
  "service",
  "conn_state",
  "server_name",
  "dst_port",
  "src_ip",
  "dst_ip",
  "duration_us",
  "activity"
];

/**
 * The flows as roll-ups need them: `sign` is 1. `ofIncidents`: those of grave incidents alone, once with what the model says
 * of them and `sign` -1, once as suspicious: added to the sums, these make the sums of what is said of flows.
 */
export function rolledFlows({flows, verdicts, model}: RollupSource, ofIncidents: boolean): string {
  const sums = {...dividedSums, ...countedSums};
  const bin = dimensions.score_bin.sql;
  const named = Object.entries(sums).map(([name, sql]) => `COALESCE(CAST(${sql} AS DOUBLE), 0) AS ${name}`);
  const verdict = ofIncidents ? `CASE WHEN e.sign > 0 THEN 'suspicious' ELSE ${wordOfModel} END` : wordOfModel;
  const grave = `
  JOIN (SELECT DISTINCT flow_id, capture_sha256 FROM flow_incidents WHERE ${flowState("severity", "FALSE", "'Normal'")} = 'suspicious') AS i
    ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256
  CROSS JOIN (VALUES (-1), (1)) AS e(sign)`;
  return `SELECT ${flowColumns.map((name) => `f.${name}`).join(", ")}, ${verdict} AS verdict, v.label AS label, ${bin} AS score_bin,
  epoch_us(f.ts_start) AS start_us, ${ofIncidents ? "CAST(e.sign AS DOUBLE)" : "CAST(1 AS DOUBLE)"} AS sign,
  ${named.join(", ")}
FROM ${flows} AS f${ofIncidents ? grave : ""}
LEFT JOIN ${verdicts} AS v ON v.flow_id = f.flow_id AND v.capture_sha256 = f.capture_sha256 AND v.model = ${model}`;
}

/** The rows of a roll-up with the buckets of a width, from a table or query of {@link rolledFlows}. */
export function rollupSql(rollup: Rollup, widthUs: number, flows: string): string {
  const {originator, responder, itself} = rollupRoles;
  const isByHost = rollup.by.some(({name}) => name === "role");
  const only = rollup.only ? ` WHERE ${unusualPortSql("service", "dst_port")}` : "";
  const source = isByHost
    ? `(SELECT *, src_ip AS ip, ${originator} AS role FROM ${flows} UNION ALL
  SELECT *, dst_ip AS ip, CASE WHEN dst_ip = src_ip THEN ${itself} ELSE ${responder} END AS role FROM ${flows})`
    : `(SELECT * FROM ${flows}${only})`;
  const sums = Object.keys({...dividedSums, ...countedSums});
  const groups = groupsOfRollup(rollup)
    .map(({name}) => name)
    .join(", ");
  const started = `start_us // ${widthUs}`;
  const last = `GREATEST(start_us, start_us + duration_us - 1) // ${widthUs}`;
  const gone = `GREATEST(${started} + 1, (start_us + duration_us + ${widthUs - 1}) // ${widthUs})`;
  const grid = {originUs: 0, widthUs, count: Number.MAX_SAFE_INTEGER};
  const again = ["flows", ...sums].map((name) => `SUM(${name}) AS ${name}`).join(", ");
  const divided = (of: (name: string) => string) =>
    [
      ...Object.keys(dividedSums).map(of),
      ...Object.keys(countedSums).map((name) => `CAST(0 AS DOUBLE) AS ${name}`)
    ].join(", ");
  const dividedInBins = divided(
    (name) => `SUM(sign * ${pieceSql(dividedSums[name as keyof typeof dividedSums], name)}) AS ${name}`
  );
  const rows = (kind: number, bucket: string, columns: string, from: string) =>
    `SELECT ${kind} AS kind, CAST(${bucket} AS BIGINT) AS ts_us, ${groups}, ${columns} FROM ${from} GROUP BY ALL`;
  // All flows are gone through once; what lies within one bucket is not cut, and that is most of it.
  return `WITH cells AS MATERIALIZED (
  SELECT ${started} AS first_no, ${gone} AS gone_no, ${started} = ${last} AS is_within, ${groups}, SUM(sign) AS flows, ${sums.map((name) => `SUM(sign * ${name}) AS ${name}`).join(", ")}
  FROM ${source} AS s GROUP BY ALL
),
chosen AS (SELECT * FROM ${source} AS c WHERE ${started} <> ${last}),
${activeSql(duckdbSpelling)},
${spreadSql({}, grid, duckdbSpelling, "pieces")}
${[
  rows(rollupKinds.started, `first_no * ${widthUs}`, again, "cells"),
  rows(rollupKinds.gone, `gone_no * ${widthUs}`, again, "cells"),
  rows(
    rollupKinds.carried,
    `carried_no * ${widthUs}`,
    again,
    "(SELECT *, UNNEST(generate_series(first_no + 1, gone_no - 1)) AS carried_no FROM cells WHERE gone_no > first_no + 1)"
  ),
  rows(
    rollupKinds.spread,
    `first_no * ${widthUs}`,
    `SUM(flows) AS flows, ${divided((name) => `SUM(${name}) AS ${name}`)}`,
    "(FROM cells WHERE is_within)"
  ),
  rows(rollupKinds.spread, "bucket_us", `SUM(sign) AS flows, ${dividedInBins}`, "spread")
].join("\nUNION ALL\n")}`;
}

/** The rows of a roll-up with wider buckets, from a table of narrower ones. */
export function widerRollupSql(rollup: Rollup, widthUs: number, narrower: string): string {
  const columns = columnsOfRollup(rollup);
  const sums = columns.filter(({type}) => type === "DOUBLE");
  const bucket = `CASE kind WHEN ${rollupKinds.gone} THEN (ts_us + ${widthUs - 1}) // ${widthUs} ELSE ts_us // ${widthUs} END * ${widthUs}`;
  const groups = columns.filter(({type, name}) => type !== "DOUBLE" && name !== "kind" && name !== "ts_us");
  // What is carried into a wide bucket is carried into its first narrow one.
  return `SELECT kind, CAST(${bucket} AS BIGINT) AS ts_us, ${groups.map(({name}) => name).join(", ")},
  ${sums.map(({name}) => `SUM(${name}) AS ${name}`).join(", ")}
FROM ${narrower} WHERE kind <> ${rollupKinds.carried} OR ts_us % ${widthUs} = 0
GROUP BY 1, 2, ${groups.map((_, k) => k + 3).join(", ")}`;
}
