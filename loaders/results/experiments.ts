import {existsSync, readdirSync} from "node:fs";
import {join} from "node:path";
import {readSmallFile, stateBytes} from "../../capture/partitions/small-file.ts";
import type {Experiment} from "../../src/lib/experiments.ts";

/** Where training runs are kept: a folder each, with `experiment.json` and `models`. */
export const experimentsFolder = (lake: string) => join(lake, ".experiments");

export const experimentPath = (lake: string, id: string) => join(experimentsFolder(lake), id, "experiment.json");

/** The training runs of a lake, the last one first. One whose file cannot be read is left out. */
export function readExperiments(lake: string): Experiment[] {
  const folder = experimentsFolder(lake);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((id) => /^[0-9a-f]{16}$/.test(id))
    .flatMap((id) => {
      try {
        const experiment = JSON.parse(readSmallFile(experimentPath(lake, id), stateBytes)) as Experiment;
        return experiment.version === 1 && experiment.id === id ? [experiment] : [];
      } catch {
        return [];
      }
    })
    .sort((a, b) => b.madeMs - a.madeMs || (a.id < b.id ? -1 : 1));
}
