import {rmSync} from "node:fs";
import {join} from "node:path";
import type {DuckDBConnection} from "@duckdb/node-api";
import {literal} from "../../schema/ddl.ts";
import {forgottenIn, removeTombstone, type Tombstone, tombstones} from "./forgotten.ts";
import {partFiles, partOf} from "./layout.ts";
import {lockParts, rewritePart} from "./merge.ts";
import {mayLive} from "./owner.ts";
import {closeRun} from "./run.ts";
import {removePart} from "./sweep.ts";

/**
 * Takes the rows of forgotten captures out of the lake, their kept files and raw packets too, and then their tombstones:
 * a part of such captures alone is removed, any other is written anew without them. What a killed process began is
 * finished by the next one. Readers under way see the rows that they listed; the files go by `sweepParts`. Returns the
 * hashes of the captures that are gone; none where another process is at it.
 */
export async function finishForgetting(lake: string, nowMs: number): Promise<string[]> {
  if (tombstones(lake).length === 0) return [];
  const lock = lockParts(lake, nowMs);
  if (!lock) return [];
  try {
    const {openEngine} = await import("./engine.ts");
    const instance = await openEngine("512MB", lock.folder);
    try {
      return await removeForgotten(lake, await instance.connect());
    } finally {
      instance.closeSync();
    }
  } finally {
    closeRun(lock);
  }
}

/** The parts that hold rows of that capture and of no other. */
export async function partsOnlyOf(lake: string, sha256: string): Promise<string[]> {
  const {openEngine} = await import("./engine.ts");
  const instance = await openEngine("384MB", "");
  try {
    const rows = await capturesByPart(lake, await instance.connect());
    return rows.filter(({captures}) => captures.every((one) => one === sha256)).map(({part}) => part);
  } finally {
    instance.closeSync();
  }
}

async function removeForgotten(lake: string, connection: DuckDBConnection): Promise<string[]> {
  const rows = await capturesByPart(lake, connection);
  const present = new Set(rows.flatMap(({captures}) => captures));
  const stones = tombstones(lake);
  const isForgotten = forgottenIn(lake, present);
  for (const {part, captures} of rows) {
    const gone = captures.filter((sha256) => isForgotten(sha256, part));
    if (gone.length === 0) continue;
    if (gone.length < captures.length) await rewritePart(connection, lake, part, gone);
    else removePart(lake, part);
  }
  const left = await capturesByPart(lake, connection);
  const waiting = left.flatMap(({part, captures}) => captures.filter((sha256) => isForgotten(sha256, part)));
  const done = stones.filter(({sha256, after}) => (after === null || present.has(after)) && !waiting.includes(sha256));
  for (const {sha256} of done) {
    // It may have been imported again after its tombstone.
    if (!left.some(({captures}) => captures.includes(sha256))) removeFiles(lake, sha256);
    removeTombstone(lake, sha256);
  }
  for (const {sha256} of stones.filter((stone) => isVain(stone, present))) removeTombstone(lake, sha256);
  return done.map(({sha256}) => sha256);
}

/** What was to take the capture's place never came, and who wanted to bring it is gone. */
function isVain({after, owner}: Tombstone, present: ReadonlySet<string>): boolean {
  return after !== null && !present.has(after) && !mayLive(owner);
}

async function capturesByPart(lake: string, connection: DuckDBConnection) {
  const files = partFiles(lake, "captures");
  if (files.length === 0) return [];
  const paths = files.map(({path}) => literal(path)).join(", ");
  const result = await connection.run(
    `SELECT parse_filename(filename), list(DISTINCT capture_sha256) FROM read_parquet([${paths}],
       filename = true, hive_partitioning = false, union_by_name = true) GROUP BY ALL ORDER BY ALL`
  );
  return (await result.getRowsJson()).map(([file, captures]) => ({
    part: partOf(String(file)),
    captures: captures as string[]
  }));
}

/** The lake's own copies of a capture: its kept file, its ring of raw packets. */
function removeFiles(lake: string, sha256: string): void {
  rmSync(join(lake, "files", sha256), {force: true});
  rmSync(join(lake, "packets", sha256), {recursive: true, force: true});
}
