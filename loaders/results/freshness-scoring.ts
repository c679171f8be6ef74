import {join} from "node:path";
import {modelHash} from "../../models/model.ts";
import {scoringGeneration} from "../../schema/verdicts.ts";
import {type Inputs, noParts, noResult, stateOf} from "./freshness.ts";

/** What scoring brought about. */
export interface Scored {
  /** Features and model that were scored now or before; null where nothing ever was. */
  readonly inputs: Inputs | null;
  /** Verdicts written now. */
  readonly verdicts: number;
  /** What had changed; empty where there was nothing to do. */
  readonly why: readonly string[];
  readonly error: string | null;
}

/** Hash of the project's model; empty where it has none. */
export function projectModel(project: string): string {
  return modelHash(join(project, "models")) ?? "";
}

/** What verdicts are made from, as the ledger keeps it once they are; `features`: hash of that table, if it has any file. */
export function scoringInputs(project: string, features: string | undefined): Inputs {
  return {"table features": features ?? noParts, model: projectModel(project), scoring: String(scoringGeneration)};
}

/**
 * Scores flows that the project's model has not scored, where features, model or generation of scoring have changed since `before`. Never throws
 * for what goes wrong with a model: the error says it, and results are then made from the verdicts there are.
 */
export async function scoreIfStale(
  {
    lake,
    project,
    features,
    before
  }: {lake: string; project: string; features: string | undefined; before: Inputs | null},
  {clock, signal}: {clock: () => number; signal?: AbortSignal}
): Promise<Scored> {
  const wanted = scoringInputs(project, features);
  const {why} = stateOf("verdicts", {...noResult, inputs: before ?? {}}, wanted);
  if (why.length === 0 || wanted.model === "") return {inputs: before, verdicts: 0, why: [], error: null};
  try {
    // Loaded when there is something to score: the ONNX runtime takes a while.
    const {classifyNewFlows} = await import("../judge/classify.ts");
    const {verdicts, reason} = await classifyNewFlows(lake, {clock, models: join(project, "models"), signal});
    const {joinIncidents} = await import("../judge/incidents.ts");
    await joinIncidents({lake, clock, models: join(project, "models")});
    if (reason) return {inputs: before, verdicts, why, error: reason.message};
    return {inputs: wanted, verdicts, why, error: null};
  } catch (error) {
    return {inputs: before, verdicts: 0, why, error: (error as Error).message};
  }
}
