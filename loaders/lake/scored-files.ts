import {statSync} from "node:fs";
import {metadataValue} from "../../capture/partitions/parquet-metadata.ts";
import {scoringGeneration} from "../../schema/verdicts.ts";
import {programVersion} from "./program-version.ts";

const modelKey = "flowbook.model";
const generationKey = "flowbook.scoring";

/** What files of verdicts and activities say of who made them. Merged files keep what all of them have. */
export function scoredBy(model: string): Record<string, string> {
  return {
    [modelKey]: model,
    [generationKey]: String(scoringGeneration),
    "flowbook.version": programVersion(),
    "flowbook.node": process.version
  };
}

/** Generations by path, with the size and time of the file that they were read of. */
const known = new Map<string, {readonly stamp: string; readonly generation: number}>();
const mostRemembered = 200_000;

/** Which generation of scoring made a file of verdicts or activities; 1 where it does not say. */
export function generationOf(path: string): number {
  const stat = statSync(path, {throwIfNoEntry: false});
  const stamp = `${stat?.size} ${stat?.mtimeMs}`;
  const old = known.get(path);
  if (old?.stamp === stamp) return old.generation;
  const told = stat ? metadataValue(path, generationKey) : null;
  const generation = told !== null && /^\d{1,9}$/.test(told) ? Number(told) : 1;
  if (known.size >= mostRemembered) known.clear();
  known.set(path, {stamp, generation});
  return generation;
}

/** Whether its scores would come out alike today. A newer program's count: this one would not do better. */
export function isCurrentScore(path: string): boolean {
  return generationOf(path) >= scoringGeneration;
}

/** What verdicts that become one file say of who made them: the least generation of all. */
export function commonScoredBy(paths: readonly string[]): Record<string, string> {
  const models = new Set(paths.map((path) => metadataValue(path, modelKey)));
  const [model] = models;
  return {
    ...(models.size === 1 && model ? {[modelKey]: model} : {}),
    [generationKey]: String(paths.reduce((least, path) => Math.min(least, generationOf(path)), scoringGeneration))
  };
}
