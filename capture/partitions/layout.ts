import {existsSync, readdirSync} from "node:fs";
import {join} from "node:path";
import type {TableName} from "../../schema/tables.ts";
import {damageMarks, damageOf} from "./damage.ts";

/**
 * How the lake lies on disk: `LAKE/<table>/<part>[.<what>].parquet`. A part is what one run sealed at once; it
 * exists from the moment that `captures/<part>.parquet` does, which is renamed into place last. Files of other parts
 * are leftovers or not finished, and no reader looks at them.
 */
export interface PartFile {
  readonly part: string;
  readonly path: string;
}

/**
 * The parts that readers see, oldest first; none where the lake does not exist yet. A part that was merged into a
 * larger one, or removed, still has its files for a while: whoever listed them before can read them to the end.
 */
export function sealedParts(lake: string): string[] {
  const marks = damageMarks(lake);
  return listParts(lake)
    .filter(({mergedInto, isRemoved}) => mergedInto === null && !isRemoved)
    .map(({part}) => part)
    .filter((part) => isWhole(lake, "captures", `${part}.parquet`, marks));
}

/** Where a file is damaged, the others of its part are read; without its rows in `captures` nothing of the part is. */
function isWhole(lake: string, table: TableName, file: string, marks: ReadonlyMap<string, string>): boolean {
  return !marks.has(`${table}.${file}`) && damageOf(join(lake, table, file)) === null;
}

/** A part that has its file in `captures`. */
export interface ListedPart {
  readonly part: string;
  /** The larger part that holds its rows now; null where there is none. */
  readonly mergedInto: string | null;
  /** A file `captures/<part>.removed` lies beside it. */
  readonly isRemoved: boolean;
}

/** All parts with a file in `captures`, oldest first. */
export function listParts(lake: string): ListedPart[] {
  const folder = join(lake, "captures");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const removed = new Set(names.filter((name) => name.endsWith(removedEnding)).map(partOf));
  const parts = names.filter((name) => name.endsWith(".parquet")).map((name) => parsePart(partOf(name)));
  // A merged part comes before those it was made of, and one written anew before what it was.
  parts.sort((a, b) =>
    a.run < b.run ? -1 : a.run > b.run ? 1 : a.from - b.from || b.to - a.to || b.revision - a.revision
  );
  let cover: ParsedPart | null = null;
  return parts.map((part) => {
    if (cover && cover.run === part.run && part.to <= cover.to)
      return {part: part.name, mergedInto: cover.name, isRemoved: removed.has(part.name)};
    cover = part;
    return {part: part.name, mergedInto: null, isRemoved: removed.has(part.name)};
  });
}

/** The end of the name of an empty file that says that a part was removed. */
export const removedEnding = ".removed";

/** The end of the name of a file that says that a capture was forgotten. */
export const forgottenEnding = ".forgotten";

/**
 * What a part's name says: `<run>-<number>`, or `<run>-<from>_<to>` of one merged from those numbers of a run; with
 * `r<revision>` behind it where it was written anew, without captures that were forgotten.
 */
export interface ParsedPart {
  readonly name: string;
  readonly run: string;
  readonly from: number;
  readonly to: number;
  /** 0 as it was sealed or merged. */
  readonly revision: number;
}

/** Takes a part's name apart. A name of another form is a run of its own. */
export function parsePart(name: string): ParsedPart {
  const found = /^(.*)-(\d+)(?:_(\d+))?(?:r(\d+))?$/.exec(name);
  if (!found) return {name, run: name, from: 0, to: 0, revision: 0};
  const [, run, from, to, revision] = found;
  return {name, run, from: Number(from), to: Number(to ?? from), revision: Number(revision ?? 0)};
}

/** The files of a table that belong to sealed parts, oldest first, without those that are damaged. */
export function partFiles(lake: string, table: TableName, parts: readonly string[] = sealedParts(lake)): PartFile[] {
  const sealed = new Set(parts);
  const marks = damageMarks(lake);
  return parquetFiles(join(lake, table))
    .filter((name) => sealed.has(partOf(name)) && isWhole(lake, table, name, marks))
    .map((name) => ({part: partOf(name), path: join(lake, table, name)}));
}

/** The part that a file of a table belongs to: its name up to the first dot. */
export function partOf(fileName: string): string {
  return fileName.slice(0, fileName.indexOf("."));
}

/** Where runs keep what they have not sealed. */
export function runsFolder(lake: string): string {
  return join(lake, ".runs");
}

/** Where sums of parts lie, a folder a part and more: `LAKE/.rollups/<part>.<what>/`. */
export function rollupsFolder(lake: string): string {
  return join(lake, ".rollups");
}

/** Names of the Parquet files of a folder, in their order. */
export function parquetFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".parquet"))
    .sort();
}
