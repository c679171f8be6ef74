import type {IncomingMessage} from "node:http";
import type {Duplex} from "node:stream";
import type {NotebookSite} from "./notebook/site.ts";
import type {Session} from "./session.ts";

/** Sockets of open pages at once. */
const mostOpen = 64;
/** What a page says on its socket in all: a few hundred bytes. Whoever says more would have it kept in memory. */
const mostBytes = 64 * 1024;
/** Who was refused has so long to read why; HTTP's own limits of time no longer hold for his connection. */
const refusedMs = 1000;

/** The sockets by which open pages hear that they were edited: none of them ends by itself, nor with the HTTP server. */
export class PageSockets {
  readonly #session: Session;
  readonly #site: NotebookSite;
  readonly #all = new Set<Duplex>();
  #open = 0;
  #isClosed = false;

  constructor(session: Session, site: NotebookSite) {
    this.#session = session;
    this.#site = site;
  }

  /** Takes over a connection that asks to become a socket, or refuses it. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#all.add(socket);
    socket.on("close", () => this.#all.delete(socket));
    // One who leaves while being refused, or later, is no fault of ours.
    socket.on("error", () => socket.destroy());
    const status = this.#refusal(request);
    if (status !== null) {
      socket.resume().end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n\r\n`);
      setTimeout(() => socket.destroy(), refusedMs).unref();
      return;
    }
    this.#open++;
    socket.on("close", () => this.#open--);
    let said = head.length;
    socket.on("data", (chunk: Buffer) => {
      if ((said += chunk.length) > mostBytes) socket.destroy();
    });
    this.#site.upgrade(request, socket, head);
  }

  /** Ends them all. A page opens its socket again a second and a half later, while the server may still be ending its work. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#all) socket.destroy();
  }

  #refusal(request: IncomingMessage): number | null {
    const refusal = this.#session.judgeSocket(request);
    if (refusal) return refusal.status;
    if (request.url !== "/_observablehq") return 404;
    return this.#isClosed || this.#open >= mostOpen ? 503 : null;
  }
}
