import {resolve} from "node:path";
import {defaultModels, withoutWords} from "../../loaders/judge/classify.ts";
import {readExperiments} from "../../loaders/results/experiments.ts";
import type {Card} from "../../models/card.ts";
import {cardFigures} from "../../models/card-figures.ts";
import {loadModel} from "../../models/model.ts";
import {experimentName} from "../../src/lib/experiments.ts";
import {guardMemory} from "../memory-guard.ts";
import {evaluateModels, evaluationLines} from "../training/evaluate-models.ts";
import {removeExperiment} from "../training/experiments.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "models",
  usage: "[DIR | evaluate [DIR] [--test CAPTURE…] [--csv FILE…] | runs | forget RUN]",
  options: {
    test: {type: "string", multiple: true},
    csv: {type: "string", multiple: true}
  },
  help: {
    test: "evaluate: a labelled capture that was not trained on, with its .truth.json beside it",
    csv: "evaluate: a table of labelled flows (CICFlowMeter, UNSW-NB15, NSL-KDD, Zeek conn.log)"
  },
  async run({positionals, values, lake, json}) {
    const [action, name] = positionals;
    if (action === "evaluate") return evaluated(resolve(name ?? defaultModels), values, json);
    if (action === "runs") return listed(lake, json);
    if (action === "forget") {
      removeExperiment(lake, name ?? "");
      return exit.ok;
    }
    const folder = positionals[0] ? resolve(positionals[0]) : defaultModels;
    if (positionals[0]) guardMemory(folder);
    const {model, problem} = await loadModel(folder);
    if (!model) {
      if (json) console.log(JSON.stringify({folder, problem}));
      throw new UserError(problem!.code === "missing" ? exit.configuration : exit.stale, `models: ${problem!.message}`);
    }
    const cards = [model.classifier, model.activity, model.anomaly].flatMap((one) => (one ? [one.card] : []));
    const without = withoutWords(model);
    if (json) console.log(JSON.stringify({folder, hash: model.hash, cards, without}));
    else console.log([`model ${model.hash}`, ...cards.flatMap(lines), ...(without ? [without] : [])].join("\n"));
    await model.close();
    return exit.ok;
  }
};

async function evaluated(folder: string, values: Invocation["values"], json: boolean): Promise<ExitCode> {
  const paths = (name: "test" | "csv") => ((values[name] ?? []) as string[]).map((path) => resolve(path));
  if (paths("test").length + paths("csv").length === 0)
    throw new UserError(
      exit.usage,
      "models: evaluate: expected --test CAPTURE or --csv FILE, found nothing to measure on"
    );
  const {hash, models} = await evaluateModels(folder, paths("test"), paths("csv"));
  if (json) console.log(JSON.stringify({folder, hash, models}));
  else
    console.log(
      Object.entries(models)
        .flatMap(([name, figures]) => evaluationLines(name, figures))
        .join("\n")
    );
  return exit.ok;
}

/** The training runs of the lake, the last one first. */
function listed(lake: string, json: boolean): ExitCode {
  const runs = readExperiments(lake);
  if (json) console.log(JSON.stringify({runs}));
  else if (runs.length === 0) console.log("no training runs");
  for (const run of json ? [] : runs) {
    const set = run.models[0]?.sets[0];
    const worth = set
      ? `${set.name}: macro-F1 ${set.macroF1}, found ${set.found}, false alarms ${set.falseAlarms}`
      : "";
    console.log(`${run.id}  ${new Date(run.madeMs).toISOString()}  ${experimentName(run)}  ${worth}`);
  }
  return exit.ok;
}

function lines(card: Card): string[] {
  return [
    `${card.name} (${card.kind}, ${card.file}): ${card.features.length} features${card.labels ? `, classes ${card.labels.join(", ")}` : ""}`,
    ...cardFigures(card).flatMap(({on, figures}) => told(on, figures)),
    `  licence: ${card.licence}`
  ];
}

/** A line of the figures that are numbers; none without any. */
function told(what: string, figures: Readonly<Record<string, unknown>>): string[] {
  const numbers = Object.entries(figures).filter(([, value]) => typeof value === "number");
  if (numbers.length === 0) return [];
  return [`  ${what}: ${numbers.map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ")}`];
}
