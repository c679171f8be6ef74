import {existsSync, readdirSync} from "node:fs";
import {join} from "node:path";
import type {TableName} from "../../schema/tables.ts";

/**
 * How the lake lies on disk: `LAKE/<table>/<part>[.<what>].parquet`. A part is what one import run sealed at once; it
 * exists from the moment that `captures/<part>.parquet` does, which is renamed into place last. Files of other parts
 * are leftovers or not finished, and no reader looks at them.
 */
export interface PartFile {
  readonly part: string;
  readonly path: string;
}

/** The sealed parts, oldest first; none where the lake does not exist yet. */
export function sealedParts(lake: string): string[] {
  return parquetFiles(join(lake, "captures")).map(partOf);
}

/** The files of a table that belong to sealed parts, oldest first. */
export function partFiles(lake: string, table: TableName): PartFile[] {
  const sealed = new Set(sealedParts(lake));
  return parquetFiles(join(lake, table))
    .map((name) => ({part: partOf(name), path: join(lake, table, name)}))
    .filter((file) => sealed.has(file.part));
}

/** The part that a file of a table belongs to: its name up to the first dot. */
export function partOf(fileName: string): string {
  return fileName.slice(0, fileName.indexOf("."));
}

/** Where runs keep what they have not sealed. */
export function runsFolder(lake: string): string {
  return join(lake, ".runs");
}

function parquetFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".parquet"))
    .sort();
}
