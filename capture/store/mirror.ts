import {createHash} from "node:crypto";
import {statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {sensorState} from "../../schema/sensor-state.ts";
import {makeFolder, publish, syncFolder} from "../partitions/durable.ts";
import {parsePart, partOf} from "../partitions/layout.ts";
import {closeRun, openNamedRun, type Run, removeLeftovers} from "../partitions/run.ts";
import {noteBytes} from "../partitions/small-file.ts";
import {Journal, storeFolder} from "./journal.ts";
import {fileOfKey, sensorFolder, sensorOfFolder, stateName, type TableFile} from "./object-keys.ts";
import type {ObjectStore, StoredObject} from "./object-store.ts";

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
  for (const sensor of sensors) {
    const plan = await planOf(store, sensor, lake, journal);
    foreign += plan.foreign;
    for (const [id, wanted] of plan.byRun) {
      const other = runs.get(id);
      // A run's name has the time in ms and the process: where two drew the same one, one lake cannot hold both.
      if (other !== undefined) throw new Error(`the sensors ${other} and ${sensor} both have parts of the run ${id}`);
      runs.set(id, sensor);
      if (wanted.every(({fresh}) => fresh.length === 0)) continue;
      // While the run is open, nobody takes files whose part is not visible yet for leftovers.
      const run = openMirrorRun(lake, id, clock());
      try {
        for (const part of wanted) {
          await fetchPart(store, part, run, options);
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
  return {sensors, parts, files, bytes, foreign};
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
  for (const [part, fresh] of sealed) {
    const {run} = parsePart(part);
    byRun.set(run, [...(byRun.get(run) ?? []), {part, fresh}]);
  }
  return {byRun, foreign: named.length - all.length - Number(hasState), hasState};
}

/** True where the sensor's own lake is the one to fill. */
function isHere(lake: string, {file, object}: Wanted): boolean {
  const size = (path: string) => statSync(join(lake, path), {throwIfNoEntry: false})?.size;
  return size(nameOf(file)) === object.bytes && size(`captures/${partOf(file.name)}.parquet`) !== undefined;
}

async function fetchPart(store: ObjectStore, {fresh}: WantedPart, run: Run, options: MirrorOptions): Promise<void> {
  const rows = fresh.filter((one) => !isLast(one));
  for (let at = 0; at < rows.length; at += atOnce)
    await Promise.all(rows.slice(at, at + atOnce).map((one) => fetchFile(store, one, run, options)));
  for (const one of fresh.filter(isLast)) await fetchFile(store, one, run, options);
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
