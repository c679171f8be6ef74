import {spawn} from "node:child_process";
import {rm} from "node:fs/promises";
import {dirname, join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {captureFile, keepCapture} from "../capture/import/kept-captures.ts";
import {hashFile} from "../capture/sources/hash-file.ts";
import {type Renewal, type RenewOptions, renew} from "../loaders/results/freshness-renew.ts";
import type {JobOutcome, Work} from "./jobs.ts";
import {knownStates} from "./known-states.ts";
import {uploadsFolder} from "./routes/captures.ts";

export interface WorkOptions {
  readonly lake: string;
  readonly project: string;
  /** Settings that loaders use. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly now: () => number;
  /** Capture files kept at most, in bytes: those that were sent, and first ones. */
  readonly keptBytes: number;
}

const keptErrorBytes = 4096;
const longestSummaryBytes = 1 << 20;
/** Exit code of an import that met bad input. */
const partlyRead = 4;
/** An import that was asked to end is killed after so long. */
const stopMs = 4000;
const heldRetryMs = 500;
const heldRetries = 600;

/** The server's work: imports run in a process of their own, loaders do anyway, so that pages are answered meanwhile. */
export function lakeWork({lake, project, settings, now, keptBytes}: WorkOptions): Work {
  /** The lake knows the capture by a label, which leads nobody to its packets. */
  const keep = async (path: string, summary: unknown, moves: boolean) => {
    const sha256 = hashOf(summary);
    if (sha256 === null) return;
    try {
      // Of a known capture compressed otherwise this is another file.
      if ((await hashFile(path)) !== sha256) return;
      keepCapture(lake, {path, sha256, moves}, {bytes: keptBytes, ageS: Number.POSITIVE_INFINITY}, now());
    } catch {
      // Its flows are there: packets that cannot be shown are no reason to call the import failed.
    }
  };
  return {
    async importFile(path, label, signal) {
      const wasSent = dirname(path) === uploadsFolder(lake);
      try {
        const outcome = await inChild({project}, importArguments(lake, path, label), {path, label}, signal);
        await keep(path, outcome.summary, wasSent);
        return outcome;
      } finally {
        if (wasSent) await rm(path, {force: true});
      }
    },
    async importAgain({sha256, path: label}, signal) {
      const path = await captureFile(lake, sha256, label);
      if (path === null)
        return {error: `${label} is not where it was, and the lake keeps no copy of it: send it again`, summary: null};
      return inChild(
        {project},
        ["import", "--force", ...importArguments(lake, path, label).slice(1)],
        {path, label},
        signal
      );
    },
    forget({sha256, path: label}, signal) {
      return inChild({project}, ["forget", "--json", "--lake", lake, sha256], {path: sha256, label}, signal);
    },
    async renew(force, onProgress, signal) {
      try {
        return outcome(await renewWhenFree({lake, project, settings, force, now, onProgress, signal, isServed: true}));
      } catch (error) {
        return {error: (error as Error).message, summary: null};
      }
    },
    states: knownStates({lake, project, settings, isServed: true})
  };
}

function hashOf(summary: unknown): string | null {
  const hash = (summary as {captures?: {sha256?: unknown}[]} | null)?.captures?.[0]?.sha256;
  return typeof hash === "string" ? hash : null;
}

/** Another process may be renewing the same lake, such as `flowbook run` in a terminal: its turn comes first. */
async function renewWhenFree(options: RenewOptions): Promise<Renewal> {
  for (let tries = 0; ; tries++) {
    const renewal = await renew(options);
    if (renewal.run || tries >= heldRetries || options.signal?.aborted) return renewal;
    await sleep(heldRetryMs);
  }
}

function outcome({run, heldBy}: Renewal): JobOutcome {
  if (!run) return {error: `process ${heldBy} is renewing this lake`, summary: null};
  const failed = run.steps.filter(({state}) => state === "failed");
  const error = failed.map(({name, error}) => `${name}: ${error}`).join("\n");
  return {error: error || null, summary: null};
}

const importArguments = (lake: string, path: string, label: string) =>
  ["import", "--json", "--lake", lake, `--name=${label}`, "--", path] as const;

/** Runs a verb of the command line in a process of its own; what it says of `path` is said of `label`. */
function inChild(
  {project}: Pick<WorkOptions, "project">,
  verb: readonly string[],
  {path, label}: {readonly path: string; readonly label: string},
  signal: AbortSignal
): Promise<JobOutcome> {
  const args = [join(project, "bin/flowbook.js"), ...verb];
  return new Promise((resolve) => {
    // Where this server had to stay root it has said so itself.
    const env = {...process.env, FLOWBOOK_KEEPS_ROOT: "1"};
    const child = spawn(process.execPath, args, {cwd: project, env, stdio: ["ignore", "pipe", "pipe"], signal});
    // It keeps what it has read, as long as that does not take too long.
    const kill = () => setTimeout(() => child.kill("SIGKILL"), stopMs).unref();
    signal.addEventListener("abort", kill, {once: true});
    let printed = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (printed.length < longestSummaryBytes) printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-keptErrorBytes);
    });
    child.on("error", (error) => resolve({error: error.message, summary: null}));
    child.on("close", (code) => {
      signal.removeEventListener("abort", kill);
      const summary = parse(printed);
      // The message names the file as we stored it; its sender knows it by another name.
      const message = said.replaceAll(path, label).trim() || `${verb[0]} ended with code ${code}`;
      // A capture that could be read in part is in the lake so far, and its row says what is missing.
      const isKept = code === 0 || (code === partlyRead && capturesIn(summary) > 0);
      resolve({error: isKept ? null : message, summary});
    });
  });
}

function capturesIn(summary: unknown): number {
  const captures = (summary as {captures?: unknown} | null)?.captures;
  return Array.isArray(captures) ? captures.length : 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
