import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {loadModel} from "../../models/model.ts";
import {exit, UserError} from "../verb.ts";
import {type Evaluation, evaluate, learntBy} from "./evaluate.ts";
import {refuseTrainedTests} from "./splits.ts";
import {trainingFlows} from "./training-flows.ts";
import {readTables} from "./training-tables.ts";

export interface EvaluatedModels {
  readonly hash: string;
  /** By the name of the model. */
  readonly models: Readonly<Record<string, Evaluation>>;
}

/**
 * Measures the classifier and the Isolation Forest of a folder on labelled captures and tables. What the cards say that
 * they learnt from is refused. Throws a UserError where the folder has no fit model.
 */
export async function evaluateModels(
  folder: string,
  captures: readonly string[],
  tables: readonly string[]
): Promise<EvaluatedModels> {
  const {model, problem} = await loadModel(folder);
  if (!model)
    throw new UserError(problem!.code === "missing" ? exit.configuration : exit.stale, `models: ${problem!.message}`);
  const work = mkdtempSync(join(tmpdir(), "flowbook-evaluate-"));
  try {
    const ofTables = await readTables(tables, "test", 1);
    const flows = await trainingFlows(
      captures.map((path) => ({path, role: "test"})),
      join(work, "lake"),
      Date.now
    );
    const opened = [model.classifier, model.anomaly].flatMap((one) => one ?? []);
    const learnt = opened.flatMap(({card}) => learntBy(card));
    const tested = [...flows.origins, ...ofTables.map(({origin}) => origin)];
    refuseTrainedTests(
      [...learnt, ...tested].map(({role, fold, capture_sha256, made_of = []}) => ({
        path: fold,
        role,
        hashes: [capture_sha256, ...made_of]
      })),
      "models: evaluate"
    );
    const models: Record<string, Evaluation> = {};
    for (const one of opened) models[one.card.name] = await evaluate(one, flows, ofTables);
    return {hash: model.hash, models};
  } finally {
    await model.close();
    rmSync(work, {recursive: true, force: true});
  }
}

const share = (value: number | null) => (value === null ? "–" : `${(100 * value).toFixed(2)} %`);

/** In lines for the reader: each set as a whole, by place and by class. */
export function evaluationLines(name: string, {sets, missing, features, notJudged}: Evaluation): string[] {
  return [
    name,
    ...Object.entries(missing).map(([place, {length}]) =>
      notJudged.includes(place)
        ? `  ${place} is not judged: it lacks ${length} of the ${features} features of the model`
        : `  ${place} lacks ${length} of the ${features} features of the model: its figures say the less`
    ),
    ...sets.flatMap(({name, places, classes, rows, macroF1, found, falseAlarms, calibrationError}) => [
      `  ${name}: ${rows.toLocaleString("en")} flows, macro-F1 ${macroF1}, attacks found ${share(found)}, false alarms ${share(falseAlarms)}${calibrationError === null ? "" : `, calibration error ${share(calibrationError)}`}`,
      ...places.map(
        (place) =>
          `    ${place.name}: ${place.rows.toLocaleString("en")} flows, macro-F1 ${place.macroF1}, attacks found ${share(place.found)}, false alarms ${share(place.falseAlarms)}`
      ),
      ...classes
        .filter(({support}) => support > 0)
        .map(
          ({label, support, precision, recall, averagePrecision}) =>
            `    ${label}: ${support.toLocaleString("en")} flows, precision ${share(precision)}, recall ${share(recall)}, area below the curve ${averagePrecision}`
        )
    ])
  ];
}
