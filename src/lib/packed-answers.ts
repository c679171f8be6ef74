import type {AnswerSource} from "./answer-source.js";
import {carriedAnswers} from "./carried-answers.js";
import {PackedColumns} from "./packed-columns.js";
import {packedDetails, packedFlowTable, packedIncidentFlows, type packedNames} from "./packed-flows.js";

/** What can be asked of the flows that a static site or a single file carries. */
export type CarriedAnswers = Omit<AnswerSource, "stated">;

/** Answers from packed tables; `bytes` loads one of them, once, when something is first asked of it. */
export async function packedAnswers(
  bytes: (name: keyof typeof packedNames) => Promise<Uint8Array>
): Promise<CarriedAnswers> {
  const columns = async (name: keyof typeof packedNames) => new PackedColumns(await bytes(name));
  const flows = packedFlowTable(await columns("flows"));
  return carriedAnswers({
    flows,
    details: once(async () => packedDetails(await columns("details"), flows)),
    incidentFlows: once(async () => packedIncidentFlows(await columns("incidents")))
  });
}

/** A promise that is made once; one that failed is made again. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}
