import {resolve} from "node:path";
import {classifyNewFlows, defaultModels} from "../../loaders/judge/classify.ts";
import {joinIncidents} from "../../loaders/judge/incidents.ts";
import {anomalySettings} from "../configuration.ts";
import {guardMemory} from "../memory-guard.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "score",
  usage: "[--models DIR]",
  options: {models: {type: "string"}},
  help: {models: "folder with the models and their cards (default models/)"},
  readsLake: true,
  async run({values, lake, json}) {
    const models = values.models ? resolve(String(values.models)) : defaultModels;
    if (values.models) guardMemory(models);
    const result = await classifyNewFlows(lake, {
      models,
      clock: Date.now,
      anomaly: anomalySettings(),
      onProgress: (scored, partsLeft) =>
        console.error(`${scored.toLocaleString("en")} flows scored, ${partsLeft} parts left`)
    });
    const {incidents} = await joinIncidents({lake, clock: Date.now, models});
    if (json) console.log(JSON.stringify({...result, incidents}));
    else if (result.model)
      console.log(
        `${result.verdicts.toLocaleString("en")} new verdicts of model ${result.model.slice(0, 16)}; ${result.scored.toLocaleString("en")} flows scored, ${result.unscored.toLocaleString("en")} not`
      );
    if (result.without) console.error(`flowbook: ${models} has ${result.without}`);
    if (result.reason)
      throw new UserError(
        result.reason.code === "missing" ? exit.configuration : exit.stale,
        `score: ${result.reason.message}`,
        {
          hint: `${result.unscored.toLocaleString("en")} flows remain without a verdict`
        }
      );
    return exit.ok;
  }
};
