import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, relative, resolve} from "node:path";
import {experimentsFolder} from "../../loaders/results/experiments.ts";
import {projectRoot} from "../configuration.ts";
import {nearest} from "../nearest.ts";
import {keepExperiment} from "../training/experiments.ts";
import {joinedFlows, labelledTraffic} from "../training/labelled-traffic.ts";
import {refuseTrainedTests} from "../training/splits.ts";
import {unnamedAttack} from "../training/tables/class-of.ts";
import {tableFormats} from "../training/tables/index.ts";
import {train} from "../training/train.ts";
import {type Learner, learners, type Step, steps, type TrainerSettings} from "../training/trainer.ts";
import {
  type CaptureOrigin,
  type Role,
  type TrainingCapture,
  type TrainingFlows,
  trainingFlows
} from "../training/training-flows.ts";
import {readTables, tableWords} from "../training/training-tables.ts";
import {exit, type Invocation, UserError, type Verb} from "../verb.ts";

/** What `--model` names: the learner of the classifier, or the forest of anomalies alone. */
const models = [...learners, "isolation-forest"] as const;

export const verb: Verb = {
  name: "train",
  usage:
    "[--quick | --full] [--model MODEL] [--smote] [--train PATH…] [--csv FILE…] [--labels] [--background PATH…] [--test PATH…] [-o DIR] [--seed N]",
  options: {
    quick: {type: "boolean"},
    full: {type: "boolean"},
    model: {type: "string", default: "random-forest"},
    smote: {type: "boolean"},
    train: {type: "string", multiple: true},
    background: {type: "string", multiple: true},
    csv: {type: "string", multiple: true},
    "test-csv": {type: "string", multiple: true},
    labels: {type: "boolean"},
    test: {type: "string", multiple: true},
    only: {type: "string", multiple: true},
    output: {type: "string", short: "o"},
    seed: {type: "string", default: "1"},
    threshold: {type: "string"},
    parity: {type: "string"}
  },
  help: {
    quick: "at most 5 minutes: smaller models, fewer rows of each attack, networks left out in three parts",
    full: "all rows, networks left out in eight parts (default)",
    model: `${models.join(", ")} (default random-forest); beside a classifier a model of activities is trained`,
    smote: "fill rare classes up with made rows (SMOTE), within each training part only",
    train: "labelled captures, each with its .truth.json beside it; each PATH is a capture, a folder, or a .txt list",
    background: "ordinary traffic, in the same ways",
    csv: `a table of labelled flows to learn from: ${tableFormats.map(({name}) => name).join(", ")}; also .gz`,
    "test-csv": "the same, used only to measure",
    labels: "also learn from what readers labelled in the lake: incidents, hosts and stretches (flowbook label)",
    test: "labelled captures used only to measure; one that was trained on is refused",
    only: `run only this step: ${steps.join(", ")} (flows before activities); may be given several times`,
    output: "folder for a copy of the models and their cards (they are kept in the lake, too)",
    seed: "random seed of the training (default 1); the same data and seed give the same files",
    threshold:
      "probability from which an activity is suspicious, chosen on captures kept apart (default: by what others' left-out captures reach)",
    parity: "folder for rows with the trainer's predictions, to test the runtime against"
  },
  async run(invocation) {
    const {values, json, lake} = invocation;
    const startedMs = Date.now();
    const {settings, wanted} = readSettings(invocation);
    const given = (["train", "background", "test"] as const).flatMap((role) => capturesOf(values[role], role));
    const csv = filesOf(values.csv);
    const testCsv = filesOf(values["test-csv"]);
    const labels = values.labels === true;
    if (csv.length === 0 && !labels && !given.some(({role}) => role === "train"))
      throw new UserError(
        exit.usage,
        "train: expected --train CAPTURE, --csv FILE or --labels, found nothing to learn from"
      );
    const tell = (text: string) => console.error(text);
    // What a table's model is worth elsewhere must be told, whoever forgets to ask.
    const alone = csv.length > 0 && testCsv.length === 0 && given.length === 0 && !labels;
    const captures = alone && existsSync(demo) ? [...given, {path: demo, role: "test"} as const] : given;
    if (captures !== given) tell("without --test and --test-csv it is measured on the demo capture");
    const parity = values.parity === undefined ? null : resolve(String(values.parity));
    if (parity) mkdirSync(parity, {recursive: true});
    const work = mkdtempSync(join(tmpdir(), "flowbook-train-"));
    const output = join(work, "models");
    try {
      const tables = [
        ...(await readTables(csv, "table", settings.seed)),
        ...(await readTables(testCsv, "test", settings.seed))
      ];
      refuseTrainedTests(
        tables.map(({origin}, i) => ({
          path: [...csv, ...testCsv][i],
          role: origin.role,
          hashes: [origin.capture_sha256]
        }))
      );
      for (const table of tables) tell(tableWords(table, table.origin.role === "table"));
      const ofFiles = await trainingFlows(captures, join(work, "lake"), Date.now);
      const flows = labels ? withLabels(ofFiles, await labelledTraffic(lake, trainedBy(ofFiles))) : ofFiles;
      refuseOneClass([...flows.origins, ...tables.map(({origin}) => origin)], wanted);
      const {experiment: made, told} = await train({
        flows,
        tables,
        work,
        output,
        settings,
        parity,
        // Tables have neither hosts nor times: no activities follow from them.
        steps: flows.origins.some(({role}) => role === "train" || role === "labels")
          ? wanted
          : wanted.filter((step) => step !== "activities"),
        startedMs,
        clock: Date.now,
        tell
      });
      const {experiment, differs} = keepExperiment(lake, made, output);
      if (values.output !== undefined) cpSync(output, resolve(String(values.output)), {recursive: true});
      const folder = resolve(String(values.output ?? join(experimentsFolder(lake), experiment.id, "models")));
      if (json) console.log(JSON.stringify({output: folder, id: experiment.id, hash: experiment.modelHash, ...told}));
      else {
        for (const [step, figures] of Object.entries(told)) console.log(`${step}: ${JSON.stringify(figures)}`);
        const again =
          experiment.runs > 1
            ? `, the same files as ${experiment.runs === 2 ? "the run" : `the ${experiment.runs - 1} runs`} before`
            : "";
        console.log(
          `run ${experiment.id}, models ${experiment.modelHash.slice(0, 16)}${again}, in ${Math.round(experiment.tookMs / 1000)} s`
        );
        console.log(`to use them: flowbook score --models ${relative(process.cwd(), folder) || "."}`);
      }
      if (differs) console.error("flowbook: the same run gave other files before: is this another machine?");
      return exit.ok;
    } finally {
      rmSync(work, {recursive: true, force: true});
    }
  }
};

