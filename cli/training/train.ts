import {cpSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {Random} from "../../lab/random.ts";
import type {Card} from "../../models/card.ts";
import {modelHash} from "../../models/model.ts";
import type {Experiment, TrainedModel} from "../../src/lib/experiments.ts";
import {experimentId, sourcesOf} from "./experiments.ts";
import {activityTruth, figureSets, judgedFlows, judgedSides, kindsOf} from "./judged.ts";
import {readFloats, runTrainer, type Step, type TrainerSettings, trainerPython, writeTable} from "./trainer.ts";
import {type TrainingActivities, trainingActivities} from "./training-activities.ts";
import {type TrainingFlows, trainingFeatures} from "./training-flows.ts";
import {trainingProfile, writeTrainingProfile} from "./training-profile.ts";
import type {TrainingTable} from "./training-tables.ts";

export interface TrainOptions {
  /** Flows of captures and of a lake's labelled traffic. */
  readonly flows: TrainingFlows;
  /** Flows that others published as tables; they have neither hosts nor times, so that no activities are made of them. */
  readonly tables: readonly TrainingTable[];
  /** A folder for what passes between the steps. */
  readonly work: string;
  /** Where models and cards go. */
  readonly output: string;
  readonly settings: TrainerSettings;
  /** Where rows with the trainer's own answers go. */
  readonly parity: string | null;
  /** Models to make, in their order: flows before activities. */
  readonly steps: readonly Step[];
  /** Wall clock at the beginning of the run, before captures were read. */
  readonly startedMs: number;
  readonly clock: () => number;
  readonly tell: (text: string) => void;
}

/** The model that each step makes. */
const made = {flows: "classifier", activities: "activity", anomaly: "anomaly"} as const satisfies Record<Step, string>;

/**
 * Trains models: flows become a table, the trainer in Python makes the classifier and says what it would say of each flow
 * without its own network, of which the table of activities is made, and so on. Returns what is kept of the run, and what
 * the trainer told of each step. The same data and settings give the same files.
 */
export async function train(
  options: TrainOptions
): Promise<{readonly experiment: Omit<Experiment, "runs">; readonly told: Readonly<Record<string, unknown>>}> {
  const {flows, tables, work, output, settings, parity, startedMs, clock, tell} = options;
  const python = trainerPython(tell);
  mkdirSync(output, {recursive: true});
  const origins = [...flows.origins, ...tables.map(({origin}) => origin)];
  const labels = [...flows.labels, ...tables.flatMap((table) => table.labels)];
  const capture = [
    ...flows.capture,
    ...tables.flatMap(({labels}, k) => new Array<number>(labels.length).fill(flows.origins.length + k))
  ];
  tell(`${labels.length.toLocaleString("en")} flows of ${origins.length.toLocaleString("en")} captures and tables`);
  writeFileSync(join(work, "settings.json"), JSON.stringify(settings));
  writeTable(join(work, "flows"), stacked([flows.matrix, ...tables.map(({matrix}) => matrix)]), {
    features: trainingFeatures,
    labels,
    groups: [...flows.groups, ...tables.flatMap((table) => table.groups)],
    protocols: [...flows.flows.protocol, ...tables.flatMap((table) => [...table.protocols])],
    captures: capture,
    origins
  });
  const kinds = kindsOf(origins);
  const places = origins.map(({fold}) => fold);
  const told: Record<string, unknown> = {};
  const models: TrainedModel[] = [];
  for (const step of options.steps) {
    let activities: TrainingActivities | null = null;
    if (step === "activities") {
      const classes = readJson<string[]>(join(work, "classes.json"));
      const random = Random.named(settings.seed, "activities");
      const probabilities = readFloats(join(work, "probabilities.f32")).subarray(0, flows.flows.rows * classes.length);
      activities = trainingActivities(flows, probabilities, classes, () => random.float(), settings.effort);
      tell(`${activities.activities.length.toLocaleString("en")} activities`);
      const {matrix, features} = activities;
      writeTable(join(work, "activities"), matrix, {
        features,
        activities: activities.activities,
        origins: flows.origins
      });
    }
    told[step] = runTrainer(python, step, work, output);
    if (step === "flows") writeSpread(output, flows);
    if (parity) cpSync(join(work, `${made[step]}-parity.json`), join(parity, `${made[step]}-parity.json`));
    const card = readJson<Card>(join(output, `${made[step]}.json`));
    const ofRow = (row: number) => kinds[capture[row]];
    const rowPlaces = () => capture.map((k) => places[k]);
    if (step === "flows") {
      const judged = judgedFlows(labels, card.labels!, readFloats(join(work, "probabilities.f32")), rowPlaces());
      models.push(trained(card, figureSets(judged, ofRow)));
    } else if (step === "anomaly") {
      const isAttack = labels.map((label) => (label === null ? null : label !== "Normal"));
      const scores = readFloats(join(work, "anomaly-scores.f32"));
      const judged = judgedSides(isAttack, scores, card.thresholds.anomaly, false, rowPlaces());
      // One forest is fitted to a sample of all that is ordinary: nothing was left out.
      models.push(
        trained(
          card,
          figureSets(judged, (row) => (origins[capture[row]].role === "test" ? ofRow(row) : "own"))
        )
      );
    } else if (activities) {
      const p = readFloats(join(work, "log-odds.f32")).map((odds) => 1 / (1 + Math.exp(-odds)));
      const own = activities.activities.map((activity) => places[activity.capture]);
      const judged = judgedSides(activityTruth(activities), p, card.thresholds.suspicious, true, own);
      const list = activities.activities;
      models.push(
        trained(
          card,
          figureSets(judged, (row) => kinds[list[row].capture])
        )
      );
    }
  }
  const {seed, effort, learner, smote} = settings;
  const experiment = {
    version: 1,
    id: experimentId({...settings, steps: options.steps}, origins),
    learner: options.steps.includes("flows") ? learner : "isolation-forest",
    effort,
    smote,
    seed,
    steps: options.steps,
    modelHash: modelHash(output) ?? "",
    madeMs: startedMs,
    tookMs: clock() - startedMs,
    models,
    sources: sourcesOf(origins)
  } as const;
  return {experiment, told};
}

/** How ordinary flows are spread in the classifier's features, for the drift watch; tables of others are left out. */
function writeSpread(output: string, flows: TrainingFlows): void {
  if (!flows.labels.includes("Normal")) return;
  const {features} = readJson<Card>(join(output, "classifier.json"));
  writeTrainingProfile(output, "classifier", trainingProfile(flows, {all: trainingFeatures, features}));
}

/** What is told of a model beside its figures, from its card. */
function trained(card: Card, sets: TrainedModel["sets"]): TrainedModel {
  const {
    learner,
    importance = {},
    importance_of,
    missing_features = {}
  } = card.training as {
    readonly learner: string;
    readonly importance?: Readonly<Record<string, number>>;
    readonly importance_of?: string;
    readonly missing_features?: Readonly<Record<string, readonly string[]>>;
  };
  return {
    name: card.kind,
    learner,
    features: card.features.length,
    importance: Object.entries(importance),
    ...(importance_of === undefined ? {} : {importanceOf: importance_of}),
    missing: missing_features,
    sets
  };
}

function stacked(matrices: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(matrices.reduce((total, {length}) => total + length, 0));
  let at = 0;
  for (const matrix of matrices) {
    all.set(matrix, at);
    at += matrix.length;
  }
  return all;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}
