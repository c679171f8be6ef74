import {readFileSync} from "node:fs";
import {resolve} from "node:path";

let version: string | null = null;

/** This program's version, as its package.json names it: `0.1.0`. */
export function programVersion(): string {
  version ??= String(JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8")).version);
  return version;
}
