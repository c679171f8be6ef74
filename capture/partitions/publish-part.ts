import {createHash} from "node:crypto";
import {readFileSync, rmSync} from "node:fs";
import {join} from "node:path";
import type {TableName} from "../../schema/tables.ts";
import {publish, syncFolder} from "./durable.ts";

/** A written file of a part: where it is, and the name that it gets in its table's folder. */
export interface WrittenFile {
  readonly table: TableName;
  readonly name: string;
  readonly from: string;
}

/**
 * What the metadata of a part's file in `captures` say of its other files: bytes and SHA-256 of each, by
 * `<table>/<name>`, so that one that is gone or was changed is noticed.
 */
export function filesMetadata(part: string, files: readonly WrittenFile[]): Record<string, string> {
  // What was derived from rows may be written anew.
  const rows = files.filter(({table, name}) => name.startsWith(`${part}.${table}.`));
  const told = rows.map(({table, name, from}) => {
    const bytes = readFileSync(from);
    return [`${table}/${name}`, {bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex")}];
  });
  return {[filesKey]: JSON.stringify(Object.fromEntries(told))};
}

export const filesKey = "flowbook.files";

/**
 * Gives the files of a part their places in the lake, `captures` (a path) last: with its rename readers see them all.
 * Where one cannot be placed, as on a full disk, none stays.
 */
export function publishPart(lake: string, part: string, captures: string, files: readonly WrittenFile[]): void {
  try {
    for (const {table, name, from} of files) publish(from, join(lake, table, name));
    for (const table of new Set(files.map((file) => file.table))) syncFolder(join(lake, table));
    publish(captures, join(lake, "captures", `${part}.parquet`));
  } catch (error) {
    for (const {table, name} of files) rmSync(join(lake, table, name), {force: true});
    throw error;
  }
  syncFolder(join(lake, "captures"));
}
