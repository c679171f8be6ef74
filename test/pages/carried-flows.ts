import type {LakeEngine} from "../../loaders/lake/duckdb.ts";
import {packed, packedFlows} from "../../loaders/results/packed-data.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";
import {PackedColumns} from "../../src/lib/packed-columns.ts";
import {packedFlowTable} from "../../src/lib/packed-flows.ts";

/** The flows of a lake as a static site carries them; `folder` is the engine's export folder. */
export async function carriedFlows(engine: LakeEngine, model: string | null, folder: string): Promise<FlowTable> {
  return packedFlowTable(new PackedColumns(await packed(engine, packedFlows, model, folder)));
}
