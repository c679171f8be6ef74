import {createWriteStream, statSync} from "node:fs";
import {readdir} from "node:fs/promises";
import {join} from "node:path";
import {Readable} from "node:stream";
import {pipeline} from "node:stream/promises";

/** A file to import: where its bytes lie, and the name under which it is known. */
export interface CaptureFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

/** A path that cannot be imported, and why. */
export interface FailedPath {
  readonly path: string;
  readonly problem: string;
}

/**
 * The files that paths stand for: a folder for all files below it, in the order of their names, `-` for what `input`
 * gives, spooled into `spoolFolder` since a capture is read twice (for its hash, then for its packets).
 */
export async function captureFiles(
  paths: readonly string[],
  spoolFolder: string,
  input: Readable = process.stdin
): Promise<{files: CaptureFile[]; failed: FailedPath[]}> {
  const files: CaptureFile[] = [];
  const failed: FailedPath[] = [];
  for (const path of paths) {
    try {
      if (path === "-") {
        const spooled = join(spoolFolder, "stdin");
        await pipeline(Readable.from(input), createWriteStream(spooled, {mode: 0o600}));
        files.push({path: spooled, name: "-", bytes: statSync(spooled).size});
      } else if (statSync(path).isDirectory()) {
        const names = (await readdir(path, {recursive: true, withFileTypes: true}))
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort();
        for (const name of names) files.push({path: name, name, bytes: statSync(name).size});
      } else files.push({path, name: path, bytes: statSync(path).size});
    } catch (error) {
      failed.push({path, problem: (error as Error).message});
    }
  }
  return {files, failed};
}
