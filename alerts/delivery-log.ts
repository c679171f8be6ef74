import {appendFileSync, existsSync, mkdirSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {replaceFile} from "../loaders/results/freshness-ledger.ts";
import {alertsFolder} from "./state.ts";
import type {Transport} from "./transports/index.ts";

/** What happened to a message, or to alerts as a whole. */
export interface LogEntry {
  /** Wall clock, in ms since 1970. */
  readonly atMs: number;
  readonly event: "delivered" | "failed" | "given up" | "pushed out" | "begun";
  /** Null where it concerns no destination. */
  readonly transport: Transport["name"] | null;
  /** Null for what is no message. */
  readonly message: string | null;
  /** Incidents in the message; 0 for a test. */
  readonly incidents: number;
  /** One line in words, without secrets: the error, or what was begun. */
  readonly text: string | null;
}

/** Entries kept; twice as many lie in the file before it is cut. */
export const keptEntries = 1000;

const logPath = (lake: string) => join(alertsFolder(lake), "log.jsonl");

/** Appends to `LAKE/.alerts/log.jsonl`, readable by the owner alone; the oldest entries go when there are too many. */
export function writeLog(lake: string, entries: readonly LogEntry[]): void {
  if (entries.length === 0) return;
  const path = logPath(lake);
  mkdirSync(alertsFolder(lake), {recursive: true, mode: 0o700});
  appendFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), {mode: 0o600});
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  if (lines.length >= 2 * keptEntries) replaceFile(path, `${lines.slice(-keptEntries).join("\n")}\n`);
}

/** The newest entries, newest first; a line that a crash cut short is left out. */
export function readLog(lake: string, most: number): LogEntry[] {
  const path = logPath(lake);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as LogEntry];
      } catch {
        return [];
      }
    })
    .slice(-most)
    .reverse();
}
