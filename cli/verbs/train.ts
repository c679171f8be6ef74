import {execFileSync, spawnSync} from "node:child_process";
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {projectRoot, workFolder} from "../configuration.ts";
import {writeTrainingSet} from "../training-set.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "train",
  usage: "--train CAPTURE… --test CAPTURE… [-o DIR] [--seed N] [--parity FILE]",
  options: {
    train: {type: "string", multiple: true},
    test: {type: "string", multiple: true},
    output: {type: "string", short: "o", default: join(workFolder, "models")},
    seed: {type: "string", default: "1"},
    parity: {type: "string"}
  },
  help: {
    train: "a capture to learn from, with its .truth.json beside it; may be given several times",
    test: "a capture of another configuration, for the figures in the cards; may be given several times",
    output: "folder for the models and their cards (default models/)",
    seed: "of the learners (default 1); the same captures and seed give the same files",
    parity: "where to write rows with the trainer's own answers, for the test of the runtime"
  },
  async run({values, json}) {
    const captures = (name: "train" | "test") => (values[name] ?? []) as string[];
    for (const name of ["train", "test"] as const)
      if (captures(name).length === 0) throw new UserError(exit.usage, `train: --${name} CAPTURE is missing`);
    const seed = Number(values.seed);
    if (!Number.isInteger(seed) || seed < 0)
      throw new UserError(exit.usage, `train: --seed: expected a whole number, found ${values.seed}`);
    const output = resolve(String(values.output));
    mkdirSync(output, {recursive: true});
    const python = ensurePython();
    const work = mkdtempSync(join(tmpdir(), "flowbook-train-"));
    try {
      for (const name of ["train", "test"] as const) {
        const origins = await writeTrainingSet(captures(name), join(work, `lake-${name}`), work, name, Date.now);
        for (const {configuration, flows} of origins)
          console.error(`${name} ${configuration}: ${JSON.stringify(flows)}`);
      }
      const script = join(projectRoot, "models/train/train.py");
      const {status, stdout} = spawnSync(python, ["-B", script, work, output, String(seed)], {
        encoding: "utf8",
        env: {...process.env, PYTHONHASHSEED: "0"},
        stdio: ["ignore", "pipe", "inherit"]
      });
      if (status !== 0) throw new UserError(exit.internal, `train: the trainer ended with exit code ${status}`);
      if (values.parity) writeFileSync(resolve(String(values.parity)), readFileSync(join(work, "parity.json")));
      const figures = JSON.parse(stdout.trim().split("\n").at(-1)!);
      console.log(
        json
          ? JSON.stringify({output, ...figures})
          : `${output}: macro-F1 ${figures.classifier}, anomaly AUROC ${figures.anomaly}`
      );
      return exit.ok;
    } finally {
      rmSync(work, {recursive: true, force: true});
    }
  }
};

/** The trainer's Python, in a virtual environment of its own with pinned packages; made on the first call. */
function ensurePython(): string {
  const folder = join(workFolder, ".venv");
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const requirements = join(projectRoot, "models/train/requirements.txt");
  const installed = join(folder, "flowbook-requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(python) && existsSync(installed) && readFileSync(installed, "utf8") === wanted) return python;
  console.error("installing the trainer's Python packages into .venv (about 350 MB)");
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
