import {execFileSync, spawnSync} from "node:child_process";
import {closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync} from "node:fs";
import {join} from "node:path";
import {projectRoot, workFolder} from "../configuration.ts";
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

/** The trainer's Python, in a virtual environment of its own with pinned packages; made on the first call. */
export function ensurePython(tell: (text: string) => void): string {
  const folder = join(workFolder, ".venv");
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const requirements = join(projectRoot, "models/train/requirements.txt");
  const installed = join(folder, "flowbook-requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(python) && existsSync(installed) && readFileSync(installed, "utf8") === wanted) return python;
  tell("installing the trainer's Python packages into .venv (about 500 MB)");
  try {
    execFileSync("python3", ["-m", "venv", folder], {stdio: "inherit"});
    execFileSync(python, ["-m", "pip", "install", "--quiet", "-r", requirements], {stdio: "inherit"});
  } catch (error) {
    throw new UserError(exit.configuration, "train: Python and its packages could not be set up", {
      cause: error,
      hint: "Python 3.11 or later with venv and pip is needed: apt-get install python3 python3-venv"
    });
  }
  writeFileSync(installed, wanted);
  return python;
}
