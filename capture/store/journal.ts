import {appendFileSync, existsSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {makeFolder, publish} from "../partitions/durable.ts";
import {stateBytes} from "../partitions/small-file.ts";

/** Where a lake remembers what went to which store. */
export function storeFolder(lake: string): string {
  return join(lake, ".store");
}

/**
 * Which files have gone over, each with what tells its content apart (`stamp`): a journal of JSON lines. A process that
 * is killed loses the last line at most, and then sends or fetches that file once more, to the same name.
 */
export class Journal {
  readonly #path: string;
  readonly #stamps = new Map<string, string>();

  /** Opens the journal of that name; lines of files that `isKept` no longer wants are dropped. */
  constructor(lake: string, name: string, isKept: (file: string) => boolean = () => true) {
    makeFolder(storeFolder(lake));
    this.#path = join(storeFolder(lake), `${name}.ndjson`);
    let lines = 0;
    for (const line of existsSync(this.#path)
      ? readFileSync(this.#path, "utf8").slice(0, stateBytes).split("\n")
      : []) {
      if (line !== "") lines++;
      try {
        const [file, stamp] = JSON.parse(line) as [string, string];
        if (isKept(file)) this.#stamps.set(file, stamp);
      } catch {
        // The process ended while it wrote this line.
      }
    }
    if (lines > this.#stamps.size) this.#rewrite();
  }

  has(file: string, stamp: string): boolean {
    return this.#stamps.get(file) === stamp;
  }

  /** True where the file went over once, whatever its content was. */
  knows(file: string): boolean {
    return this.#stamps.has(file);
  }

  add(file: string, stamp: string): void {
    this.#stamps.set(file, stamp);
    appendFileSync(this.#path, `${JSON.stringify([file, stamp])}\n`, {mode: 0o600});
  }

  #rewrite(): void {
    const lines = [...this.#stamps].map((entry) => `${JSON.stringify(entry)}\n`);
    writeFileSync(`${this.#path}.${process.pid}.tmp`, lines.join(""), {mode: 0o600});
    publish(`${this.#path}.${process.pid}.tmp`, this.#path);
  }
}
