import {execFileSync} from "node:child_process";
import {existsSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {exit, UserError} from "./verb.ts";

/** A virtual environment of Python that a verb needs. */
export interface PythonNeeds {
  /** Who needs it, for messages: `train`. */
  readonly verb: string;
  /** Folder of the environment. */
  readonly folder: string;
  /** File with the pinned packages. */
  readonly requirements: string;
  /** What they take, in words. */
  readonly size: string;
}

/** A Python in a virtual environment of its own with pinned packages; made on the first call. */
export function ensurePython({verb, folder, requirements, size}: PythonNeeds, tell: (text: string) => void): string {
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const installed = join(folder, "flowbook-requirements.txt");
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(python) && existsSync(installed) && readFileSync(installed, "utf8") === wanted) return python;
  tell(`installing Python packages into ${folder} (about ${size})`);
  try {
    execFileSync("python3", ["-m", "venv", folder], {stdio: "inherit"});
    execFileSync(python, ["-m", "pip", "install", "--quiet", "-r", requirements], {stdio: "inherit"});
  } catch (error) {
    throw new UserError(exit.configuration, `${verb}: Python and its packages could not be set up`, {
      cause: error,
      hint: "Python 3.11 or later with venv and pip is needed: apt-get install python3 python3-venv"
    });
  }
  writeFileSync(installed, wanted);
  return python;
}
