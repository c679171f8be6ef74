import {readdirSync, readFileSync, readlinkSync, realpathSync, statSync} from "node:fs";
import {join} from "node:path";

/** Names of captures, also compressed, and those that programs number when they rotate (`x.pcap0`, `x.pcap1`). */
const captureName = /\.(?:pcap|pcapng|cap)\d*(?:\.(?:gz|zst))?$/i;

/**
 * Captures of a folder that are complete: each call returns those that had the same size and time at the last call, that no
 * program has open for writing, and that were not returned so before.
 */
export class WatchedFolder {
  readonly #folder: string;
  readonly #isWritten: (path: string) => boolean;
  #last = new Map<string, string>();
  readonly #done = new Map<string, string>();

  constructor(folder: string, isWritten = hasWriter) {
    this.#folder = folder;
    this.#isWritten = isWritten;
  }

  complete(): string[] {
    const now = new Map(capturesIn(this.#folder).map((path) => [path, stampOf(path)]));
    const found = [...now].filter(
      ([path, stamp]) =>
        stamp !== "" && this.#last.get(path) === stamp && this.#done.get(path) !== stamp && !this.#isWritten(path)
    );
    this.#last = now;
    for (const [path, stamp] of found) this.#done.set(path, stamp);
    return found.map(([path]) => path).sort();
  }
}

/** Captures below a folder; hidden files and folders, such as those of unfinished copies, are left out. */
function capturesIn(folder: string): string[] {
  try {
    return readdirSync(folder, {withFileTypes: true})
      .filter(({name}) => !name.startsWith("."))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return capturesIn(path);
        return entry.isFile() && captureName.test(entry.name) ? path : [];
      });
  } catch {
    return [];
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, {throwIfNoEntry: false});
  return stat?.isFile() && stat.size > 0 ? `${stat.size} ${stat.mtimeMs}` : "";
}

/** Whether a program that we may look at has the file open for writing; false where the system does not tell. */
function hasWriter(path: string): boolean {
  const file = realpathSync(path);
  return namesIn("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    return namesIn(`/proc/${pid}/fd`).some((fd) => {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) !== file) return false;
        const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
        return (Number.parseInt(flags, 8) & 3) !== 0;
      } catch {
        return false;
      }
    });
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
