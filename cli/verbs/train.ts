import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {workFolder} from "../configuration.ts";
import {nearest} from "../nearest.ts";
import {type Step, steps, train} from "../training/train.ts";
import type {Role, TrainingCapture} from "../training/training-flows.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "train",
  usage:
    "--train CAPTURE… [--background PATH…] [--test CAPTURE…] [-o DIR] [--seed N] [--threshold P] [--only STEP…] [--parity DIR]",
  options: {
    train: {type: "string", multiple: true},
    background: {type: "string", multiple: true},
    test: {type: "string", multiple: true},
    only: {type: "string", multiple: true},
    output: {type: "string", short: "o", default: join(workFolder, "models")},
    seed: {type: "string", default: "1"},
    threshold: {type: "string"},
    parity: {type: "string"}
  },
  help: {
    train: "a labelled capture to learn from, with its .truth.json beside it; may be given several times",
    background:
      "ordinary traffic: a capture, a folder of them, or a .txt file with a path a line; may be given several times",
    test: "a labelled capture used only to measure the models for their cards; may be given several times",
    only: `run only this step: ${steps.join(", ")} (flows before activities); may be given several times`,
    output: "folder for the models and their cards (default models/)",
    seed: "random seed of the training (default 1); the same captures and seed give the same files",
    threshold:
      "probability from which an activity is suspicious, chosen on captures kept apart (default: by what others' left-out captures reach)",
    parity: "folder for rows with the trainer's predictions, to test the runtime against"
  },
  async run({values, json}) {
    const paths = (name: "train" | "background" | "test") =>
      ((values[name] ?? []) as string[]).map((path) => resolve(path));
    if (paths("train").length === 0)
      throw new UserError(exit.usage, "train: expected --train CAPTURE, found no capture to learn from");
    const as =
      (role: Role) =>
      (path: string): TrainingCapture => ({path, role});
    const captures = [
      ...paths("train").map(as("train")),
      ...paths("background").flatMap(capturesBelow).map(as("background")),
      ...paths("test").map(as("test"))
    ];
    const seed = Number(values.seed);
    if (!Number.isInteger(seed) || seed < 0)
      throw new UserError(exit.usage, `train: --seed: expected a whole number, found ${values.seed}`);
    const threshold = values.threshold === undefined ? null : Number(values.threshold);
    if (threshold !== null && !(threshold > 0 && threshold < 1))
      throw new UserError(
        exit.usage,
        `train: --threshold: expected a number between 0 and 1, found ${values.threshold}`
      );
    const wanted = (values.only ?? steps) as string[];
    for (const step of wanted)
      if (!steps.includes(step as Step))
        throw new UserError(exit.usage, `train: --only: no step "${step}"${nearest(step, steps)}`);
    const output = resolve(String(values.output));
    const parity = values.parity === undefined ? null : resolve(String(values.parity));
    if (parity) mkdirSync(parity, {recursive: true});
    const work = mkdtempSync(join(tmpdir(), "flowbook-train-"));
    try {
      const figures = await train({
        captures,
        work,
        output,
        seed,
        parity,
        threshold,
        steps: steps.filter((step) => wanted.includes(step)),
        clock: Date.now,
        tell: (text) => console.error(text)
      });
      if (json) console.log(JSON.stringify({output, ...figures}));
      else for (const [step, told] of Object.entries(figures)) console.log(`${step}: ${JSON.stringify(told)}`);
      return exit.ok;
    } finally {
      rmSync(work, {recursive: true, force: true});
    }
  }
};

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
