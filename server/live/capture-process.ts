import {type ChildProcess, spawn} from "node:child_process";

/** A `flowbook capture` at work, whoever started it. */
export interface CaptureProcess {
  readonly pid: number | undefined;
  onOutput(take: (text: string) => void): void;
  onError(take: (text: string) => void): void;
  signal(name: "SIGTERM" | "SIGKILL"): void;
  /** Resolves with how it ended, in words; null where it did so properly. */
  readonly ended: Promise<string | null>;
}

/** Starts `flowbook capture` into a lake with these further arguments. */
export type Launch = (args: readonly string[]) => CaptureProcess;

/**
 * Starts captures as children. Each is held by its standard input: when this process dies, however it dies, the capture ends
 * by itself. It has a process group of its own, so that a Ctrl-C in the server's terminal reaches it through the server
 * alone: a second signal would break it off.
 */
export function launchChild([program, ...first]: readonly string[], lake: string): Launch {
  return (args) => {
    const child = spawn(program, [...first, "capture", "--events", "--end-with-stdin", "--lake", lake, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true
    });
    child.stdin.on("error", () => {});
    child.stdout.setEncoding("utf8");
    child.stderr.setEncoding("utf8");
    return {
      pid: child.pid,
      onOutput: (take) => void child.stdout.on("data", take),
      onError: (take) => void child.stderr.on("data", take),
      signal: (name) => void child.kill(name),
      ended: endOf(child)
    };
  };
}

function endOf(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(`does not run: ${error.message}`));
    child.on("close", (code, signal) =>
      resolve(signal ? `was ended by ${signal}` : code === 0 ? null : `ended with code ${code}`)
    );
  });
}
