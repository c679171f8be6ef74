import type {ResultState} from "../../loaders/results/freshness.ts";
import type {Run} from "../../loaders/results/freshness-ledger.ts";
import {renew, resultStates} from "../../loaders/results/freshness-renew.ts";
import {fewOf} from "../../src/lib/few-of.ts";
import {currentNotebook} from "../current-notebook.ts";
import {saysFull} from "../disk-problem.ts";
import {loaderSettings} from "../loader-settings.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "run",
  usage: "[--why] [--force]",
  options: {why: {type: "boolean"}, force: {type: "boolean"}},
  help: {
    why: "only list stale results and why they are stale; exit code 6 if there are any",
    force: "renew every result"
  },
  readsLake: true,
  async run({lake, json, values}) {
    const options = {lake, project: currentNotebook().project, settings: loaderSettings()};
    if (values.why) {
      const states = await resultStates(options);
      console.log(json ? JSON.stringify({results: states}) : states.map(describe).join("\n"));
      return states.every(({freshness, error}) => freshness === "fresh" && !error) ? exit.ok : exit.stale;
    }
    const force = values.force === true;
    const {run, heldBy, states} = await renew({
      ...options,
      force,
      now: Date.now,
      onProgress: json ? undefined : follow()
    });
    if (!run)
      throw new UserError(exit.limit, `run: process ${heldBy} is already renewing the results of ${lake}`, {
        hint: "try again when it has finished"
      });
    if (json) console.log(JSON.stringify({run, results: states}));
    else if (run.steps.length === 0) console.log(`all ${states.length} results are fresh`);
    const failed = run.steps.filter(({state}) => state === "failed");
    // Thrown, it is told in the words for full disks.
    const full = failed.find(({error}) => saysFull(error ?? ""));
    if (full) throw new Error(`${full.name}: ${full.error?.split("\n").find(saysFull)}`);
    return failed.length > 0 ? exit.internal : exit.ok;
  }
};

function describe({name, freshness, why, error}: ResultState): string {
  const failed = error ? `; failed: ${error.message}` : "";
  return `${name}  ${freshness}${why.length > 0 ? `: ${why.join(", ")}` : ""}${failed}`;
}

/** Prints each result once, when it has been made, with the first reasons; `--why` tells all. */
function follow(): (run: Run) => void {
  const printed = new Set<string>();
  return ({steps}) => {
    for (const {name, state, why, tookMs, error} of steps) {
      if (state === "waiting" || state === "running" || printed.has(name)) continue;
      printed.add(name);
      console.log(
        `${name}  ${state} in ${(tookMs / 1000).toFixed(1)} s (${fewOf(why, ", ")})${error ? `\n  ${error}` : ""}`
      );
    }
  };
}
