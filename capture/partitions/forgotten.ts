import {readdirSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {publish, syncFolder} from "./durable.ts";
import {forgottenEnding, parsePart} from "./layout.ts";
import {type Owner, ownerOfThis} from "./owner.ts";
import {noteBytes, readSmallFile} from "./small-file.ts";

/**
 * Says that a capture's rows no longer count, in the parts of runs up to one: `LAKE/captures/<hash>.forgotten`. Readers
 * leave the rows out from the moment that the file is there; the rows themselves go afterwards, and then the file.
 */
export interface Tombstone {
  readonly sha256: string;
  /** The last run whose parts are meant: a capture imported again later counts. */
  readonly upTo: string;
  /** It holds only while this capture is in the lake, which stands for the forgotten one; null: it holds at once. */
  readonly after: string | null;
  readonly owner: Owner;
}

/** Leaves a tombstone. */
export function forget(lake: string, sha256: string, {upTo, after}: Pick<Tombstone, "upTo" | "after">): void {
  const path = tombstonePath(lake, sha256);
  writeFileSync(`${path}.tmp`, JSON.stringify({upTo, after, owner: ownerOfThis()}), {mode: 0o600});
  publish(`${path}.tmp`, path);
  syncFolder(join(lake, "captures"));
}

/** The tombstones of a lake. One that cannot be read counts for nothing. */
export function tombstones(lake: string): Tombstone[] {
  return namesIn(join(lake, "captures"))
    .filter((name) => name.endsWith(forgottenEnding))
    .flatMap((name) => {
      try {
        const stone = JSON.parse(readSmallFile(join(lake, "captures", name), noteBytes));
        return [{...stone, sha256: name.slice(0, -forgottenEnding.length)} as Tombstone];
      } catch {
        return [];
      }
    });
}

export function removeTombstone(lake: string, sha256: string): void {
  rmSync(tombstonePath(lake, sha256), {force: true});
}

/** Tells of a capture and a part whether its rows there no longer count. `present`: hashes of the captures in the lake. */
export function forgottenIn(lake: string, present: ReadonlySet<string>): (sha256: string, part: string) => boolean {
  const holding = new Map(
    tombstones(lake)
      .filter(({after}) => after === null || present.has(after))
      .map((stone) => [stone.sha256, stone])
  );
  return (sha256, part) => {
    const stone = holding.get(sha256);
    return stone !== undefined && parsePart(part).run <= stone.upTo;
  };
}

function tombstonePath(lake: string, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError(`expected a SHA-256, found ${JSON.stringify(sha256)}`);
  return join(lake, "captures", sha256 + forgottenEnding);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
