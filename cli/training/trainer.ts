import {spawnSync} from "node:child_process";
import {closeSync, openSync, readFileSync, writeFileSync, writeSync} from "node:fs";
import {join} from "node:path";
import {projectRoot, workFolder} from "../configuration.ts";
import {ensurePython} from "../python.ts";
import {exit, UserError} from "../verb.ts";

/** The learners that the trainer knows for the classifier of flows. */
export const learners = ["random-forest", "xgboost", "lightgbm"] as const;
export type Learner = (typeof learners)[number];

export const steps = ["flows", "activities", "anomaly"] as const;
export type Step = (typeof steps)[number];

/** How much a training may cost: rows learnt from, parts that are left out in turn, and the size of the models. */
export type Effort = "quick" | "full";

/** What the trainer in Python reads of `settings.json`. */
export interface TrainerSettings {
  readonly seed: number;
  readonly effort: Effort;
  readonly learner: Learner;
  readonly smote: boolean;
  /** The probability from which an activity is suspicious; null: the trainer chooses it. */
  readonly threshold: number | null;
}

/** NAME.f32 (row-major, 32-bit floats) with NAME.json beside it. */
export function writeTable(path: string, matrix: Float32Array, about: Readonly<Record<string, unknown>>): void {
  const file = openSync(`${path}.f32`, "w");
  const bytes = new Uint8Array(matrix.buffer, matrix.byteOffset, matrix.byteLength);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  closeSync(file);
  writeFileSync(`${path}.json`, JSON.stringify(about));
}

/** The 32-bit floats of a file that the trainer wrote. */
export function readFloats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Runs a step of the trainer over the tables in `data`; returns what it told last. */
export function runTrainer(python: string, step: Step, data: string, models: string): unknown {
  const script = join(projectRoot, "models/train/train.py");
  const {status, stdout} = spawnSync(python, ["-B", script, step, data, models], {
    encoding: "utf8",
    env: {...process.env, PYTHONHASHSEED: "0"},
    stdio: ["ignore", "pipe", "inherit"]
  });
  if (status !== 0)
    throw new UserError(exit.internal, `train: step ${step} of the trainer failed with exit code ${status}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** The trainer's Python; made on the first call. */
export function trainerPython(tell: (text: string) => void): string {
  const requirements = join(projectRoot, "models/train/requirements.txt");
  return ensurePython({verb: "train", folder: join(workFolder, ".venv"), requirements, size: "500 MB"}, tell);
}
