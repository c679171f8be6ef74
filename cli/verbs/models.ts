import {resolve} from "node:path";
import {defaultModels, withoutWords} from "../../loaders/judge/classify.ts";
import type {Card} from "../../models/card.ts";
import {cardFigures} from "../../models/card-figures.ts";
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
    const cards = [model.classifier, model.activity, model.anomaly].flatMap((one) => (one ? [one.card] : []));
    const without = withoutWords(model);
    if (json) console.log(JSON.stringify({folder, hash: model.hash, cards, without}));
    else console.log([`model ${model.hash}`, ...cards.flatMap(lines), ...(without ? [without] : [])].join("\n"));
    await model.close();
    return exit.ok;
  }
};

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
