import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync} from "node:fs";
import {isIP} from "node:net";
import {join} from "node:path";
import {waitForLock} from "../capture/partitions/lock.ts";
import {replaceFile} from "../loaders/results/freshness-ledger.ts";
import {verdictClasses} from "../schema/verdicts.ts";
import type {TrafficLabel} from "../src/lib/traffic-labels.ts";
import {ReviewRefused, reviewLimits} from "./reviews.ts";

/** Labels of a lake's traffic at most. */
const mostLabels = 2000;
const lockWaitMs = 5000;

const labelsPath = (lake: string) => join(lake, ".reviews/traffic.json");

/** What readers said that hosts and stretches of this lake are, oldest first. Throws where the file is damaged. */
export function readTrafficLabels(lake: string): readonly TrafficLabel[] {
  const path = labelsPath(lake);
  if (!existsSync(path)) return [];
  try {
    const {version, labels} = JSON.parse(readFileSync(path, "utf8"));
    if (version !== 1 || !Array.isArray(labels)) throw new Error(`expected version 1, found ${version}`);
    return labels;
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, {cause: error});
  }
}

/** Labels the flows that a host began in a stretch of time; one of the two at least must be given. Returns all labels. */
export function labelTraffic(
  lake: string,
  wanted: Omit<TrafficLabel, "id" | "atMs">,
  nowMs: number
): Promise<readonly TrafficLabel[]> {
  const {class: named, host, fromUs, toUs} = wanted;
  const note = wanted.note.trim();
  if (!(verdictClasses as readonly string[]).includes(named))
    throw new ReviewRefused(`class: expected ${verdictClasses.join(", ")}, found ${named.slice(0, 32)}`);
  if (host !== null && isIP(host) === 0)
    throw new ReviewRefused(`host: expected an address, found ${host.slice(0, 64)}`);
  if (host === null && (fromUs === null || toUs === null))
    throw new ReviewRefused("expected a host, or a stretch with its beginning and end: all traffic has no one class");
  if (fromUs !== null && toUs !== null && !(fromUs < toUs))
    throw new ReviewRefused("expected a stretch that ends after it begins");
  if (note.length > reviewLimits.text) throw new ReviewRefused(`note: longer than ${reviewLimits.text} characters`);
  const said = {class: named, host, fromUs, toUs, note};
  const id = createHash("sha256")
    .update(JSON.stringify([host, fromUs, toUs]))
    .digest("hex")
    .slice(0, 16);
  return change(lake, (labels) => {
    const others = labels.filter((label) => label.id !== id);
    if (others.length >= mostLabels)
      throw new ReviewRefused(`more than ${mostLabels.toLocaleString("en-US")} labels of traffic`);
    return [...others, {id, ...said, atMs: nowMs}];
  });
}

/** Takes a label of traffic away. */
export function unlabelTraffic(lake: string, id: string): Promise<readonly TrafficLabel[]> {
  return change(lake, (labels) => {
    const others = labels.filter((label) => label.id !== id);
    if (others.length === labels.length) throw new ReviewRefused("no such label of traffic");
    return others;
  });
}

async function change(
  lake: string,
  make: (labels: readonly TrafficLabel[]) => readonly TrafficLabel[]
): Promise<readonly TrafficLabel[]> {
  mkdirSync(join(lake, ".reviews"), {recursive: true, mode: 0o700});
  const release = await waitForLock(join(lake, ".reviews/lock"), lockWaitMs);
  try {
    const labels = make(readTrafficLabels(lake));
    replaceFile(labelsPath(lake), JSON.stringify({version: 1, labels}, null, 1));
    return labels;
  } finally {
    release();
  }
}
