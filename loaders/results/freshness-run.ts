import {spawn} from "node:child_process";
import {createHash} from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync
} from "node:fs";
import {dirname, extname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {fileHash} from "./freshness-inputs.ts";

/** How a loader is run, by its ending; the same endings as Framework's own, by the same Node as ours. */
export const interpreters: Readonly<Record<string, readonly string[]>> = {
  ".ts": [process.execPath, fileURLToPath(new URL("./run-loader.js", import.meta.url))],
  ".js": [process.execPath],
  ".py": ["python3"]
};

export interface LoaderLimits {
  /** Longest a loader may take, in milliseconds. */
  readonly timeMs: number;
  /** Largest result, in bytes. */
  readonly bytes: number;
}

export const defaultLimits: LoaderLimits = {timeMs: 300_000, bytes: 1024 ** 3};
const keptErrorBytes = 4096;
const graceMs = 2000;
const openMs = 10_000;

export interface LoaderRun {
  readonly lake: string;
  readonly project: string;
  /** The loader's file, from the project. */
  readonly file: string;
  /** Where its result will go; it lies beside it until it is published. */
  readonly path: string;
  /** Settings it finds in its environment, as `FLOWBOOK_LOCAL_NETS` for `local_nets`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Hash of the project's model, in `FLOWBOOK_MODEL`; empty where there is none. */
  readonly model?: string;
  readonly limits?: Partial<LoaderLimits>;
  readonly signal?: AbortSignal;
}

/** A result that is complete but not yet where pages find it. */
export interface StagedResult {
  readonly staged: string;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly reads: readonly string[] | null;
}

/**
 * Runs a loader in a process of its own: what it writes to stdout becomes the result, only where it ends well and only once it
 * is published. It finds the lake in `FLOWBOOK_LAKE`, and may list the tables it reads, as a JSON array, in the file that
 * `FLOWBOOK_READS` names. Never throws for what a loader does: the error says it.
 */
export async function runLoader({
  lake,
  project,
  file,
  path,
  settings,
  model = "",
  limits,
  signal
}: LoaderRun): Promise<StagedResult | {readonly error: string}> {
  const {timeMs, bytes: most} = {...defaultLimits, ...limits};
  mkdirSync(dirname(path), {recursive: true, mode: 0o700});
  const staged = `${path}.${process.pid}.tmp`;
  const readsPath = `${staged}.reads`;
  let isComplete = false;
  const [command, ...options] = interpreters[extname(file)];
  const output = openSync(staged, "w", 0o600);
  try {
    const env = {...loaderEnvironment({lake, settings, model}), FLOWBOOK_READS: readsPath};
    const child = spawn(command, [...options, join(project, file)], {
      cwd: project,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      timeout: timeMs,
      signal
    });
    // One that does not heed that it is to end is killed a while later.
    const kill = () => void setTimeout(() => child.kill("SIGKILL"), graceMs).unref();
    const late = setTimeout(kill, timeMs);
    signal?.addEventListener("abort", kill, {once: true});
    const hash = createHash("sha256");
    let bytes = 0;
    let isCut = false;
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > most) return void child.kill();
      hash.update(chunk);
      writeSync(output, chunk);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-keptErrorBytes);
    });
    const ended = await new Promise<string | null>((resolve) => {
      const stop = () => {
        child.stdout.removeAllListeners("data").destroy();
        child.stderr.destroy();
        return true;
      };
      // What was ended by the signal may still be writing, into a file that is closed by then.
      child.on("error", (error) => {
        stop();
        resolve(error.message);
      });
      // Something that it started may hold its output open.
      child.on("exit", () => setTimeout(() => void (child.stdout.closed || (isCut = stop())), openMs).unref());
      child.on("close", (code, killed) => resolve(code === 0 ? null : killed ? `ended by ${killed}` : `exit ${code}`));
    });
    clearTimeout(late);
    signal?.removeEventListener("abort", kill);
    if (bytes > most) return {error: `${file}: the result exceeds ${most.toLocaleString("en-US")} bytes`};
    if (ended?.startsWith("ended by SIG") && child.killed && !signal?.aborted)
      return {error: `${file}: took longer than ${timeMs / 1000} s`};
    if (ended !== null) return {error: `${file}: ${ended}${said && `\n${said.trim()}`}`};
    if (isCut) return {error: `${file}: ended, but something that it started kept its output open`};
    fsyncSync(output);
    isComplete = true;
    return {staged, path, sha256: hash.digest("hex"), bytes, reads: readReads(readsPath)};
  } catch (error) {
    return {error: `${file}: ${(error as Error).message}`};
  } finally {
    closeSync(output);
    if (!isComplete) rmSync(staged, {force: true});
    rmSync(readsPath, {force: true});
  }
}

/**
 * Puts results where pages find them, one right after the other, so that a page that is open sees all of them change at
 * once. What is the same as before stays in its place: whoever watches it need not hear of it.
 */
export async function publishResults(results: readonly StagedResult[]): Promise<void> {
  const changed = await Promise.all(
    results.map(async ({path, sha256}) => !existsSync(path) || (await fileHash(path)) !== sha256)
  );
  for (const [index, {staged, path}] of results.entries())
    if (changed[index]) renameSync(staged, path);
    else rmSync(staged, {force: true});
}

/** What a loader finds in its environment. */
export function loaderEnvironment({
  lake,
  settings,
  model
}: Pick<LoaderRun, "lake" | "settings" | "model">): NodeJS.ProcessEnv {
  return {...process.env, ...environmentOf(settings ?? {}), FLOWBOOK_LAKE: lake, FLOWBOOK_MODEL: model ?? ""};
}

/** The end of what a loader said, which is where an error is. */
export const keptError = (said: string): string => said.slice(-keptErrorBytes).trim();

function environmentOf(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `FLOWBOOK_${name.toUpperCase()}`,
      Array.isArray(value) ? value.join(",") : String(value)
    ])
  );
}

/** The tables that a loader listed as read; null where it listed none. */
export function readReads(path: string): readonly string[] | null {
  try {
    const reads: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(reads) && reads.every((name) => typeof name === "string") ? [...new Set(reads)].sort() : null;
  } catch {
    return null;
  }
}
