import {execFileSync, spawnSync} from "node:child_process";
import {closeSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync} from "node:fs";
import {join} from "node:path";
import {Random} from "../../lab/random.ts";
import {projectRoot, workFolder} from "../configuration.ts";
import {exit, UserError} from "../verb.ts";
import {trainingActivities} from "./training-activities.ts";
import {type TrainingCapture, type TrainingFlows, trainingFeatures, trainingFlows} from "./training-flows.ts";
import {trainingProfile, writeTrainingProfile} from "./training-profile.ts";

export interface TrainOptions {
  readonly captures: readonly TrainingCapture[];
  /** A folder for what passes between the steps. */
  readonly work: string;
  /** Where models and cards go. */
  readonly output: string;
  readonly seed: number;
  /** The probability from which an activity is suspicious; null: the trainer chooses it. */
  readonly threshold: number | null;
  /** Where rows with the trainer's own answers go. */
  readonly parity: string | null;
  /** Models to make, in their order: flows before activities. */
  readonly steps: readonly Step[];
  readonly clock: () => number;
  readonly tell: (text: string) => void;
}

export const steps = ["flows", "activities", "anomaly"] as const;
export type Step = (typeof steps)[number];

/** The model that each step makes. */
const made = {flows: "classifier", activities: "activity", anomaly: "anomaly"} as const satisfies Record<Step, string>;

/**
 * Trains models: flows of the captures become a table, the trainer in Python makes the classifier and says what it would
 * say of each flow without its own network, of which the table of activities is made, and so on. Returns what the
 * trainer told of each step. The same captures and seed give the same files.
 */
export async function train(options: TrainOptions): Promise<Record<string, unknown>> {
  const {captures, work, output, seed, parity, clock, tell} = options;
  const python = ensurePython(tell);
  mkdirSync(output, {recursive: true});
  const flows = await trainingFlows(captures, join(work, "lake"), clock);
  tell(`${flows.flows.rows.toLocaleString("en")} flows of ${flows.captures.length.toLocaleString("en")} captures`);
  writeTable(join(work, "flows"), flows.matrix, {
    features: trainingFeatures,
    labels: flows.labels,
    groups: flows.groups,
    protocols: [...flows.flows.protocol],
    captures: [...flows.capture],
    origins: flows.origins
  });
  const told: Record<string, unknown> = {};
  for (const step of options.steps) {
    if (step === "activities") {
      const labels = JSON.parse(readFileSync(join(work, "classes.json"), "utf8")) as string[];
      const probabilities = floatsOf(readFileSync(join(work, "probabilities.f32")));
      const random = Random.named(seed, "activities");
      const {matrix, features, activities} = trainingActivities(flows, probabilities, labels, () => random.float());
      tell(`${activities.length.toLocaleString("en")} activities`);
      writeTable(join(work, "activities"), matrix, {features, activities, origins: flows.origins});
    }
    const settings = step === "activities" && options.threshold !== null ? [String(options.threshold)] : [];
    told[step] = runTrainer(python, [step, work, output, String(seed), ...settings]);
    if (step === "flows") writeSpread(output, flows);
    if (parity) cpSync(join(work, `${made[step]}-parity.json`), join(parity, `${made[step]}-parity.json`));
  }
  return told;
}

/** How ordinary flows are spread in the classifier's features, for the drift watch. */
function writeSpread(output: string, flows: TrainingFlows): void {
  const {features} = JSON.parse(readFileSync(join(output, "classifier.json"), "utf8")) as {features: readonly string[]};
  writeTrainingProfile(output, "classifier", trainingProfile(flows, {all: trainingFeatures, features}));
}

/** NAME.f32 (row-major, 32-bit floats) with NAME.json beside it. */
function writeTable(path: string, matrix: Float32Array, about: Readonly<Record<string, unknown>>): void {
  const file = openSync(`${path}.f32`, "w");
  writeSync(file, new Uint8Array(matrix.buffer, matrix.byteOffset, matrix.byteLength));
  closeSync(file);
  writeFileSync(`${path}.json`, JSON.stringify(about));
}

function floatsOf(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function runTrainer(python: string, settings: readonly string[]): unknown {
  const script = join(projectRoot, "models/train/train.py");
  const {status, stdout} = spawnSync(python, ["-B", script, ...settings], {
    encoding: "utf8",
    env: {...process.env, PYTHONHASHSEED: "0"},
    stdio: ["ignore", "pipe", "inherit"]
  });
  if (status !== 0)
    throw new UserError(exit.internal, `train: step ${settings[0]} of the trainer failed with exit code ${status}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** The trainer's Python, in a virtual environment of its own with pinned packages; made on the first call. */
function ensurePython(tell: (text: string) => void): string {
  const folder = join(workFolder, ".venv");
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const requirements = join(projectRoot, "models/train/requirements.txt");
  const installed = join(folder, "flowbook-requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(python) && existsSync(installed) && readFileSync(installed, "utf8") === wanted) return python;
  tell("installing the trainer's Python packages into .venv (about 350 MB)");
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
