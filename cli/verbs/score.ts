import {join, resolve} from "node:path";
import {classifyNewFlows, defaultModels} from "../../loaders/judge/classify.ts";
import {joinIncidents} from "../../loaders/judge/incidents.ts";
import type {ElsewhereOptions, ScoredPart} from "../../loaders/judge/score-plan.ts";
import {cacheFolder} from "../../scripts/working-copy.js";
import {anomalySettings, readConfiguration} from "../configuration.ts";
import {guardMemory} from "../memory-guard.ts";
import {nearest} from "../nearest.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "score",
  usage: "[--models DIR] [--engine spark]",
  options: {models: {type: "string"}, engine: {type: "string"}},
  help: {
    models: "folder with the models and their cards (default models/)",
    engine: "spark: verdicts are written by a job over the cluster that the setting spark names (docs/scale.md)"
  },
  readsLake: true,
  async run({values, lake, json}) {
    const models = values.models ? resolve(String(values.models)) : defaultModels;
    if (values.models) guardMemory(models);
    const settings = {models, clock: Date.now, anomaly: anomalySettings()};
    const {engine} = values;
    if (engine !== undefined && engine !== "spark")
      throw new UserError(exit.usage, `score: no engine ${engine}${nearest(String(engine), ["spark"])}`);
    const elsewhere = engine === "spark" ? await scoreBySpark(lake, settings) : 0;
    // What Spark has scored is left; activities and incidents are made of it here.
    const here = await classifyNewFlows(lake, {
      ...settings,
      onProgress: (scored, partsLeft) =>
        console.error(`${scored.toLocaleString("en")} flows scored, ${partsLeft} parts left`)
    });
    const result = {...here, verdicts: here.verdicts + elsewhere};
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

/** Verdicts that a job over the cluster wrote. */
async function scoreBySpark(lake: string, settings: ElsewhereOptions): Promise<number> {
  const {scoreElsewhere} = await import("../../loaders/judge/score-plan.ts");
  const {hasJava, requirements, submitScoring} = await import("../../loaders/engines/spark/submit.ts");
  const {ensurePython} = await import("../python.ts");
  if (!hasJava())
    throw new UserError(
      exit.configuration,
      "score: Spark needs a Java runtime of version 17 or 21, and there is none",
      {
        hint: "apt-get install openjdk-17-jre-headless, or set JAVA_HOME"
      }
    );
  const python = ensurePython(
    {verb: "score", folder: join(cacheFolder(), "spark"), requirements, size: "1 GB"},
    console.error
  );
  const {spark: master} = readConfiguration();
  const done = await scoreElsewhere(lake, settings, (plan) => submitScoring<ScoredPart>(plan, {python, master}));
  const workers = new Set(done.map(({worker}) => worker)).size;
  if (done.length > 0) console.error(`${done.length} parts scored by ${workers} workers of ${master}`);
  return done.reduce((sum, {verdicts}) => sum + verdicts, 0);
}
