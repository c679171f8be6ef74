import type {ServerResponse} from "node:http";
import type {Jobs} from "./jobs.ts";

const mostListeners = 64;
const mostPendingBytes = 1 << 20;
/** A page that hears nothing for a few of these says that the server does not answer. */
const heartbeatMs = 1000;

/**
 * What happens, to every page that listens (server-sent events): `job` when an import or a renewal gets on, `results` when
 * the state of results has changed, `beat` every second. A listener that does not read is dropped.
 */
export class EventStream {
  private readonly listeners = new Set<ServerResponse>();
  private readonly heartbeat: NodeJS.Timeout;
  private readonly unsubscribe: () => void;
  private readonly jobs: Jobs;

  constructor(jobs: Jobs) {
    this.jobs = jobs;
    this.unsubscribe = jobs.subscribe((event) => this.send(format(event.type, event.data)));
    this.heartbeat = setInterval(() => this.send(format("beat", null)), heartbeatMs).unref();
  }

  /** Answers a request with the stream; begins with the jobs that run. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    if (this.listeners.size >= mostListeners) {
      response.writeHead(503, headers).end();
      return;
    }
    response.writeHead(200, {...headers, "content-type": "text/event-stream", "cache-control": "no-store"});
    response.write(
      `retry: 2000\n\n${format("beat", null)}${this.jobs
        .active()
        .map((job) => format("job", job))
        .join("")}`
    );
    this.listeners.add(response);
    response.on("close", () => this.listeners.delete(response));
  }

  close(): void {
    clearInterval(this.heartbeat);
    this.unsubscribe();
    for (const listener of this.listeners) listener.end();
  }

  private send(text: string): void {
    for (const listener of this.listeners)
      if (listener.writableLength > mostPendingBytes) listener.destroy();
      else listener.write(text);
  }
}

function format(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
