import {existsSync, readFileSync} from "node:fs";
import {resolve} from "node:path";
import {absentUnless} from "./needs.ts";

/** The shared captures beside the project; tests that need them are skipped where they are absent. */
export const sharedData = resolve(import.meta.dirname, "../../shared/data");

export const hasSharedData = existsSync(resolve(sharedData, "MANIFEST.json"));

/** The reason to skip tests over the shared captures. */
export const noSharedData = absentUnless(hasSharedData, "no ../shared/data");

/** What the manifest says of one capture. */
export interface SharedCapture {
  readonly file: string;
  readonly kind: "pcap" | "malformed" | "datasets" | "truth" | "demo";
  readonly packets: number;
  /** Link type → packets. */
  readonly linktypes: Readonly<Record<string, number>>;
  readonly sha256: string;
  readonly bytes: number;
  readonly flows: number;
}

/** Files of a kind in the manifest; none where the shared data are absent. */
export function sharedCaptures(kind: SharedCapture["kind"]): SharedCapture[] {
  if (!hasSharedData) return [];
  const {files} = JSON.parse(readFileSync(resolve(sharedData, "MANIFEST.json"), "utf8")) as {files: SharedCapture[]};
  return files.filter((file) => file.kind === kind);
}
