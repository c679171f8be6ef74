import {createHash} from "node:crypto";
import {statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {sensorState} from "../../schema/sensor-state.ts";
import {makeFolder, publish, syncFolder} from "../partitions/durable.ts";
import {finishForgetting} from "../partitions/forgetting.ts";
import {listParts, type ParsedPart, parsePart, partOf} from "../partitions/layout.ts";
import {closeRun, openNamedRun, type Run, removeLeftovers} from "../partitions/run.ts";
import {noteBytes} from "../partitions/small-file.ts";
import {Journal, storeFolder} from "./journal.ts";
import {fileOfKey, forgottenFolder, sensorFolder, sensorOfFolder, stateName, type TableFile} from "./object-keys.ts";
import {type ObjectStore, type StoredObject, StoreError} from "./object-store.ts";
import {applyTombstone, type StoreTombstone, storeTombstones} from "./store-tombstones.ts";

export interface MirrorOptions {
  readonly lake: string;
  /** The store's URL and endpoint. */
  readonly place: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
}

export interface Mirrored {
  readonly sensors: readonly string[];
  /** Parts that became visible now. */
  readonly parts: number;
  readonly files: number;
  readonly bytes: number;
  /** Objects that are no files of a lake: they were left alone. */
  readonly foreign: number;
}

/** Far beyond any part: what is larger was not sent by a sensor. */
const mostBytes = 4 * 2 ** 30;
/** Files fetched side by side. */
const atOnce = 6;

/**
 * Brings what sensors sent to a store into a lake on this disk: whatever reads lakes then reads it, without a network. A
 * part becomes visible when all its files are there. What is there already is not fetched again; a kill costs the files
 * under way. Throws at the first object that the store does not give, and what came so far stays.
 */
export async function mirror(store: ObjectStore, options: MirrorOptions): Promise<Mirrored> {
  const {lake, place, clock} = options;
  const name = createHash("sha256").update(place).digest("hex").slice(0, 16);
  const journal = new Journal(lake, `fetched-${name}`);
  const sensors = (await store.folders("")).flatMap((folder) => sensorOfFolder(folder) ?? []).sort();
  const runs = new Map<string, string>();
  let [parts, files, bytes, foreign] = [0, 0, 0, 0];
  const stones = await storeTombstones(store);
  const applied = new Set<StoreTombstone>();
  const apply = (some: readonly StoreTombstone[]) => {
    for (const stone of some.filter((one) => !applied.has(one))) {
      applyTombstone(lake, stone);
      applied.add(stone);
    }
  };
  apply(stones.filter(({sha256, tag}) => !journal.has(forgottenName(sha256), tag)));
  // A sensor whose objects went away while they were fetched is asked once more: larger ones took their place.
  const again = new Set<string>();
  for (const sensor of eachAndAgain(sensors, again)) {
    const plan = await planOf(store, sensor, lake, journal);
    foreign += again.has(sensor) ? 0 : plan.foreign;
    for (const [id, wanted] of plan.byRun) {
      const other = runs.get(id);
      // A run's name has the time in ms and the process: where two drew the same one, one lake cannot hold both.
      if (other !== undefined && other !== sensor)
        throw new Error(`the sensors ${other} and ${sensor} both have parts of the run ${id}`);
      runs.set(id, sensor);
      if (wanted.every(({fresh}) => fresh.length === 0)) continue;
      // Before its rows are there: a forgotten capture that was sent again is never seen.
      apply(stones.filter(({upTo}) => id <= upTo));
      // While the run is open, nobody takes files whose part is not visible yet for leftovers.
      const run = openMirrorRun(lake, id, clock());
      try {
        for (const part of wanted) {
          if (!(await fetchPart(store, part, run, options))) {
            again.add(sensor);
            continue;
          }
          for (const {file, object} of part.fresh) journal.add(nameOf(file), stampOf(object));
          parts += part.fresh.some(isLast) ? 1 : 0;
          files += part.fresh.length;
          bytes += part.fresh.reduce((sum, {object}) => sum + object.bytes, 0);
        }
      } finally {
        closeRun(run);
      }
    }
    if (plan.hasState) await fetchState(store, sensor, lake);
  }
  if (applied.size > 0) await finishForgetting(lake, clock());
  for (const {sha256, tag} of applied) journal.add(forgottenName(sha256), tag);
  return {sensors, parts, files, bytes, foreign};
}

const forgottenName = (sha256: string) => forgottenFolder + sha256;

/** The sensors, and behind them those that were added to `again` meanwhile, once. */
function* eachAndAgain(sensors: readonly string[], again: ReadonlySet<string>): Generator<string> {
  yield* sensors;
  yield* [...again];
}

/** Where the states of sensors lie that a mirror fetched. */
export function statesFolder(lake: string): string {
  return join(storeFolder(lake), "sensors");
}

interface Wanted {
  readonly file: TableFile;
  readonly object: StoredObject;
}

/** The files of a part that are not here as they are in the store. */
interface WantedPart {
  readonly part: string;
  readonly fresh: readonly Wanted[];
}

interface Plan {
  readonly byRun: ReadonlyMap<string, readonly WantedPart[]>;
  readonly foreign: number;
  readonly hasState: boolean;
}

const nameOf = ({table, name}: TableFile) => `${table}/${name}`;
const stampOf = ({bytes, tag}: StoredObject) => `${bytes} ${tag}`;
/** The file that makes its part visible. */
const isLast = ({file}: Wanted) => file.table === "captures";

/**
 * What to fetch of a sensor, by run and part. The files in `captures` are listed first: of a part that is sealed while the
 * rest is listed some files could be missing, and it waits for the next time.
 */
async function planOf(store: ObjectStore, sensor: string, lake: string, journal: Journal): Promise<Plan> {
  const start = sensorFolder(sensor);
  const captures = await store.list(`${start}captures/`);
  const objects = (await store.list(start)).filter(({key}) => !key.startsWith(`${start}captures/`));
  const hasState = objects.some(({key}) => key === start + stateName);
  const named = [...captures, ...objects].map((object) => ({file: fileOfKey(sensor, object.key), object}));
  const all = named.filter((one): one is Wanted => one.file !== null);
  const sealed = new Map(all.filter(isLast).map(({file}) => [partOf(file.name), [] as Wanted[]]));
  for (const one of all) {
    const {file, object} = one;
    if (journal.has(nameOf(file), stampOf(object)) || isHere(lake, one)) continue;
    sealed.get(partOf(file.name))?.push(one);
  }
  const byRun = new Map<string, WantedPart[]>();
  const own = visibleRanges(lake);
  for (const [part, fresh] of sealed) {
    if (fresh.length > 0 && isHeld(part, own, journal)) continue;
    const {run} = parsePart(part);
    byRun.set(run, [...(byRun.get(run) ?? []), {part, fresh}]);
  }
  return {byRun, foreign: named.length - all.length - Number(hasState), hasState};
}

type Ranges = ReadonlyMap<string, readonly ParsedPart[]>;

function visibleRanges(lake: string): Ranges {
  const ranges = new Map<string, ParsedPart[]>();
  for (const {part, mergedInto, isRemoved} of listParts(lake)) {
    if (mergedInto !== null || isRemoved) continue;
    const parsed = parsePart(part);
    ranges.set(parsed.run, [...(ranges.get(parsed.run) ?? []), parsed]);
  }
  return ranges;
}

/**
 * True where a part that was merged in the store has no rows that this lake lacks: it was merged here, too, or what it was
 * made from is here. Throws where the lake has some of them in another merged part: they would count twice.
 */
function isHeld(part: string, own: Ranges, journal: Journal): boolean {
  const {run, from, to, revision, name} = parsePart(part);
  const here = (own.get(run) ?? []).filter((one) => one.to >= from && one.from <= to);
  if (from === to && revision === 0) return false;
  if (here.some((one) => one.name === name)) return !journal.knows(`captures/${name}.parquet`);
  if (revision > 0) return false;
  const covered = here.reduce((sum, one) => sum + Math.min(to, one.to) - Math.max(from, one.from) + 1, 0);
  if (covered === to - from + 1) return true;
  const torn = here.find((one) => one.from < from || one.to > to);
  if (torn) throw new Error(`the store merged parts into ${name}, this mirror into ${torn.name}: sync into a new lake`);
  return false;
}

/** True where the sensor's own lake is the one to fill. */
function isHere(lake: string, {file, object}: Wanted): boolean {
  const size = (path: string) => statSync(join(lake, path), {throwIfNoEntry: false})?.size;
  return size(nameOf(file)) === object.bytes && size(`captures/${partOf(file.name)}.parquet`) !== undefined;
}

/** False where an object is gone: the part was merged, forgotten or removed in the store. */
async function fetchPart(store: ObjectStore, {fresh}: WantedPart, run: Run, options: MirrorOptions): Promise<boolean> {
  const rows = fresh.filter((one) => !isLast(one));
  try {
    for (let at = 0; at < rows.length; at += atOnce)
      await Promise.all(rows.slice(at, at + atOnce).map((one) => fetchFile(store, one, run, options)));
    for (const one of fresh.filter(isLast)) await fetchFile(store, one, run, options);
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.status === 404) return false;
    throw error;
  }
}

