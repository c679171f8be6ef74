import {closeSync, openSync, writeFileSync, writeSync} from "node:fs";
import {join} from "node:path";
import {openLake} from "../loaders/lake/duckdb.ts";
import {fb1Columns} from "../schema/features.ts";
import {labelCapture} from "./labelled-lake.ts";

/**
 * Features that a model is not shown: initial windows are constants of the scanners' and flooders' own packets, so they
 * name the tool and not what it does.
 */
const toolMarks: readonly string[] = ["src_init_window_bytes", "dst_init_window_bytes"];

/** Features of the models that `train` makes, in their order. */
export const trainingFeatures: readonly string[] = fb1Columns
  .map(({name}) => name)
  .filter((name) => !toolMarks.includes(name));

/** Where rows of a training set come from; kept in the model's card. */
export interface CaptureOrigin {
  readonly configuration: string;
  readonly seed: number;
  readonly seconds: number;
  readonly capture_sha256: string;
  readonly flows: Readonly<Record<string, number>>;
}

/**
 * Labels captures of the lab and writes their flows as NAME.f32 (rows × features, row-major, 32-bit floats) with
 * NAME.json beside it, in the order of `flow_id` capture by capture; flows without a label are left out.
 */
export async function writeTrainingSet(
  captures: readonly string[],
  lake: string,
  folder: string,
  name: string,
  clock: () => number
): Promise<readonly CaptureOrigin[]> {
  const labels: string[] = [];
  const groups: string[] = [];
  const origins: CaptureOrigin[] = [];
  const file = openSync(join(folder, `${name}.f32`), "w");
  try {
    for (const capture of captures) {
      const {truth, flows} = await labelCapture(capture, lake, clock);
      const byId = new Map(flows.map((flow) => [flow.flow_id, flow]));
      const counts: Record<string, number> = {};
      const engine = await openLake(lake, {maxRows: 10_000_000});
      try {
        const {rows} = await engine.query(
          `SELECT flow_id, ${trainingFeatures.join(", ")} FROM features WHERE capture_sha256 = ? ORDER BY flow_id`,
          [truth.capture_sha256]
        );
        const matrix = new Float32Array(rows.length * trainingFeatures.length);
        let kept = 0;
        for (const [id, ...values] of rows) {
          const flow = byId.get(id as bigint);
          if (!flow?.label) continue;
          values.forEach((value, k) => {
            matrix[kept * trainingFeatures.length + k] = Number(value);
          });
          kept++;
          labels.push(flow.label);
          groups.push(flow.tool ?? flow.host);
          counts[flow.label] = (counts[flow.label] ?? 0) + 1;
        }
        writeSync(file, new Uint8Array(matrix.buffer, 0, kept * trainingFeatures.length * 4));
      } finally {
        await engine.close();
      }
      const {configuration, seed, seconds, capture_sha256} = truth;
      origins.push({configuration, seed, seconds, capture_sha256, flows: counts});
    }
  } finally {
    closeSync(file);
  }
  const about = {features: trainingFeatures, labels, groups, captures: origins};
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(about));
  return origins;
}
