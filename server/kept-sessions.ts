import {createHash} from "node:crypto";
import {lstatSync, readFileSync, statSync} from "node:fs";
import {join} from "node:path";
import {stateFolder} from "../loaders/lake/state-folder.ts";
import {replaceFile} from "../loaders/results/freshness-ledger.ts";

/** A session is known for so long after its last use, in ms. */
const keptMs = 7 * 24 * 3600 * 1000;
/** Its use is written down at most so often, in ms. */
const noteEveryMs = 3600 * 1000;
const mostKept = 64;
const largestFile = 64 << 10;

/**
 * Sessions of earlier runs of a server over this lake, so that an open page goes on when the server is started anew. The
 * file, of its user alone, has their hashes only. A hash counts for the folder it was made in: whoever hands a lake on
 * hands no session on with it, his own or one that he put there. Times are wall clock, in ms since 1970.
 */
export class KeptSessions {
  readonly #lake: string;
  readonly #now: () => number;
  /** When each was last used, by hash. */
  readonly #used: Map<string, number>;
  #isFailing = false;

  constructor(lake: string, now: () => number) {
    this.#lake = lake;
    this.#now = now;
    this.#used = this.#read();
  }

  /** Whether this is the secret of a session that is kept; notes that it is in use. */
  has(secret: string): boolean {
    const hash = this.#used.size > 0 ? this.#hash(secret) : null;
    const used = hash === null ? undefined : this.#used.get(hash);
    if (hash === null || used === undefined || !this.#isFresh(used)) return false;
    if (Math.abs(this.#now() - used) > noteEveryMs) this.#note(hash);
    return true;
  }

  /** Keeps a session from now on. */
  keep(secret: string): void {
    const hash = this.#hash(secret);
    if (hash !== null) this.#note(hash);
  }

  #note(hash: string): void {
    this.#used.set(hash, this.#now());
    if (this.#isFailing) return;
    // Another server over the same lake has its own.
    for (const [other, used] of this.#read()) if (!this.#used.has(other)) this.#used.set(other, used);
    const newest = [...this.#used].sort(([, a], [, b]) => b - a).slice(0, mostKept);
    try {
      replaceFile(this.#path(), JSON.stringify(Object.fromEntries(newest)));
    } catch {
      // A full disk keeps nobody from reading: the link of the next run does, where it is needed.
      this.#isFailing = true;
    }
  }

  #read(): Map<string, number> {
    try {
      const path = this.#path();
      const {size, mode, uid} = lstatSync(path);
      const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o177077) === 0o100000);
      if (!isOurs || size > largestFile) return new Map();
      const entries = Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>);
      return new Map(
        entries.filter((entry): entry is [string, number] => typeof entry[1] === "number" && this.#isFresh(entry[1]))
      );
    } catch {
      return new Map();
    }
  }

  /** A time to come, as a clock that was set back leaves it, is believed for as long. */
  #isFresh(used: number): boolean {
    return Math.abs(this.#now() - used) < keptMs;
  }

  #path(): string {
    return join(stateFolder(this.#lake), ".sessions.json");
  }

  /** The time of the folder's making cannot be chosen by who unpacks an archive, nor by who made it. */
  #hash(secret: string): string | null {
    const folder = statSync(stateFolder(this.#lake), {bigint: true, throwIfNoEntry: false});
    if (!folder) return null;
    const {dev, ino, birthtimeNs} = folder;
    return createHash("sha256").update(`${secret} ${dev} ${ino} ${birthtimeNs}`).digest("base64url");
  }
}
