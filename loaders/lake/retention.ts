import {readdirSync, statSync} from "node:fs";
import {join} from "node:path";
import {listParts, partFiles, partOf, sealedParts} from "../../capture/partitions/layout.ts";
import {lockParts} from "../../capture/partitions/merge.ts";
import {closeRun} from "../../capture/partitions/run.ts";
import {removePart, sweepParts} from "../../capture/partitions/sweep.ts";
import {literal} from "../../schema/ddl.ts";
import {tables} from "../../schema/tables.ts";
import {openLake} from "./duckdb.ts";

/** What may stay in a lake; null for no limit. */
export interface RetentionLimits {
  /** Seconds since a part was sealed: the wall clock's, as the packets of an imported capture may be years old. */
  readonly maxAgeS: number | null;
  /** Bytes of all parts together; raw packets have limits of their own. */
  readonly maxBytes: number | null;
}

export interface Retained {
  /** Parts removed now, oldest first. */
  readonly removed: readonly string[];
  readonly removedBytes: number;
  /** Files deleted of parts that were removed or merged earlier. */
  readonly sweptFiles: number;
  readonly keptBytes: number;
  /** False where another process was at it: nothing was done. */
  readonly done: boolean;
}

/**
 * Removes whole parts, oldest first, until the limits hold. They are invisible at once; their files stay a few minutes
 * for queries under way. `dryRun` tells what would be removed.
 */
export async function retainParts(
  lake: string,
  limits: RetentionLimits,
  nowMs: number,
  dryRun = false
): Promise<Retained> {
  const lock = dryRun || listParts(lake).length === 0 ? null : lockParts(lake, nowMs);
  const none = {removed: [], removedBytes: 0, sweptFiles: 0, keptBytes: 0, done: false};
  if (!lock && !dryRun) return listParts(lake).length === 0 ? {...none, done: true} : none;
  try {
    const parts = await agedParts(lake);
    const removed: string[] = [];
    let keptBytes = parts.reduce((sum, {bytes}) => sum + bytes, 0);
    let removedBytes = 0;
    for (const {part, bytes, sealedMs} of parts) {
      const isOld = limits.maxAgeS !== null && nowMs - sealedMs > limits.maxAgeS * 1000;
      const isMuch = limits.maxBytes !== null && keptBytes > limits.maxBytes;
      if (!isOld && !isMuch) continue;
      if (!dryRun) removePart(lake, part);
      removed.push(part);
      keptBytes -= bytes;
      removedBytes += bytes;
    }
    const sweptFiles = dryRun ? 0 : sweepParts(lake, nowMs);
    return {removed, removedBytes, sweptFiles, keptBytes, done: true};
  } finally {
    if (lock) closeRun(lock);
  }
}

interface AgedPart {
  readonly part: string;
  readonly bytes: number;
  readonly sealedMs: number;
}

/** The visible parts, first sealed first. */
async function agedParts(lake: string): Promise<AgedPart[]> {
  const files = partFiles(lake, "captures");
  if (files.length === 0) return [];
  const engine = await openLake(lake, {threads: 1, memoryMb: 256});
  try {
    const {rows} = await engine.query(
      `SELECT parse_filename(filename), epoch_ms(max(imported_at)) FROM read_parquet(
       [${files.map(({path}) => literal(path)).join(", ")}], filename = true, hive_partitioning = false, union_by_name = true)
       GROUP BY ALL`
    );
    const sealed = new Map(rows.map(([name, ms]) => [partOf(String(name)), Number(ms)]));
    const bytes = bytesByPart(lake);
    return sealedParts(lake)
      .filter((part) => sealed.has(part))
      .map((part) => ({part, bytes: bytes.get(part) ?? 0, sealedMs: sealed.get(part)!}))
      .sort((a, b) => a.sealedMs - b.sealedMs || (a.part < b.part ? -1 : 1));
  } finally {
    await engine.close();
  }
}

function bytesByPart(lake: string): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const {name} of tables) {
    const folder = join(lake, name);
    if (!statSync(folder, {throwIfNoEntry: false})) continue;
    for (const file of readdirSync(folder)) {
      const size = statSync(join(folder, file), {throwIfNoEntry: false})?.size ?? 0;
      bytes.set(partOf(file), (bytes.get(partOf(file)) ?? 0) + size);
    }
  }
  return bytes;
}
