import {createHash} from "node:crypto";
import {existsSync, readdirSync, readFileSync} from "node:fs";
import {join, resolve} from "node:path";

/** Where the captures lie that come with the project. */
export const demoFolder = resolve(import.meta.dirname, "../../data/demo");

/** Paths of the demo captures, by name; none where the folder is missing. */
export function demoFiles(folder = demoFolder): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.pcap(ng)?(\.gz|\.zst)?$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

/** SHA-256 of the demo captures, as `captures.capture_sha256` has it. */
export function demoHashes(folder = demoFolder): string[] {
  return demoFiles(folder).map((path) => createHash("sha256").update(readFileSync(path)).digest("hex"));
}
