import {createServer, type IncomingMessage, type ServerResponse} from "node:http";
import type {Duplex} from "node:stream";
import {PreviewServer} from "@observablehq/framework/dist/preview.js";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import type {NotebookConfig} from "./notebook.ts";
import {mendPage} from "./page-html.ts";
import {PageResults} from "./page-results.ts";
import {pageTables} from "./page-tables.ts";
import {readersPages} from "./readers-pages.ts";

/** Framework's editor of pages, to be put behind a server of our own: it knows neither sessions nor hosts. */
export interface NotebookSite {
  /** Answers a page, module, style or other file; `answered` sees a page before it leaves, to set headers. */
  answer(request: IncomingMessage, response: ServerResponse, answered?: (html: string) => void): void;
  /** Takes over the socket by which an open page hears that it was edited. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Absolute path of the result that `/data/x.parquet` names; null where the lake does not make it. */
  resultOf(path: string): string | null;
  /** The tables that a page's front matter names. */
  tablesOf(page: string): Promise<readonly PageTable[]>;
  close(): void;
}

const mostKept = 200;

/** Opens the editor on an HTTP server that never listens; requests reach it only through `answer` and `upgrade`. */
export function openSite(config: NotebookConfig): NotebookSite {
  const inner = createServer();
  let opening: PageResults | null = null;
  class LakePreview extends PreviewServer {
    override async _readConfig() {
      // A page that was put there meanwhile is in the sidebar at once.
      const listed = config.pages.filter(({path}) => config.loaders.findPage(path));
      const pages = [...listed, ...readersPages(config.root, listed)];
      return {...config, pages, loaders: opening ?? new PageResults(config.loaders)};
    }
  }
  new LakePreview({server: inner, verbose: false});
  const sockets = new Set<Duplex>();
  const kept = new Map<string, {type: string; body: string}>();
  return {
    answer(request, response, answered) {
      const url = request.url ?? "/";
      const known = kept.get(url);
      if (known) {
        response.setHeader("content-type", known.type);
        response.end(request.method === "HEAD" ? undefined : known.body);
        return;
      }
      rewriteBody(response, (body) => {
        const type = String(response.getHeader("content-type") ?? "");
        if (type.startsWith("text/html")) {
          const page = mendPage(body);
          answered?.(page);
          return page;
        }
        // Framework bundles its own client anew at each request; it changes with the installed packages only.
        else if (url.startsWith("/_observablehq/") && response.statusCode === 200 && kept.size < mostKept)
          kept.set(url, {type, body});
        return body;
      });
      inner.emit("request", request, response);
    },
    upgrade(request, socket, head) {
      const results = new PageResults(config.loaders);
      sockets.add(socket);
      socket.on("close", () => {
        sockets.delete(socket);
        results.end();
      });
      // Framework reads the configuration of an open page before `emit` returns.
      opening = results;
      inner.emit("upgrade", request, socket, head);
      opening = null;
    },
    resultOf: (path) => config.loaders.resultOf(path),
    tablesOf: (page) => pageTables(config.loaders, page),
    close() {
      for (const socket of sockets) socket.destroy();
    }
  };
}

/** Framework ends a generated answer with its whole body at once: `rewrite` makes of it what leaves. */
function rewriteBody(response: ServerResponse, rewrite: (body: string) => string): void {
  const end = response.end;
  response.end = ((...args: unknown[]) => {
    const [body, ...rest] = args;
    const sent = typeof body === "string" && !response.headersSent ? [rewrite(body), ...rest] : args;
    return Reflect.apply(end, response, sent);
  }) as typeof end;
}
