import type {ServerResponse} from "node:http";
import type {LiveMessage} from "../../schema/live/messages.ts";
import type {LiveCapture} from "./live-capture.ts";

const mostListeners = 16;
const mostPendingBytes = 4 << 20;

/** The live capture as server-sent events: a message a second to every page that listens. */
export class LiveStream {
  readonly #capture: LiveCapture;
  readonly #listeners = new Set<ServerResponse>();
  readonly #unsubscribe: () => void;

  constructor(capture: LiveCapture) {
    this.#capture = capture;
    this.#unsubscribe = capture.subscribe((message, id) => {
      const text = this.#listeners.size > 0 ? format(message, id) : "";
      // A page that does not read is let go; it comes back and is told what it missed.
      for (const listener of this.#listeners)
        if (listener.writableLength > mostPendingBytes) listener.destroy();
        else listener.write(text);
    });
  }

  /** Answers a request: first what changed since the message of that id, then each message as it comes. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>, lastId: string | null): void {
    if (this.#listeners.size >= mostListeners) {
      response.writeHead(503, headers).end();
      return;
    }
    response.writeHead(200, {...headers, "content-type": "text/event-stream", "cache-control": "no-store"});
    const {message, id} = this.#capture.since(lastId);
    response.write(`retry: 1000\n\n${format(message, id)}`);
    this.#listeners.add(response);
    response.on("close", () => this.#listeners.delete(response));
  }

  close(): void {
    this.#unsubscribe();
    for (const listener of this.#listeners) listener.end();
  }
}

function format(message: LiveMessage, id: string): string {
  return `id: ${id}\ndata: ${JSON.stringify(message)}\n\n`;
}
