import type {Card} from "../../models/card.ts";
import type {LoadedModel} from "../../models/model.ts";
import type {FigureSet} from "../../src/lib/experiments.ts";
import {figureSets, judgedFlows, judgedSides, kindsOf} from "./judged.ts";
import {type CaptureOrigin, type TrainingFlows, trainingFeatures} from "./training-flows.ts";
import type {TrainingTable} from "./training-tables.ts";

/** What a card tells of the captures and tables that its model learnt from. */
export function learntBy({data}: Card): readonly CaptureOrigin[] {
  return Array.isArray(data) ? (data as CaptureOrigin[]).filter(({role}) => role !== "test") : [];
}

export interface Evaluation {
  readonly sets: readonly FigureSet[];
  /** By table: features of the model that it does not have. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
  /** Tables that lack too much for an answer. */
  readonly notJudged: readonly string[];
  /** Features of the model. */
  readonly features: number;
}

/** Share of a model's features that a table must have; with fewer an answer would be about what is missing. */
const leastAvailable = 0.5;

/** How a loaded classifier or Isolation Forest does on labelled flows and tables that it has not learnt from. */
export async function evaluate(
  {card, onnx}: LoadedModel,
  flows: TrainingFlows,
  given: readonly TrainingTable[]
): Promise<Evaluation> {
  const lacking = ({available}: TrainingTable) => card.features.filter((name) => !available.includes(name));
  const tables = given.filter((table) => lacking(table).length <= (1 - leastAvailable) * card.features.length);
  const features = card.features.map((name) => trainingFeatures.indexOf(name));
  const parts = [flows, ...tables];
  const labels = parts.flatMap((part) => part.labels);
  const width = card.kind === "classifier" ? card.labels!.length : 1;
  const said = new Float32Array(labels.length * width);
  let at = 0;
  for (const {matrix, labels: own} of parts) {
    const rows = new Float32Array(own.length * features.length);
    for (let i = 0; i < own.length; i++)
      for (const [k, feature] of features.entries())
        rows[i * features.length + k] = feature < 0 ? Number.NaN : matrix[i * trainingFeatures.length + feature];
    said.set(await onnx.run(rows, own.length), at);
    at += own.length * width;
  }
  const origins = [...flows.origins, ...tables.map(({origin}) => origin)];
  const origin = [
    ...flows.capture,
    ...tables.flatMap(({labels}, k) => new Array<number>(labels.length).fill(flows.origins.length + k))
  ];
  const kinds = kindsOf([...learntBy(card), ...origins]).slice(learntBy(card).length);
  const places = origin.map((k) => origins[k].fold);
  const judged =
    card.kind === "classifier"
      ? judgedFlows(labels, card.labels!, said, places)
      : judgedSides(
          labels.map((label) => (label === null ? null : label !== "Normal")),
          said.map((decision) => -decision),
          card.thresholds.anomaly,
          false,
          places
        );
  return {
    sets: figureSets(judged, (row) => kinds[origin[row]]),
    missing: Object.fromEntries(
      given.filter((table) => lacking(table).length > 0).map((table) => [table.origin.fold, lacking(table)])
    ),
    notJudged: given.filter((table) => !tables.includes(table)).map(({origin}) => origin.fold),
    features: card.features.length
  };
}
