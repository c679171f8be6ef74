import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {sharedData} from "../shared-data.ts";

/** A capture of others whose truth is known. */
export interface JudgedCapture {
  /** Path below the shared data. */
  readonly file: string;
  /** `shared` (truth/verdicts.json) or `incidents` (incidents/MANIFEST.json). */
  readonly set: "shared" | "incidents";
  readonly source: string;
  /** Half A chooses limits, half B confirms them. */
  readonly half: "A" | "B";
  /** Kind of attack as the truth names it; null for a benign capture. */
  readonly attack: string | null;
}

/**
 * Sources of half A, by which limits are chosen; all others confirm them. Fixed: a limit that was chosen in sight of half
 * B is worth nothing. Each half has benign life, lateral movement, tunnels and scans.
 */
const halfA = new Set([
  "arkime",
  "concap",
  "cryptomining",
  "elcabezzonn",
  "iot-sentinel",
  "iti-ics",
  "ja4",
  "ndpi",
  "slips"
]);

/** Every capture that must stay silent or be found: of `truth/verdicts.json`, then of `incidents/`. */
export function judgedCaptures(): JudgedCapture[] {
  const truth = read<{benign: {file: string}[]; attack: {file: string; kind: string}[]}>("truth/verdicts.json");
  const incidents = read<{files: {file: string; kind: string}[]}>("incidents/MANIFEST.json");
  return [
    ...truth.benign.map(({file}) => capture("shared", file, null)),
    ...truth.attack.map(({file, kind}) => capture("shared", file, kind)),
    ...incidents.files.map(({file, kind}) => capture("incidents", file, kind.startsWith("benign") ? null : kind))
  ];
}

function capture(set: JudgedCapture["set"], file: string, attack: string | null): JudgedCapture {
  const source = file.split("/")[1];
  return {file, set, source, half: halfA.has(source) ? "A" : "B", attack};
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(resolve(sharedData, file), "utf8")) as T;
}