function readSettings({values}: Invocation): {readonly settings: TrainerSettings; readonly wanted: readonly Step[]} {
  if (values.quick && values.full) throw new UserError(exit.usage, "train: expected --quick or --full, found both");
  const model = String(values.model);
  if (!(models as readonly string[]).includes(model))
    throw new UserError(exit.usage, `train: --model: no model "${model}"${nearest(model, models)}`);
  const isForest = model === "isolation-forest";
  if (isForest && values.smote)
    throw new UserError(exit.usage, "train: --smote: an Isolation Forest learns no classes that could be filled up");
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31)
    throw new UserError(exit.usage, `train: --seed: expected a whole number below 2^31, found ${values.seed}`);
  const threshold = values.threshold === undefined ? null : Number(values.threshold);
  if (threshold !== null && !(threshold > 0 && threshold < 1))
    throw new UserError(exit.usage, `train: --threshold: expected a number between 0 and 1, found ${values.threshold}`);
  const chosen = (values.only ?? (isForest ? ["anomaly"] : ["flows", "activities"])) as string[];
  for (const step of chosen)
    if (!steps.includes(step as Step))
      throw new UserError(exit.usage, `train: --only: no step "${step}"${nearest(step, steps)}`);
  return {
    settings: {
      seed,
      effort: values.quick ? "quick" : "full",
      learner: isForest ? "random-forest" : (model as Learner),
      smote: values.smote === true,
      threshold
    },
    wanted: steps.filter((step) => chosen.includes(step))
  };
}

/** Captures that were given as files to learn from. */
function trainedBy({origins}: TrainingFlows): ReadonlySet<string> {
  return new Set(origins.filter(({role}) => role !== "test").map(({capture_sha256}) => capture_sha256));
}

function withLabels(files: TrainingFlows, labelled: TrainingFlows): TrainingFlows {
  refuseTrainedTests(
    [...files.origins, ...labelled.origins].map(({role, fold, capture_sha256, made_of = []}) => ({
      path: fold,
      role,
      hashes: [capture_sha256, ...made_of]
    }))
  );
  return joinedFlows(files, labelled);
}

/** A classifier needs ordinary traffic and attacks, a forest of anomalies ordinary traffic. */
function refuseOneClass(origins: readonly CaptureOrigin[], wanted: readonly Step[]): void {
  const learnt = origins
    .filter(({role}) => role !== "test")
    .flatMap(({flows}) => Object.keys(flows))
    .filter((name) => name !== unnamedAttack);
  const missing = !learnt.includes("Normal")
    ? "ordinary flows"
    : wanted.includes("flows") && learnt.every((name) => name === "Normal")
      ? "flows of an attack"
      : null;
  if (missing)
    throw new UserError(
      exit.usage,
      `train: expected ${missing} among what is learnt from, found only ${[...new Set(learnt)].join(", ")}`
    );
}

/** The project's own labelled capture. */
const demo = join(projectRoot, "data/demo/demo.pcap");

function filesOf(paths: Invocation["values"][string]): string[] {
  return ((paths ?? []) as string[]).map((path) => resolve(path));
}

function capturesOf(paths: Invocation["values"][string], role: Role): TrainingCapture[] {
  return ((paths ?? []) as string[]).flatMap((path) => capturesBelow(resolve(path))).map((path) => ({path, role}));
}

/** A capture, the captures of a folder and the folders below it, or those that a .txt file lists, by paths from its own folder. */
function capturesBelow(path: string): string[] {
  const found = statSync(path, {throwIfNoEntry: false});
  if (!found) throw new UserError(exit.input, `train: ${path}: no such file or folder`);
  if (found.isDirectory())
    return readdirSync(path, {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile() && /\.p?cap(ng)?(\.gz|\.zst)?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  if (!path.endsWith(".txt")) return [path];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => resolve(dirname(path), line.trim()));
}
