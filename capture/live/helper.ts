import {type ChildProcessByStdio, spawn} from "node:child_process";
import type {Readable} from "node:stream";
import {openPipe, PipeBytes, type PipeSource} from "../sources/pipe.ts";
import {LiveProblem} from "./problem.ts";
import {type CaptureRequest, type FoundProgram, programProblem, type ToldLoss} from "./programs.ts";

/** Text of its standard error that is kept, in characters. */
const keptText = 8192;
/** A program that does not end by itself when asked is killed after this long, in ms. */
const killAfterMs = 3000;

/** A capture program at work: its packets, what it tells of losses, and how it ends. */
export interface Helper extends PipeSource {
  readonly found: FoundProgram;
  readonly bytes: PipeBytes;
  /** What it has told so far. */
  readonly loss: ToldLoss;
  /** Asks for the counts of now, where it answers such questions. */
  ask(): void;
  /** Asks it to end; its last packets still come. */
  stop(): void;
  /** Resolves when it has ended: null where it did so properly, else what was wrong. */
  readonly ended: Promise<LiveProblem | null>;
}

/**
 * Starts a capture program and waits until it captures. `prefix`: a command that runs it as another user. Throws a
 * LiveProblem saying why it does not capture.
 */
export async function startHelper(
  found: FoundProgram,
  request: CaptureRequest,
  prefix: readonly string[] = []
): Promise<Helper> {
  const [command, ...args] = [...prefix, ...found.program.command(found.path, request)];
  // No locale but C: its messages are read.
  const child = spawn(command, args, {stdio: ["ignore", "pipe", "pipe"], env: {...process.env, LC_ALL: "C"}});
  const loss: ToldLoss = {captured: null, kernelDrops: null, interfaceDrops: null, programDrops: null};
  const text = readErrors(child, (line) => found.program.count(line, loss));
  let isStopping = false;
  const ended = new Promise<LiveProblem | null>((resolve) => {
    child.on("error", (error) => resolve(programProblem(found, request, error.message, "does not run")));
    child.on("close", (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      const wasAsked = isStopping && (signal === "SIGINT" || signal === "SIGKILL");
      // It ends by itself only after its number of packets: else it was ended by someone.
      const fine = code === 0 ? isStopping || request.packets !== null : wasAsked;
      resolve(fine ? null : programProblem(found, request, text(), code === 0 ? "ended without being asked" : how));
    });
  });
  const bytes = new PipeBytes(child.stdout);
  const pipe = await openPipe(`${found.program.name} on ${request.interface}`, bytes).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  if (!pipe) {
    const problem = await ended;
    throw problem ?? new LiveProblem("ended", `${found.program.name} ended before it captured`, null);
  }
  return {
    ...pipe,
    found,
    bytes,
    loss,
    ended,
    ask() {
      if (found.program.answersUsr1 && !isStopping) child.kill("SIGUSR1");
    },
    stop() {
      if (isStopping) return;
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      child.once("close", () => clearTimeout(timer));
    }
  };
}

/** Hands on the lines of standard error; returns its end as text. */
function readErrors(
  child: ChildProcessByStdio<null, Readable, Readable>,
  onLine: (line: string) => void
): () => string {
  let kept = "";
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    kept = (kept + chunk).slice(-keptText);
    const lines = (rest + chunk).split(/[\r\n]+/);
    rest = (lines.pop() ?? "").slice(-keptText);
    for (const line of lines) onLine(line);
  });
  child.stderr.on("end", () => onLine(rest));
  return () => kept;
}
