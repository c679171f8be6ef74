import {currentModel} from "../judge/current-model.ts";
import {openLake} from "../lake/duckdb.ts";
import {renewRollups} from "../lake/rollup-renew.ts";
import {canWriteLake} from "../lake/state-folder.ts";
import type {RunStep} from "./freshness-ledger.ts";

/** Brings the roll-ups that the server answers from up to date, as a step of the run; none where there was nothing to do. */
export async function rollupStep({
  lake,
  model,
  now,
  signal
}: {
  lake: string;
  /** Hash of the project's model. */
  model: string;
  now: () => number;
  signal?: AbortSignal;
}): Promise<RunStep[]> {
  if (!canWriteLake(lake)) return [];
  const startedAt = now();
  const step = {name: "roll-ups", why: ["parts were sealed, merged or judged"]};
  try {
    const engine = await openLake(lake, {hasRollups: false});
    const current = await currentModel(engine, model).finally(() => engine.close());
    const {made} = await renewRollups(lake, {model: current, nowMs: startedAt, signal});
    return made > 0 ? [{...step, state: "made", tookMs: now() - startedAt, error: null}] : [];
  } catch (error) {
    return [{...step, state: "failed", tookMs: now() - startedAt, error: (error as Error).message}];
  }
}
