import type {LiveEvent} from "../../capture/live/capture-live.ts";
import type {EndNews, ProblemNews, ScoringNews} from "../../schema/live/news.ts";
import type {Launch} from "./capture-process.ts";

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

/** Starts `flowbook capture` and hands its events on. */
export function startChild(launch: Launch, args: readonly string[], onNews: (news: ChildNews) => void): CaptureChild {
  const child = launch(args);
  let said = "";
  let rest = "";
  let isTooLong = false;
  let isStopping = false;
  child.onError((text) => {
    said = (said + text).slice(-keptErrors);
  });
  child.onOutput((text) => {
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
  return {
    pid: child.pid,
    stop() {
      if (isStopping) return;
      isStopping = true;
      child.signal("SIGTERM");
    },
    kill: () => child.signal("SIGKILL"),
    ended: child.ended.then((how) => ({how, said}))
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
