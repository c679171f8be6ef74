import {spawn} from "node:child_process";
import {mkdirSync, rmSync} from "node:fs";
import {dirname, resolve} from "node:path";
import {createInterface} from "node:readline";
import {fileURLToPath} from "node:url";
import {
  defaultLimits,
  keptError,
  type LoaderRun,
  loaderEnvironment,
  readReads,
  type StagedResult
} from "./freshness-run.ts";
import {togetherResults} from "./page-data.ts";

const runner = fileURLToPath(new URL("./run-loaders.js", import.meta.url));
const ownFolder = fileURLToPath(new URL("../../src/data", import.meta.url));

/** Whether a loader is one of the notebook's own that share a process; a reader's own, or another project's, has its own. */
export function runsTogether(project: string, {name, file}: {readonly name: string; readonly file: string}): boolean {
  return togetherResults.includes(name) && dirname(resolve(project, file)) === ownFolder;
}

/** What one of them came to, and how long it took. */
export interface TogetherResult {
  readonly file: string;
  readonly made: StagedResult | {readonly error: string};
  readonly tookMs: number;
}

interface Report {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly error: string | null;
  readonly tookMs: number;
}

/**
 * Runs loaders of the notebook's own in one process, which costs a third of a process for each: to load the engine takes
 * longer than most of them. Yields what each came to when it ends. One that the process did not come to, since it ended
 * before, is left out: it is to be run by itself, and says then what is wrong.
 */
export async function* runTogether(
  files: readonly {readonly file: string; readonly path: string}[],
  {lake, project, settings, model = "", limits, signal}: Omit<LoaderRun, "file" | "path">
): AsyncGenerator<TogetherResult> {
  const {timeMs, bytes: most} = {...defaultLimits, ...limits};
  const jobs = files.map(({file, path}) => {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700});
    const staged = `${path}.${process.pid}.tmp`;
    return {file, path, staged, reads: `${staged}.reads`};
  });
  const child = spawn(process.execPath, [runner, JSON.stringify(jobs)], {
    cwd: project,
    env: loaderEnvironment({lake, settings, model}),
    stdio: ["ignore", "pipe", "ignore"],
    windowsHide: true,
    timeout: timeMs,
    killSignal: "SIGKILL",
    signal
  });
  // That it could not be started, or was ended, shows in what it did not report.
  child.on("error", () => {});
  const taken = new Set<string>();
  try {
    for await (const line of createInterface({input: child.stdout})) {
      const {file, sha256, bytes, error, tookMs} = JSON.parse(line) as Report;
      const job = jobs.find((each) => each.file === file)!;
      const problem =
        error !== null
          ? `${file}: exit 1\n${keptError(error)}`
          : bytes > most
            ? `${file}: the result exceeds ${most.toLocaleString("en-US")} bytes`
            : null;
      if (problem === null) taken.add(job.staged);
      const made =
        problem === null
          ? {staged: job.staged, path: job.path, sha256, bytes, reads: readReads(job.reads)}
          : {error: problem};
      yield {file, made, tookMs};
    }
  } finally {
    child.kill("SIGKILL");
    for (const {staged, reads} of jobs) {
      if (!taken.has(staged)) rmSync(staged, {force: true});
      rmSync(reads, {force: true});
    }
  }
}
