import {createHash} from "node:crypto";
import {accessSync, constants, existsSync, lstatSync, mkdirSync, realpathSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

/** True where this process may write in the lake's folder, or the folder is yet to be made. */
export function canWriteLake(lake: string): boolean {
  if (!existsSync(lake)) return true;
  try {
    accessSync(lake, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where results, and what queries spill, lie: in the lake itself, or, where it cannot be written, in a folder of this user
 * among the temporary ones, the same for every process. Throws where somebody else has put something in its place.
 */
export function stateFolder(lake: string): string {
  if (canWriteLake(lake)) return lake;
  const name = createHash("sha256").update(realpathSync(lake)).digest("hex").slice(0, 16);
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `flowbook-${user}-${name}`);
  try {
    mkdirSync(folder, {mode: 0o700});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const found = lstatSync(folder);
    if (!found.isDirectory() || (process.getuid && (found.uid !== user || (found.mode & 0o077) !== 0)))
      throw new Error(`${folder}: expected a folder of this user alone`, {cause: error});
  }
  return folder;
}
