import {join} from "node:path";
import {damageMarks} from "../capture/partitions/damage.ts";
import {experimentsFolder} from "../loaders/results/experiments.ts";
import type {ResultState} from "../loaders/results/freshness.ts";
import {resultsFolder} from "../loaders/results/freshness-ledger.ts";
import {resultStates} from "../loaders/results/freshness-renew.ts";
import {stampOf, watchedFolders} from "./watch.ts";

/**
 * The states of all results, told again while no file changes that they depend on: each page that is opened asks for them,
 * and to find them means to bundle every loader for the list of what it imports.
 */
export function knownStates(options: Parameters<typeof resultStates>[0]): () => Promise<readonly ResultState[]> {
  const {lake, project} = options;
  let known: {readonly stamp: string; readonly states: readonly ResultState[]} | null = null;
  const stampNow = () =>
    [
      stampOf([
        ...watchedFolders(lake, project),
        join(project, "capture"),
        resultsFolder(lake),
        experimentsFolder(lake)
      ]),
      ...damageMarks(lake).keys()
    ].join("\n");
  return async () => {
    // Before they are found: what changes meanwhile is seen the next time.
    const stamp = stampNow();
    if (known?.stamp === stamp) return known.states;
    const states = await resultStates(options);
    known = {stamp, states};
    return states;
  };
}
