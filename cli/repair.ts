import {copyFileSync, existsSync, mkdirSync, renameSync, rmSync} from "node:fs";
import {join} from "node:path";
import {importCaptures} from "../capture/import/import.ts";
import {captureFile} from "../capture/import/kept-captures.ts";
import type {Damage} from "../capture/partitions/damage.ts";
import {capturesOf} from "../capture/partitions/known.ts";
import {listParts, parquetFiles, parsePart, partOf} from "../capture/partitions/layout.ts";
import {capturesIn, lakeDamage} from "../capture/partitions/lost-files.ts";
import {lockParts} from "../capture/partitions/merge.ts";
import {closeRun} from "../capture/partitions/run.ts";
import {removePart} from "../capture/partitions/sweep.ts";
import {tables} from "../schema/tables.ts";
import {readConfiguration} from "./configuration.ts";

export interface Repair {
  /** What was damaged, by `<table>/<file>`. */
  readonly file: string;
  /** What was done; null where nothing could be. */
  readonly done: string | null;
  /** Why not; null where it was. */
  readonly reason: string | null;
}

/**
 * Makes again what a lake has lost: captures are imported from the lake's own copy, or from where they were, if that has
 * the same hash; what was derived is set aside and derived again by the next scoring. Damaged files go to
 * `LAKE/.damaged/files`, and none is deleted.
 */
export async function repairLake(lake: string): Promise<Repair[]> {
  const damage = lakeDamage(lake);
  const repairs: Repair[] = [];
  const parts = new Set(damage.filter(isOfRows).map(({file}) => partOf(file)));
  for (const one of damage.filter((found) => !isOfRows(found))) {
    setAside(lake, one.table, one.file);
    repairs.push({file: `${one.table}/${one.file}`, done: "set aside, to be derived again", reason: null});
  }
  for (const part of parts) {
    const reasons = await importAgain(lake, part);
    const files = damage.filter((found) => isOfRows(found) && partOf(found.file) === part);
    if (reasons.length === 0) {
      for (const {table, file} of files) setAside(lake, table, file);
      retire(lake, part);
    }
    const done = reasons.length === 0 ? "its captures are imported again" : null;
    const reason = reasons.length === 0 ? null : reasons.join("; ");
    for (const {table, file} of files) repairs.push({file: `${table}/${file}`, done, reason});
  }
  return repairs;
}

/** Rows as they were sealed, which only the capture gives again. */
function isOfRows({table, file}: Damage): boolean {
  return table === "captures" || file.slice(partOf(file).length).startsWith(`.${table}.`);
}

/** Imports the captures of a part once more; why it could not, for each. */
async function importAgain(lake: string, part: string): Promise<string[]> {
  const hashes = capturesIn(lake, part);
  if (hashes.length === 0) return ["none of its files tells which captures were in it: import them again"];
  const {idleTimeoutS, activeTimeoutS} = readConfiguration();
  const reasons: string[] = [];
  for (const sha256 of hashes) {
    const known = (await capturesOf(lake)).find(({capture_sha256}) => capture_sha256 === sha256);
    // A later run brought it again already.
    if (known && parsePart(known.part).run > parsePart(part).run) continue;
    const path = await captureFile(lake, sha256, known?.path);
    if (path === null) {
      const called = known ? known.path : `${sha256.slice(0, 12)}…`;
      reasons.push(
        known?.format.startsWith("live/")
          ? `${called} was captured live: its packets are not there to be read again`
          : `${called} is not where it was, and the lake keeps no copy of it: import it again`
      );
      continue;
    }
    const {failed} = await importCaptures([path], {
      lake,
      clock: Date.now,
      force: true,
      name: known?.path,
      workers: 1,
      settings: {idleTimeoutUs: idleTimeoutS * 1e6, activeTimeoutUs: activeTimeoutS * 1e6}
    });
    reasons.push(...failed.map(({problem}) => problem));
  }
  return reasons;
}

/** Takes a part away whose captures are all in the lake again. */
function retire(lake: string, part: string): void {
  const lock = lockParts(lake, Date.now());
  // Its rows no longer count anyway.
  if (!lock) return;
  try {
    if (listParts(lake).some((listed) => listed.part === part)) removePart(lake, part);
    else
      for (const {name} of tables)
        for (const file of parquetFiles(join(lake, name))) if (partOf(file) === part) setAside(lake, name, file);
  } finally {
    closeRun(lock);
  }
}

function setAside(lake: string, table: string, file: string): void {
  const folder = join(lake, ".damaged/files");
  const from = join(lake, table, file);
  mkdirSync(folder, {recursive: true, mode: 0o700});
  const to = join(folder, `${table}.${file}`);
  // In `captures` it still names a part that readers leave out, until the part is removed.
  if (existsSync(from)) (table === "captures" ? copyFileSync : renameSync)(from, to);
  rmSync(join(lake, ".damaged", `${table}.${file}`), {force: true});
}
