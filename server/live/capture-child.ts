import {spawn} from "node:child_process";
import type {LiveEvent} from "../../capture/live/capture-live.ts";
import type {EndNews, ProblemNews, ScoringNews} from "../../schema/live/news.ts";

/** A line of `flowbook capture --events`. */
export type ChildNews = LiveEvent | ScoringNews | ProblemNews | EndNews;

/** A capture at work in a process of its own. */
export interface CaptureChild {
  readonly pid: number | undefined;
  /** Asks it to end, once: what came is metered and sealed first. */
  stop(): void;
  /** Ends it at once; only sealed parts are kept. */
  kill(): void;
  /** Resolves when it has ended, with how in words (null: properly) and the end of what it said on standard error. */
  readonly ended: Promise<{readonly how: string | null; readonly said: string}>;
}

const longestLine = 1 << 20;
const keptErrors = 4096;

/**
 * Starts `flowbook capture` and hands its events on. It is held by its standard input: when this process dies, however it
 * dies, the capture ends by itself. It has a process group of its own, so that a Ctrl-C in the server's terminal reaches
 * it through the server alone: a second signal would break it off.
 */
export function startChild(
  command: readonly string[],
  args: readonly string[],
  onNews: (news: ChildNews) => void
): CaptureChild {
  const [program, ...first] = command;
  const child = spawn(program, [...first, "capture", "--events", "--end-with-stdin", ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true
  });
  let said = "";
  let rest = "";
  let isTooLong = false;
  let isStopping = false;
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-keptErrors);
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const news = isTooLong ? null : parse(line);
      isTooLong = false;
      if (news) onNews(news);
    }
    // A line without an end is not collected for ever.
    if (rest.length > longestLine) {
      rest = "";
      isTooLong = true;
    }
  });
  const ended = new Promise<{how: string | null; said: string}>((resolve) => {
    child.on("error", (error) => resolve({how: `does not run: ${error.message}`, said}));
    child.on("close", (code, signal) =>
      resolve({how: signal ? `was ended by ${signal}` : code === 0 ? null : `ended with code ${code}`, said})
    );
  });
  return {
    pid: child.pid,
    stop() {
      if (isStopping) return;
      isStopping = true;
      child.kill("SIGTERM");
    },
    kill: () => void child.kill("SIGKILL"),
    ended
  };
}

function parse(line: string): ChildNews | null {
  try {
    const news: unknown = JSON.parse(line);
    return typeof news === "object" && news !== null && "kind" in news ? (news as ChildNews) : null;
  } catch {
    return null;
  }
}
