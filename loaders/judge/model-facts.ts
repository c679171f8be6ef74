import {writeFileSync} from "node:fs";
import {resolve, sep} from "node:path";
import type {Card} from "../../models/card.ts";
import {cardFigures} from "../../models/card-figures.ts";
import {loadModel} from "../../models/model.ts";
import type {CardFacts, ModelFacts, ModelFigures} from "../../src/lib/model-facts.js";
import {defaultModels} from "./classify.ts";

const project = resolve(import.meta.dirname, "../..");

/** The cards of a folder of models, for the page of verdicts. It reads no table. */
export async function modelFacts(models = defaultModels): Promise<ModelFacts> {
  const {FLOWBOOK_READS: reads} = process.env;
  // That the model is another one counts as a change of verdicts.
  if (reads) writeFileSync(reads, JSON.stringify(["verdicts"]));
  const {model, problem} = await loadModel(models);
  const cards = [model?.activity, model?.classifier, model?.anomaly].flatMap((one) => (one ? [factsOf(one.card)] : []));
  await model?.close();
  return {hash: model?.hash ?? null, problem: problem?.message.replaceAll(project + sep, "") ?? null, cards};
}

interface Training {
  readonly learner?: string;
  readonly calibration?: {readonly method?: string};
  readonly importance?: Readonly<Record<string, number>>;
}

interface Origin {
  readonly role?: string;
  readonly fold?: string;
  readonly repository?: string;
  readonly licence?: string;
}

interface Naming {
  readonly activities: number;
  readonly named: number;
  readonly right: number;
  readonly found: number;
}

function factsOf(card: Card): CardFacts {
  const {learner = null, calibration, importance = {}} = (card.training ?? {}) as Training;
  const {naming_left_out: naming = {}} = (card.metrics ?? {}) as {naming_left_out?: Record<string, Naming>};
  return {
    name: card.name,
    kind: card.kind,
    file: card.file,
    features: card.features.length,
    labels: card.labels ?? [],
    protocols: card.protocols ?? (card.kind === "classifier" ? [1, 6, 17, 58] : []),
    thresholds: card.thresholds,
    learner,
    calibration: calibration?.method ?? null,
    data: originsOf(Array.isArray(card.data) ? (card.data as Origin[]) : []),
    importance: Object.entries(importance)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 10)
      .map(([name, share]) => ({name, share})),
    figures: cardFigures(card).map(({on, kind, figures}) => ({on, kind, ...partsOf(figures)})),
    naming: Object.entries(naming).map(([name, {activities, named, right, found}]) => ({
      name,
      activities,
      named,
      right,
      found
    })),
    tools: Object.entries(card.tools ?? {})
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
    licence: card.licence,
    limits: card.limits ?? null
  };
}

function partsOf(figures: Readonly<Record<string, unknown>>): Omit<ModelFigures, "on" | "kind"> {
  const numbers = Object.entries(figures).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  const {confusion, classes = {}} = figures as {
    confusion?: {labels: string[]; flows: number[][]};
    classes?: Record<string, {precision: number; recall: number; support: number}>;
  };
  return {
    figures: Object.fromEntries(numbers),
    confusion: confusion ? {labels: confusion.labels, flows: confusion.flows} : null,
    classes: Object.entries(classes).map(([name, {precision, recall, support}]) => ({name, precision, recall, support}))
  };
}

function originsOf(origins: readonly Origin[]): CardFacts["data"] {
  const found = new Map<string, CardFacts["data"][number]>();
  for (const {role = "train", fold = "unknown", repository, licence = null} of origins) {
    const from = repository ?? fold;
    const key = `${from} ${role}`;
    found.set(key, {from, role, licence, captures: (found.get(key)?.captures ?? 0) + 1});
  }
  return [...found.values()].sort(
    (a, b) => Number(a.licence === null) - Number(b.licence === null) || b.captures - a.captures
  );
}
