import {readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {tables} from "../../schema/tables.ts";
import {syncFolder} from "./durable.ts";
import {type ListedPart, listParts, partOf, removedEnding, rollupsFolder} from "./layout.ts";

/**
 * How long files stay after their part was merged or removed, in ms: whoever listed them before (a query may take a
 * minute) reads them to the end.
 */
export const graceMs = 180_000;

/** Says that a part is no longer there: readers leave it out from now on. Call it under `lockParts`. */
export function removePart(lake: string, part: string): void {
  writeFileSync(join(lake, "captures", `${part}${removedEnding}`), "", {mode: 0o600});
  syncFolder(join(lake, "captures"));
}

/** Deletes the files of parts merged or removed longer ago than the grace. Call it under `lockParts`. Returns how many. */
export function sweepParts(lake: string, nowMs: number, grace = graceMs): number {
  const parts = listParts(lake);
  const captures = join(lake, "captures");
  const age = (name: string) => nowMs - (statSync(join(captures, name), {throwIfNoEntry: false})?.mtimeMs ?? nowMs);
  const isDue = ({part, mergedInto, isRemoved}: ListedPart) =>
    (mergedInto !== null && age(`${mergedInto}.parquet`) >= grace) || (isRemoved && age(part + removedEnding) >= grace);
  const due = new Set(parts.filter(isDue).map(({part}) => part));
  // What a part was merged from goes before it, or it would show again.
  for (const {part, mergedInto} of parts) if (mergedInto !== null && due.has(mergedInto)) due.add(part);
  if (due.size === 0) return 0;
  let files = 0;
  for (const {name} of tables.filter(({name}) => name !== "captures"))
    for (const file of list(join(lake, name)))
      if (due.has(partOf(file))) {
        rmSync(join(lake, name, file), {force: true});
        files++;
      }
  for (const folder of list(rollupsFolder(lake)))
    if (due.has(partOf(folder))) rmSync(join(rollupsFolder(lake), folder), {recursive: true, force: true});
  // Merged parts sort before those they were made of.
  for (const {part} of parts.filter(({part}) => due.has(part)).reverse()) {
    rmSync(join(captures, `${part}.parquet`), {force: true});
    rmSync(join(captures, part + removedEnding), {force: true});
    files++;
  }
  return files;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
