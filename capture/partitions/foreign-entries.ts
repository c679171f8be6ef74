import {type Dirent, readdirSync} from "node:fs";
import {join, relative} from "node:path";
import {runsFolder} from "./layout.ts";

/** Something in a lake's folder that is neither a file nor a folder. */
export interface ForeignEntry {
  readonly path: string;
  readonly kind: "a link" | "a pipe" | "a socket" | "a device";
}

/**
 * The first thing in a lake that flowbook never puts there: a link, a pipe, a socket or a device; null where there is
 * none. A lake may come from anybody. A link in a folder's place would have files removed elsewhere, one in a file's
 * place has another one read or written, and whoever opens a pipe waits for ever.
 */
export function foreignEntry(lake: string): ForeignEntry | null {
  const folders = [lake];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (!entry.isFile() && !isOfImport(lake, path)) return {path, kind: kindOf(entry)};
    }
  return null;
}

/** A running import names files by links where their own name is no text. */
function isOfImport(lake: string, path: string): boolean {
  return /^[^/\\]+[/\\]link-[0-9a-f]{64}$/.test(relative(runsFolder(lake), path));
}

function kindOf(entry: Dirent): ForeignEntry["kind"] {
  if (entry.isSymbolicLink()) return "a link";
  if (entry.isFIFO()) return "a pipe";
  return entry.isSocket() ? "a socket" : "a device";
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, {withFileTypes: true});
  } catch {
    // It went away meanwhile, or is closed to this user: then nothing of it is read either.
    return [];
  }
}
