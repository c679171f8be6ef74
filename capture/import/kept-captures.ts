import {chmodSync, copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync} from "node:fs";
import {dirname, isAbsolute, join, resolve} from "node:path";
import {makeFolder} from "../partitions/durable.ts";
import {hashFile} from "../sources/hash-file.ts";

/** How much of captures that were sent is kept. */
export interface KeptLimits {
  readonly bytes: number;
  readonly ageS: number;
}

/** The folder of the lake that holds capture files which have no other place: `files/<hash>`. */
const keptFolder = (lake: string) => join(lake, "files");

/** Where the file of a capture lies if the lake kept it. */
export const keptCapture = (lake: string, sha256: string): string => join(keptFolder(lake), sha256);

/**
 * Where the file of a capture may lie by its path. Lakes of earlier versions kept paths as they were typed: a relative one is
 * looked for from the working folder, and from each folder above the lake.
 */
export function placesOf(lake: string, path: string): readonly string[] {
  if (isAbsolute(path)) return [path];
  const above: string[] = [];
  for (let folder = dirname(resolve(lake)); ; folder = dirname(folder)) {
    above.push(resolve(folder, path));
    if (folder === dirname(folder)) break;
  }
  return [...new Set([resolve(path), ...above])];
}

/**
 * Where the bytes of a capture are: in the lake's own copy, or where it was imported from, if that has the same hash still;
 * null where they are gone. `path` may be a stranger's text: nothing but a plain file is read.
 */
export async function captureFile(lake: string, sha256: string, path: string | undefined): Promise<string | null> {
  for (const candidate of [keptCapture(lake, sha256), ...(path === undefined ? [] : placesOf(lake, path))])
    try {
      if (statSync(candidate).isFile() && (await hashFile(candidate)) === sha256) return candidate;
    } catch {
      // It is not there.
    }
  return null;
}

/**
 * Keeps the file of an imported capture, so that the packets of its flows can be shown; older ones give way to it.
 * `moves`: the file is the lake's own and needs no copy. False where it alone is larger than the limit. `nowMs`: wall
 * clock.
 */
export function keepCapture(
  lake: string,
  {path, sha256, moves}: {readonly path: string; readonly sha256: string; readonly moves: boolean},
  limits: KeptLimits,
  nowMs: number
): boolean {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError(`expected a SHA-256, found ${JSON.stringify(sha256)}`);
  const {size} = statSync(path);
  if (size > limits.bytes) return false;
  makeFolder(keptFolder(lake));
  trimKept(lake, {...limits, bytes: limits.bytes - size}, nowMs);
  const kept = keptCapture(lake, sha256);
  if (moves) renameSync(path, kept);
  else {
    copyFileSync(path, `${kept}.tmp`);
    chmodSync(`${kept}.tmp`, 0o600);
    renameSync(`${kept}.tmp`, kept);
  }
  utimesSync(kept, nowMs / 1000, nowMs / 1000);
  return true;
}

/** Removes the capture files kept longest ago until the limits hold. `nowMs`: wall clock. */
export function trimKept(lake: string, {bytes, ageS}: KeptLimits, nowMs: number): {files: number; bytes: number} {
  const folder = keptFolder(lake);
  const removed = {files: 0, bytes: 0};
  if (!existsSync(folder)) return removed;
  const files = readdirSync(folder)
    .map((name) => ({path: join(folder, name), stat: statSync(join(folder, name), {throwIfNoEntry: false})}))
    .flatMap(({path, stat}) => (stat?.isFile() ? [{path, size: stat.size, mtimeMs: stat.mtimeMs}] : []))
    .sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1));
  let total = files.reduce((sum, {size}) => sum + size, 0);
  for (const {path, size, mtimeMs} of files) {
    if (total <= bytes && nowMs - mtimeMs <= ageS * 1000) break;
    rmSync(path, {force: true});
    total -= size;
    removed.files++;
    removed.bytes += size;
  }
  return removed;
}
