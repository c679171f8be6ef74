import {createHash} from "node:crypto";
import {cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {experimentPath, experimentsFolder, readExperiments} from "../../loaders/results/experiments.ts";
import type {Experiment, TrainingSource} from "../../src/lib/experiments.ts";
import {projectRoot} from "../configuration.ts";
import {exit, UserError} from "../verb.ts";
import type {CaptureOrigin} from "./training-flows.ts";

/** Experiments of a lake at most; the one that was made longest ago gives way. */
export const mostExperiments = 200;

/** The id of a run: what it learns from, how, and by which packages; not when. */
export function experimentId(settings: Readonly<Record<string, unknown>>, origins: readonly CaptureOrigin[]): string {
  const hash = createHash("sha256");
  hash.update(readFileSync(join(projectRoot, "models/train/requirements.txt")));
  hash.update(JSON.stringify([settings, origins]));
  return hash.digest("hex").slice(0, 16);
}

/** What a training set is made of, by network, repository or table. */
export function sourcesOf(origins: readonly CaptureOrigin[]): TrainingSource[] {
  const sources = new Map<
    string,
    {name: string; role: string; captures: number; flows: Record<string, number>; licence: string | null}
  >();
  for (const {role, fold, licence, flows} of origins) {
    const key = `${role} ${fold}`;
    const own = sources.get(key) ?? {name: fold, role, captures: 0, flows: {}, licence: licence ?? null};
    sources.set(key, own);
    own.captures++;
    for (const [label, count] of Object.entries(flows)) own.flows[label] = (own.flows[label] ?? 0) + count;
  }
  return [...sources.values()];
}

/**
 * Keeps an experiment with its models in the lake. Where the same run was made before, the files must be the same:
 * `differs` says that they are not.
 */
export function keepExperiment(
  lake: string,
  made: Omit<Experiment, "runs">,
  models: string
): {readonly experiment: Experiment; readonly differs: boolean} {
  const before = readExperiments(lake).find(({id}) => id === made.id);
  const differs = before !== undefined && before.modelHash !== made.modelHash;
  const experiment: Experiment = {...made, runs: before && !differs ? before.runs + 1 : 1};
  const folder = join(experimentsFolder(lake), made.id);
  mkdirSync(folder, {recursive: true});
  rmSync(join(folder, "models"), {recursive: true, force: true});
  cpSync(models, join(folder, "models"), {recursive: true});
  const path = experimentPath(lake, made.id);
  writeFileSync(`${path}.tmp`, JSON.stringify(experiment));
  renameSync(`${path}.tmp`, path);
  for (const {id} of readExperiments(lake).slice(mostExperiments)) removeExperiment(lake, id);
  return {experiment, differs};
}

/** Removes an experiment and its models. Throws a UserError where there is none. */
export function removeExperiment(lake: string, id: string): void {
  const folder = join(experimentsFolder(lake), id);
  if (!/^[0-9a-f]{16}$/.test(id) || !existsSync(folder))
    throw new UserError(exit.usage, `models: the lake has no training run ${id}`);
  rmSync(folder, {recursive: true, force: true});
}
