import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {importCaptures} from "../../capture/import/import.ts";
import {sharedData} from "../shared-data.ts";
import type {JudgedCapture} from "./judged-captures.ts";

/** The captures in a lake of their own, which `close` removes. */
export interface JudgedLake {
  readonly lake: string;
  readonly captures: readonly JudgedCapture[];
  /** `capture_sha256` of each file that could be read; files of equal content share one. */
  readonly hashes: ReadonlyMap<string, string>;
  close(): void;
}

/** Imports the captures into a temporary lake, without verdicts. */
export async function judgedLake(captures: readonly JudgedCapture[]): Promise<JudgedLake> {
  const lake = mkdtempSync(join(tmpdir(), "flowbook-verdicts-"));
  const close = () => rmSync(lake, {recursive: true, force: true});
  try {
    const paths = captures.map(({file}) => resolve(sharedData, file));
    const {captures: imported, failed} = await importCaptures(paths, {lake, clock: () => Date.now(), workers: 1});
    const unread = new Set(failed.map(({path}) => path));
    const read = captures.filter((_, k) => !unread.has(paths[k]));
    if (read.length !== imported.length)
      throw new Error(`expected rows of ${read.length} captures, found ${imported.length}`);
    const hashes = new Map(read.map(({file}, k) => [file, imported[k].row.capture_sha256]));
    return {lake, captures, hashes, close};
  } catch (error) {
    close();
    throw error;
  }
}
