import {readFileSync, statSync} from "node:fs";

/** Notes of a process, such as a lock, have a few hundred bytes. */
export const noteBytes = 64 << 10;
/** What a lake remembers in JSON. */
export const stateBytes = 64 << 20;

/**
 * Reads a file of a lake as text, where it is a file and has at most `mostBytes`. Throws otherwise, and the file system's
 * error: a lake may come from anybody, and a text of hundreds of megabytes would hold everybody up.
 */
export function readSmallFile(path: string, mostBytes: number): string {
  const stat = statSync(path);
  if (!stat.isFile()) throw new Error(`${path}: expected a file`);
  if (stat.size > mostBytes)
    throw new Error(
      `${path}: expected ${mostBytes.toLocaleString("en")} bytes at most, found ${stat.size.toLocaleString("en")}`
    );
  return readFileSync(path, "utf8");
}
