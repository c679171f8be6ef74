import {existsSync, readdirSync} from "node:fs";
import {basename, join} from "node:path";
import {type TableName, tables} from "../../schema/tables.ts";
import {type Damage, damageMarks, damageOf} from "./damage.ts";
import {listParts, type PartFile, parquetFiles, partFiles, partOf, runsFolder} from "./layout.ts";
import {metadataValue} from "./parquet-metadata.ts";
import {filesKey} from "./publish-part.ts";

/** What a file was when it was sealed. */
export interface SealedFile {
  readonly table: TableName;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What was read of files in `captures`, by path: a sealed file never changes. */
const read = new Map<string, readonly SealedFile[]>();
const mostRemembered = 100_000;

/** The files that belong to a part, by what its file in `captures` says; versions before this one say nothing. */
export function sealedFiles(captures: string): readonly SealedFile[] {
  const known = read.get(captures);
  if (known) return known;
  const text = metadataValue(captures, filesKey);
  const files = text === null ? [] : filesTold(text);
  if (read.size >= mostRemembered) read.clear();
  read.set(captures, files);
  return files;
}

/** A file of a part may be named by somebody else: only names that lie in the lake's tables count. */
function filesTold(text: string): SealedFile[] {
  return entriesOf(text).flatMap(([path, told]) => {
    const [, table, file] = /^(\w+)\/(\w[^/\\]*\.parquet)$/.exec(path) ?? [];
    const {bytes, sha256} = (told ?? {}) as Record<string, unknown>;
    const known = tables.find(({name}) => name === table)?.name;
    return known && typeof bytes === "number" && typeof sha256 === "string"
      ? [{table: known, file, bytes, sha256}]
      : [];
  });
}

/** Entries of a JSON object; none where the text is none. */
function entriesOf(text: string): [string, unknown][] {
  try {
    return Object.entries(JSON.parse(text) ?? {});
  } catch {
    return [];
  }
}

/** Files of parts that are gone, or that readers leave out. */
export function lostFiles(lake: string, captures: readonly PartFile[]): Damage[] {
  const names = captures.map(({part}) => part);
  const there = new Set(
    tables.flatMap(({name}) => partFiles(lake, name, names).map(({path}) => `${name}/${basename(path)}`))
  );
  const marks = damageMarks(lake);
  const lost = captures
    .flatMap(({path}) => sealedFiles(path))
    .filter(({table, file}) => !there.has(`${table}/${file}`));
  return lost.map(({table, file}) => ({table, file, problem: problemOf(lake, table, file, marks)}));
}

/** Everything of a lake that readers leave out: damaged files, and those that are missing. */
export function lakeDamage(lake: string): Damage[] {
  const marks = damageMarks(lake);
  const listed = listParts(lake).filter(({mergedInto, isRemoved}) => mergedInto === null && !isRemoved);
  const parts = new Set(listed.map(({part}) => part));
  const damaged = tables.flatMap(({name}) =>
    parquetFiles(join(lake, name))
      .filter((file) => parts.has(partOf(file)))
      .map((file) => ({table: name, file, mark: marks.get(`${name}.${file}`) ?? damageOf(join(lake, name, file))}))
      .flatMap(({mark, ...file}) => (mark === null ? [] : [{...file, problem: mark}]))
  );
  const known = new Set(damaged.map(({table, file}) => `${table}/${file}`));
  const lost = lostFiles(lake, partFiles(lake, "captures"));
  return [...damaged, ...lost.filter(({table, file}) => !known.has(`${table}/${file}`)), ...partsWithoutCaptures(lake)];
}

/** Parts whose file in `captures` is gone, while rows of them lie in other tables and no run is about to seal them. */
function partsWithoutCaptures(lake: string): Damage[] {
  const parts = new Set(listParts(lake).map(({part}) => part));
  const runs = existsSync(runsFolder(lake)) ? readdirSync(runsFolder(lake)) : [];
  const lone = tables.flatMap(({name}) =>
    parquetFiles(join(lake, name))
      .filter((file) => file.slice(partOf(file).length).startsWith(`.${name}.`))
      .map(partOf)
      .filter((part) => !parts.has(part) && !runs.some((id) => part.startsWith(id)))
  );
  return [...new Set(lone)].map((part) => ({table: "captures", file: `${part}.parquet`, problem: "is missing"}));
}

function problemOf(lake: string, table: TableName, file: string, marks: ReadonlyMap<string, string>): string {
  const path = join(lake, table, file);
  return marks.get(`${table}.${file}`) ?? (existsSync(path) ? damageOf(path) : null) ?? "is missing";
}

/**
 * Hashes of the captures that a part holds: its file in `captures` names all of them, any other file those that were
 * begun when it was written.
 */
export function capturesIn(lake: string, part: string): string[] {
  const own = namedIn(join(lake, "captures", `${part}.parquet`));
  if (own) return own;
  const others = tables.flatMap(({name}) =>
    parquetFiles(join(lake, name))
      .filter((file) => partOf(file) === part)
      .flatMap((file) => namedIn(join(lake, name, file)) ?? [])
  );
  return [...new Set(others)];
}

function namedIn(path: string): string[] | null {
  if (!existsSync(path) || damageOf(path) !== null) return null;
  const told = metadataValue(path, "flowbook.captures");
  return told === null ? null : entriesOf(told).flatMap(([hash]) => (/^[0-9a-f]{64}$/.test(hash) ? [hash] : []));
}
