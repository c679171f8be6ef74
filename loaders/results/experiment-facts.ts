import {writeFileSync} from "node:fs";
import type {Experiment} from "../../src/lib/experiments.ts";
import {readExperiments} from "./experiments.ts";
import {experimentsInput} from "./freshness-inputs.ts";

/** Training runs that the page has in full; the command line lists all. */
const shownRuns = 40;

/** What the page of training runs shows, of the lake that `FLOWBOOK_LAKE` names. */
export function experimentFacts(): readonly Experiment[] {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify([experimentsInput]));
  return readExperiments(lake).slice(0, shownRuns);
}
