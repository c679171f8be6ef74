import {chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync} from "node:fs";
import {dirname} from "node:path";

/** Makes a folder of the lake with its parents, readable by the owner alone. */
export function makeFolder(path: string): void {
  mkdirSync(path, {recursive: true, mode: 0o700});
}

/** Brings a written file to the disk, closes it to others, and gives it its name: it is there whole or not at all. */
export function publish(from: string, to: string): void {
  syncFile(from);
  makeFolder(dirname(to));
  renameSync(from, to);
}

/** Writes a file's content through to the disk, readable by the owner alone. */
export function syncFile(path: string): void {
  chmodSync(path, 0o600);
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes the names in a folder through to the disk; a system that cannot (Windows) is left alone. */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
