import {type ChildProcess, spawn} from "node:child_process";
import {createWriteStream} from "node:fs";

/** How a command ended; `output` holds the end of both streams. */
export interface Outcome {
  /** Exit code; null where it was ended by a signal or its time was over. */
  readonly code: number | null;
  readonly output: string;
}

export interface RunOptions {
  /** The command is ended after this many seconds. */
  readonly seconds: number;
  /** Text for its standard input; pieces may come with pauses between. */
  readonly input?: string | AsyncIterable<string>;
  /** How much of its output is kept, from the end; 64 kB without it. */
  readonly keepBytes?: number;
}

/** The lab's own processes, each with a process group of its own; ended by their ids, never by a name. */
export class Processes {
  readonly #running = new Set<ChildProcess>();
  readonly #folder: string;
  #closed = false;

  /** `folder` is where they run, for what they leave behind. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts a server: it runs until `endAll`; what it prints goes to `logFile`. */
  start(argv: readonly string[], logFile: string, input?: string): ChildProcess {
    const child = this.#spawn(argv);
    const log = createWriteStream(logFile, {flags: "a"});
    child.stdout?.pipe(log, {end: false});
    child.stderr?.pipe(log, {end: false});
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
    return child;
  }

  /** Runs a command to its end or its time; never throws for how the command ended. */
  run(argv: readonly string[], {seconds, input, keepBytes = 65_536}: RunOptions): Promise<Outcome> {
    if (this.#closed) return Promise.resolve({code: null, output: ""});
    const child = this.#spawn(argv);
    let output = "";
    const keep = (data: Buffer) => {
      output = (output + data.toString("latin1")).slice(-keepBytes);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.stdin?.on("error", () => {});
    void feed(child, input);
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(child, "SIGTERM"), seconds * 1000);
      const hard = setTimeout(() => end(child, "SIGKILL"), seconds * 1000 + 1500);
      child.once("close", (code) => {
        clearTimeout(timer);
        clearTimeout(hard);
        end(child, "SIGKILL");
        resolve({code, output});
      });
    });
  }

  /** Ends everything that was started here, with what it started in turn. */
  endAll(): void {
    this.#closed = true;
    for (const child of this.#running) end(child, "SIGKILL");
  }

  #spawn(argv: readonly string[]): ChildProcess {
    const env = {...process.env, HOME: this.#folder};
    const child = spawn(argv[0], argv.slice(1), {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      cwd: this.#folder,
      env
    });
    this.#running.add(child);
    child.once("error", () => this.#running.delete(child));
    child.once("close", () => this.#running.delete(child));
    return child;
  }
}

async function feed(child: ChildProcess, input: RunOptions["input"]): Promise<void> {
  if (input === undefined || typeof input === "string") {
    child.stdin?.end(input ?? "");
    return;
  }
  for await (const piece of input) {
    if (child.exitCode !== null || !child.stdin?.writable) return;
    child.stdin.write(piece);
  }
  child.stdin?.end();
}

/** Signals the child's whole process group. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!child.pid) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone.
  }
}
