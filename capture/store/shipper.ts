import {createHash} from "node:crypto";
import {existsSync, readdirSync, readFileSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import type {SensorState} from "../../schema/sensor-state.ts";
import {tables} from "../../schema/tables.ts";
import {publish} from "../partitions/durable.ts";
import {type ListedPart, listParts, parsePart, partOf} from "../partitions/layout.ts";
import {noteBytes, readSmallFile} from "../partitions/small-file.ts";
import {Journal, storeFolder} from "./journal.ts";
import {keyOfFile, sensorFolder, stateName, type TableFile} from "./object-keys.ts";
import type {ObjectStore} from "./object-store.ts";

export interface ShipperOptions {
  readonly lake: string;
  readonly sensor: string;
  /** The store's URL and endpoint: what was sent to another store was not sent to this one. */
  readonly place: string;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
}

interface Pending {
  readonly file: TableFile;
  readonly path: string;
  readonly stamp: string;
  readonly bytes: number;
}

interface PendingPart {
  readonly part: string;
  readonly files: readonly Pending[];
  readonly last: Pending | null;
}

interface Kept {
  readonly lostParts: number;
  readonly lastSentMs: number | null;
  /** Parts seen and not sent. */
  readonly waiting: readonly string[];
}

/**
 * Sends the sealed parts of a lake to a store, under keys that follow from their names. The lake is the spool: while the
 * store is away parts stay where they are. A part's file in `captures` is sent last, so whoever reads the store sees the
 * part whole or not at all; what is sent twice, as after a kill, replaces itself.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #journal: Journal;
  readonly #statePath: string;
  #kept: Kept = {lostParts: 0, lastSentMs: null, waiting: []};
  problem: string | null = null;

  constructor(options: ShipperOptions) {
    this.#options = options;
    const {lake, sensor, place} = options;
    const name = createHash("sha256").update(`${place} ${sensor}`).digest("hex").slice(0, 16);
    const runs = new Set(listParts(lake).map(({part}) => parsePart(part).run));
    // A part that was sent is remembered until all of its run is gone: a larger one may hold its rows.
    this.#journal = new Journal(lake, `sent-${name}`, (file) =>
      file.startsWith("captures/") ? runs.has(parsePart(partOf(file.slice(9))).run) : existsSync(join(lake, file))
    );
    this.#statePath = join(storeFolder(lake), `spool-${name}.json`);
    try {
      this.#kept = {...this.#kept, ...(JSON.parse(readSmallFile(this.#statePath, noteBytes * 64)) as Kept)};
    } catch {
      // Nothing was sent yet.
    }
  }

  /** Sends what is sealed and not sent, oldest part first. Throws at the first object that the store does not take. */
  async ship(store: ObjectStore, signal?: AbortSignal): Promise<number> {
    let sent = 0;
    try {
      for (const {part, files, last} of this.#pending()) {
        signal?.throwIfAborted();
        const all = await Promise.all(files.map((file) => this.#send(store, file)));
        // It was merged or removed meanwhile: what became of it comes next time.
        if (!all.every(Boolean) || (last && !(await this.#send(store, last)))) continue;
        sent += last ? 1 : 0;
        const waiting = this.#kept.waiting.filter((one) => one !== part);
        this.#kept = {...this.#kept, lastSentMs: Math.round(this.#options.clock()), waiting};
      }
      this.problem = null;
      await this.#tell(store);
    } catch (error) {
      if (!signal?.aborted) this.problem = (error as Error).message;
      throw error;
    } finally {
      this.#keep();
    }
    return sent;
  }

  /** What waits, and what was lost before it could be sent. */
  state(): SensorState {
    const pending = this.#pending();
    return {
      sensor: this.#options.sensor,
      atMs: Math.round(this.#options.clock()),
      pendingParts: pending.length,
      pendingBytes: pending.reduce(
        (sum, {files, last}) => files.reduce((all, {bytes}) => all + bytes, sum + (last?.bytes ?? 0)),
        0
      ),
      lastSentMs: this.#kept.lastSentMs,
      lostParts: this.#kept.lostParts,
      problem: this.problem
    };
  }

  /** False where the file is gone. */
  async #send(store: ObjectStore, {file, path, stamp}: Pending): Promise<boolean> {
    const content = contentOf(path);
    if (content === null) return false;
    await store.put(keyOfFile(this.#options.sensor, file), content);
    this.#journal.add(`${file.table}/${file.name}`, stamp);
    return true;
  }

  async #tell(store: ObjectStore): Promise<void> {
    await store.put(`${sensorFolder(this.#options.sensor)}${stateName}`, Buffer.from(JSON.stringify(this.state())));
  }

  #keep(): void {
    const state = this.state();
    const path = `${this.#statePath}.${process.pid}.tmp`;
    writeFileSync(path, JSON.stringify({...this.#kept, state}), {mode: 0o600});
    publish(path, this.#statePath);
  }

  /** The parts with files that were not sent as they are now, oldest first; `last`: their file in `captures`, if it is one. */
  #pending(): PendingPart[] {
    const {lake} = this.#options;
    const listed = listParts(lake);
    const visible = listed.filter((part) => part.mergedInto === null && !part.isRemoved);
    const files = filesByPart(lake);
    const found = visible.flatMap((part) => {
      // What it was merged from is in the store already: there it is merged by who reads.
      if (this.#isCovered(part)) return [];
      const all = files.get(part.part) ?? [];
      const fresh = all.filter(({file, stamp}) => !this.#journal.has(`${file.table}/${file.name}`, stamp));
      if (fresh.length === 0) return [];
      const isLast = ({file}: Pending) => file.table === "captures";
      return [{part: part.part, files: fresh.filter((one) => !isLast(one)), last: fresh.find(isLast) ?? null}];
    });
    this.#countLost(
      found.map(({part}) => part),
      listed
    );
    return found;
  }

  /** True where the parts of these numbers of the run were all sent before they were merged. */
  #isCovered({part}: ListedPart): boolean {
    const {run, from, to, revision} = parsePart(part);
    if (from === to || revision > 0 || this.#journal.knows(`captures/${part}.parquet`)) return false;
    for (let number = from; number <= to; number++)
      if (!this.#journal.knows(`captures/${run}-${number}.parquet`)) return false;
    return true;
  }

  /** Parts that waited and are gone, though no larger one holds them: retention took them. */
  #countLost(pending: readonly string[], listed: readonly ListedPart[]): void {
    const now = new Set(pending);
    const there = listed.filter(({isRemoved}) => !isRemoved).map(({part}) => parsePart(part));
    const isHeld = (part: string) => {
      const {run, from, to} = parsePart(part);
      return there.some((one) => one.run === run && one.from <= from && one.to >= to);
    };
    const gone = this.#kept.waiting.filter(
      (part) => !now.has(part) && !isHeld(part) && !this.#journal.knows(`captures/${part}.parquet`)
    );
    if (gone.length > 0 || pending.join() !== this.#kept.waiting.join())
      this.#kept = {...this.#kept, lostParts: this.#kept.lostParts + gone.length, waiting: pending};
  }
}

function filesByPart(lake: string): Map<string, Pending[]> {
  const found = new Map<string, Pending[]>();
  for (const {name: table} of tables)
    for (const name of namesIn(join(lake, table))) {
      if (!name.endsWith(".parquet")) continue;
      const path = join(lake, table, name);
      const stat = statSync(path, {throwIfNoEntry: false});
      if (!stat) continue;
      const pending = {file: {table, name}, path, bytes: stat.size, stamp: `${stat.size} ${stat.mtimeMs}`};
      found.set(partOf(name), [...(found.get(partOf(name)) ?? []), pending]);
    }
  return found;
}

function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
