import {readdirSync, readFileSync, statSync} from "node:fs";
import {join} from "node:path";
import {type TableName, tables} from "../../schema/tables.ts";
import {listParts, type ParsedPart, parsePart, partOf} from "../partitions/layout.ts";
import {fileOfKey, keyOfFile, sensorFolder, sensorOfFolder, type TableFile} from "./object-keys.ts";
import type {ObjectStore} from "./object-store.ts";
import {type StoreTombstone, storeTombstones} from "./store-tombstones.ts";

export interface TidyOptions {
  /** A mirror of the store: what was merged or written anew there takes the place of what it was made from. */
  readonly lake: string;
  /** Parts sent longer ago are removed, in seconds; null: none for their age. */
  readonly maxAgeS: number | null;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  readonly dryRun?: boolean;
}

export interface Tidied {
  /** Parts that larger ones, or such without forgotten captures, took the place of. */
  readonly replaced: number;
  /** Parts sent for them. */
  readonly sent: number;
  /** Parts of forgotten captures, and those beyond the age. */
  readonly removed: number;
  readonly removedBytes: number;
}

interface StoredFile {
  readonly file: TableFile;
  readonly key: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * Merges, forgets and ages the parts of a store. A merged part is sent whole before those that it holds go, and of a part
 * its file in `captures` goes first: a mirror that reads meanwhile has the rows once, or finds an object gone and asks
 * anew. What a kill left half done is done by the next call. One machine at a time may do it: two that merged alike, with
 * files of the same names, could overwrite each other's.
 */
export async function tidyStore(store: ObjectStore, options: TidyOptions): Promise<Tidied> {
  const {lake, maxAgeS, clock, dryRun = false} = options;
  const stones = await storeTombstones(store);
  const own = listParts(lake)
    .filter(({mergedInto, isRemoved}) => mergedInto === null && !isRemoved)
    .map(({part}) => parsePart(part));
  let [replaced, sent, removed, removedBytes] = [0, 0, 0, 0];
  for (const sensor of (await store.folders("")).flatMap((folder) => sensorOfFolder(folder) ?? [])) {
    const parts = await partsOf(store, sensor);
    for (const [part, files] of parts) {
      const name = parsePart(part);
      const isForgotten = stones.some((stone) => namesIt(stone, name));
      const larger = isForgotten ? undefined : own.find((one) => standsFor(one, name));
      const newestMs = Math.max(...files.map(({modifiedMs}) => modifiedMs));
      const isOld = maxAgeS !== null && clock() - newestMs > maxAgeS * 1000;
      if (!isForgotten && !larger && !isOld) continue;
      if (larger && !isOld && !isWhole(parts.get(larger.name))) {
        if (!dryRun) parts.set(larger.name, await send(store, sensor, lake, larger.name));
        sent++;
      }
      if (larger && !isOld) replaced++;
      else removed++;
      removedBytes += files.reduce((sum, {bytes}) => sum + bytes, 0);
      if (dryRun) continue;
      const first = files.filter(({file}) => file.table === "captures");
      for (const {key} of [...first, ...files.filter((one) => !first.includes(one))]) await store.remove(key);
    }
  }
  return {replaced, sent, removed, removedBytes};
}

const isWhole = (files: readonly StoredFile[] | undefined) => files?.some(({file}) => file.table === "captures");

/** True where a part holds what is left of the other one's rows. */
function standsFor(part: ParsedPart, other: ParsedPart): boolean {
  if (part.run !== other.run || part.from > other.from || part.to < other.to) return false;
  const isSame = part.from === other.from && part.to === other.to;
  return isSame ? part.revision > other.revision : true;
}

/** True where a part's rows were all of the forgotten capture. */
function namesIt({parts}: StoreTombstone, {run, from, to}: ParsedPart): boolean {
  return parts.map(parsePart).some((gone) => gone.run === run && gone.from <= from && gone.to >= to);
}

async function partsOf(store: ObjectStore, sensor: string): Promise<Map<string, StoredFile[]>> {
  const found = new Map<string, StoredFile[]>();
  for (const {key, bytes, modifiedMs} of await store.list(sensorFolder(sensor))) {
    const file = fileOfKey(sensor, key);
    if (file) found.set(partOf(file.name), [...(found.get(partOf(file.name)) ?? []), {file, key, bytes, modifiedMs}]);
  }
  return found;
}

/** Sends the files of a part of the lake, that in `captures` last. */
async function send(store: ObjectStore, sensor: string, lake: string, part: string): Promise<StoredFile[]> {
  const of = (table: TableName) =>
    namesIn(join(lake, table))
      .filter((name) => partOf(name) === part && name.endsWith(".parquet"))
      .map((name) => ({table, name}));
  const files = [...tables.map(({name}) => name).filter((name) => name !== "captures"), "captures" as const].flatMap(
    of
  );
  const sent: StoredFile[] = [];
  for (const file of files) {
    const [key, path] = [keyOfFile(sensor, file), join(lake, file.table, file.name)];
    await store.put(key, readFileSync(path));
    sent.push({file, key, bytes: statSync(path).size, modifiedMs: Number.NaN});
  }
  return sent;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
