import {readdirSync, readlinkSync, type Stats, statSync} from "node:fs";
import {resolve} from "node:path";

/** A file to import: where its bytes lie, and the name under which it is known. */
export interface CaptureFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  /** Where it is found again from any working folder, as `captures.path` keeps it; a pipe's bytes are nowhere. */
  readonly place?: string;
  /** It was not named itself: it lies in a folder that was. */
  readonly isInFolder?: boolean;
}

/** A path that cannot be imported, and why. */
export interface FailedPath {
  readonly path: string;
  readonly problem: string;
}

/** What paths stand for. */
export interface CapturePaths {
  readonly files: readonly CaptureFile[];
  /** Pipes, read once only: `-` for standard input, or the path of a FIFO. */
  readonly pipes: readonly string[];
  readonly failed: readonly FailedPath[];
}

/**
 * Sorts paths out: a folder stands for all files below it, in the order of their names, and symbolic links in it for the
 * files they lead to, wherever those are. Links to folders in it are not followed, so that none leads in circles or
 * brings in half a disk. What can be no capture (a device, a socket, a link to nowhere) fails by its name. A file whose
 * name is no UTF-8 is read by a link that `linkTo` makes, and called by the name with `\\xHH` for its bytes.
 */
export function capturePaths(paths: readonly string[], linkTo: (target: Buffer) => string): CapturePaths {
  const files: CaptureFile[] = [];
  const pipes: string[] = [];
  const failed: FailedPath[] = [];
  for (const path of paths) {
    const stat = path === "-" ? null : statOrProblem(path);
    if (stat === null) pipes.push(path);
    else if (typeof stat === "string") failed.push({path, problem: stat});
    else if (stat.isDirectory()) addFolder(path, files, failed, linkTo);
    else if (stat.isFIFO()) pipes.push(path);
    else if (stat.isFile()) files.push({path, name: path, place: resolve(path), bytes: stat.size});
    else failed.push({path, problem: `${path}: expected a file, a folder or a pipe, found ${kindOf(stat)}`});
  }
  return {files, pipes, failed};
}

function addFolder(
  folder: string,
  files: CaptureFile[],
  failed: FailedPath[],
  linkTo: (target: Buffer) => string
): void {
  for (const bytes of namesIn(folder, failed)) {
    const text = readableName(bytes);
    const name = text ?? escapedName(bytes);
    const stat = statOrProblem(bytes, name);
    if (typeof stat === "string") failed.push({path: name, problem: stat});
    else if (stat.isFile())
      files.push({
        path: text ?? linkTo(resolved(bytes)),
        name,
        place: resolve(name),
        bytes: stat.size,
        isInFolder: true
      });
    else if (!stat.isDirectory()) failed.push({path: name, problem: `${name}: expected a file, found ${kindOf(stat)}`});
  }
}

function resolved(path: Buffer): Buffer {
  return path[0] === slash ? path : Buffer.concat([Buffer.from(`${process.cwd()}/`), path]);
}

/** Paths of all entries below a folder that are no folders themselves, in the order of their bytes. */
function namesIn(folder: string, failed: FailedPath[]): Buffer[] {
  const found: Buffer[] = [];
  const open = [Buffer.from(folder)];
  for (let at = open.pop(); at; at = open.pop()) {
    try {
      for (const entry of readdirSync(at, {withFileTypes: true, encoding: "buffer"})) {
        const path = Buffer.concat([at, at.at(-1) === slash ? Buffer.alloc(0) : Buffer.of(slash), entry.name]);
        if (entry.isDirectory()) open.push(path);
        else found.push(path);
      }
    } catch (error) {
      failed.push({path: escapedName(at), problem: (error as Error).message});
    }
  }
  return found.sort(Buffer.compare);
}

const slash = 0x2f;

/** The path as text; null where its bytes are none, so that the text would lead to no file. */
function readableName(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return null;
  }
}

/** The path with `\xHH` for each byte that is no text. */
function escapedName(bytes: Buffer): string {
  if (readableName(bytes) !== null) return bytes.toString();
  return [...bytes.toString("latin1")].map((c) => (c < "\x7f" && c >= " " ? c : `\\x${hex(c)}`)).join("");
}

const hex = (c: string) => c.charCodeAt(0).toString(16).padStart(2, "0");

/** What lies at a path, links followed, or why nothing does. */
function statOrProblem(path: string | Buffer, name = String(path)): Stats | string {
  try {
    return statSync(path);
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    const target = linkTarget(path);
    if (target === null)
      return code === "ENOENT" ? `${name}: expected a file, a folder or a pipe, found nothing` : message;
    if (code === "ENOENT") return `${name}: a symbolic link to ${target}, where nothing is`;
    return code === "ELOOP" ? `${name}: a symbolic link that leads back to itself` : message;
  }
}

function linkTarget(path: string | Buffer): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return "a folder";
  if (stat.isFIFO()) return "a pipe";
  return stat.isSocket() ? "a socket" : "a device";
}
