import type {CaptureProcess, Launch} from "./capture-process.ts";

/** What a server that is not root asks of its parent, which is. */
export type ParentRequest =
  | {readonly kind: "capture"; readonly id: number; readonly args: readonly string[]}
  | {readonly kind: "signal"; readonly id: number; readonly name: "SIGTERM" | "SIGKILL"};

/** What the parent tells of the captures it started. */
export type ParentNews =
  | {readonly kind: "output" | "error"; readonly id: number; readonly text: string}
  | {readonly kind: "ended"; readonly id: number; readonly how: string | null};

/** Has captures started by the parent process, which stayed root for that. */
export function launchByParent(parent: NodeJS.Process = process): Launch {
  const captures = new Map<number, (news: ParentNews) => void>();
  let last = 0;
  parent.on("message", (news: ParentNews) => captures.get(news.id)?.(news));
  // Listening alone would keep this process for ever.
  parent.channel?.unref();
  const ask = (request: ParentRequest) => parent.connected && parent.send?.(request);
  return (args): CaptureProcess => {
    const id = ++last;
    const take = {output: (_text: string) => {}, error: (_text: string) => {}};
    const ended = new Promise<string | null>((resolve) =>
      captures.set(id, (news) => {
        if (news.kind !== "ended") return take[news.kind](news.text);
        captures.delete(id);
        resolve(news.how);
      })
    );
    ask({kind: "capture", id, args});
    return {
      pid: undefined,
      onOutput: (heard) => void (take.output = heard),
      onError: (heard) => void (take.error = heard),
      signal: (name) => void ask({kind: "signal", id, name}),
      ended
    };
  };
}

const options = /^--(interface|filter|snaplen|duration|count|program)=/;
const mostAtOnce = 4;

/**
 * The parent's side: starts captures for a child that is not trusted beyond that. Ends them, sealed, by
 * closing their standard input when the child is gone.
 */
export function serveLaunches(launch: Launch, tell: (news: ParentNews) => void): (request: unknown) => void {
  const captures = new Map<number, CaptureProcess>();
  return (request) => {
    const {kind, id, args, name} = request as Partial<ParentRequest & {args: unknown; name: unknown}>;
    if (typeof id !== "number") return;
    if (kind === "signal" && (name === "SIGTERM" || name === "SIGKILL")) captures.get(id)?.signal(name);
    if (kind !== "capture" || captures.has(id)) return;
    const isFine = (arg: unknown) => typeof arg === "string" && (arg === "--no-promiscuous" || options.test(arg));
    if (!Array.isArray(args) || !args.every(isFine) || captures.size >= mostAtOnce)
      return tell({kind: "ended", id, how: "was refused by the process that starts captures"});
    const capture = launch(args as string[]);
    captures.set(id, capture);
    capture.onOutput((text) => tell({kind: "output", id, text}));
    capture.onError((text) => tell({kind: "error", id, text}));
    void capture.ended.then((how) => {
      captures.delete(id);
      tell({kind: "ended", id, how});
    });
  };
}