async function fetchFile(
  store: ObjectStore,
  {file, object}: Wanted,
  run: Run,
  {lake, signal}: MirrorOptions
): Promise<void> {
  signal?.throwIfAborted();
  const content = await store.get(object.key, mostBytes);
  if (content.length !== object.bytes || !isParquet(content))
    throw new Error(`${object.key}: expected a Parquet file of ${object.bytes} bytes, found ${content.length} bytes`);
  const from = join(run.folder, `${file.table}.${file.name}`);
  writeFileSync(from, content, {mode: 0o600});
  publish(from, join(lake, file.table, file.name));
  syncFolder(join(lake, file.table));
}

function isParquet(content: Buffer): boolean {
  const magic = Buffer.from("PAR1");
  return content.length > 12 && content.subarray(0, 4).equals(magic) && content.subarray(-4).equals(magic);
}

/** What the sensor says of itself; a text that is none is left out. */
async function fetchState(store: ObjectStore, sensor: string, lake: string): Promise<void> {
  const said = sensorState((await store.get(sensorFolder(sensor) + stateName, noteBytes)).toString("utf8"), sensor);
  if (!said) return;
  const path = join(statesFolder(lake), `${sensor}.json`);
  const from = `${path}.${process.pid}.tmp`;
  makeFolder(statesFolder(lake));
  writeFileSync(from, JSON.stringify(said), {mode: 0o600});
  publish(from, path);
}

/** The one right to bring parts of that run into the lake. Throws where a living process has it. */
function openMirrorRun(lake: string, id: string, nowMs: number): Run {
  const run = openNamedRun(lake, id);
  if (run) return run;
  removeLeftovers(lake, nowMs);
  const again = openNamedRun(lake, id);
  if (!again) throw new Error(`another process is at the run ${id} in ${lake}`);
  return again;
}
