import {resolve} from "node:path";
import {defaultModels, withoutWords} from "../../loaders/judge/classify.ts";
import type {Card} from "../../models/card.ts";
import {loadModel} from "../../models/model.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "models",
  usage: "[DIR]",
  options: {},
  async run({positionals, json}) {
    const folder = positionals[0] ? resolve(positionals[0]) : defaultModels;
    const {model, problem} = await loadModel(folder);
    if (!model) {
      if (json) console.log(JSON.stringify({folder, problem}));
      throw new UserError(problem!.code === "missing" ? exit.configuration : exit.stale, `models: ${problem!.message}`);
    }
    const cards = [model.classifier, model.anomaly].flatMap((one) => (one ? [one.card] : []));
    const without = withoutWords(model);
    if (json) console.log(JSON.stringify({folder, hash: model.hash, cards, without}));
    else console.log([`model ${model.hash}`, ...cards.flatMap(lines), ...(without ? [without] : [])].join("\n"));
    await model.close();
    return exit.ok;
  }
};

function lines(card: Card): string[] {
  const {test} = (card.metrics ?? {}) as {test?: Record<string, unknown>};
  const figures = Object.entries(test ?? {}).filter(([, value]) => typeof value === "number");
  return [
    `${card.name} (${card.kind}, ${card.file}): ${card.features.length} features${card.labels ? `, classes ${card.labels.join(", ")}` : ""}`,
    `  on its test configuration: ${figures.map(([name, value]) => `${name} ${value}`).join(", ") || "no figures"}`,
    `  licence: ${card.licence}`
  ];
}
