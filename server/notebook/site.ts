import {createHash} from "node:crypto";
import {readFileSync} from "node:fs";
import {createServer, type IncomingMessage, type ServerResponse} from "node:http";
import type {Duplex} from "node:stream";
import {setImmediate} from "node:timers/promises";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import {resultsFolder} from "../../loaders/results/freshness-ledger.ts";
import {lockPath} from "../../scripts/working-copy.js";
import {oneAtATime} from "../one-at-a-time.ts";
import {stampOf} from "../watch.ts";
import {clientFile, withClientVersion} from "./client-files.ts";
import {PreviewServer} from "./framework-modules.ts";
import type {LoadedPage} from "./lake-results.ts";
import {bundleModules, type ModuleBundles} from "./module-bundles.ts";
import {type NotebookConfig, prepareModules} from "./notebook.ts";
import {mendPage} from "./page-html.ts";
import {PageResults, type ReadPage} from "./page-results.ts";
import {pageTables} from "./page-tables.ts";
import {sidebar} from "./sidebar.ts";

/** Framework's editor of pages, to be put behind a server of our own: it knows neither sessions nor hosts. */
export interface NotebookSite {
  /** Reads all modules before the first reader comes. */
  prepare(): Promise<void>;
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

const mostKept = 400;
/**
 * Modules of the notebook and of packages are addressed by their hash or version: what a page has loaded, the next need not
 * ask for. The style is not: its hash is that of the file which lists its parts.
 */
const unchanging = /^\/_(?:import\/[^?]*\.js\?(?:.*&)?sha=|npm\/|modules\/|observablehq\/\w+\.js\?v=)/;
/** Pages, modules of the notebook, and Framework's client; other files are read as they are. */
const isRendered = /^\/(?!_)|^\/_(?:observablehq|import)\//;
const givenUpAfterMs = 10_000;
/** A page hears of changes from so long after it was opened; what changed before, it hears then. */
const watchedAfterMs = 1500;

/** Opens the editor on an HTTP server that never listens; requests reach it only through `answer` and `upgrade`. */
export function openSite(config: NotebookConfig): NotebookSite {
  const inner = createServer();
  let opening: PageResults | null = null;
  class LakePreview extends PreviewServer {
    override async _readConfig() {
      // A page that was put there meanwhile is in the sidebar at once.
      const pages = sidebar(config.root, config.pages);
      return {...config, pages, loaders: opening ?? new PageResults(config.loaders, readAgain)};
    }
  }
  new LakePreview({server: inner, verbose: false});
  const sockets = new Set<Duplex>();
  const kept = new Map<string, {type: string; body: string; stamp: string}>();
  /** What is being rendered: a second reader waits for it instead of having it rendered a second time. */
  const rendering = new Map<string, Promise<void>>();
  const turn = turns();
  const clientVersion = createHash("sha256")
    .update(readFileSync(lockPath(config.project)))
    .digest("hex")
    .slice(0, 12);
  let bundles: ModuleBundles | null = null;
  /** Hash of the modules' data, where the bundles hold the modules as they are. */
  let bundled: {stamp: string; dataHash: string | null} = {stamp: "", dataHash: null};
  const dataHashAt = (stamp: string): string | null => {
    if (bundles && bundled.stamp !== stamp)
      bundled = {
        stamp,
        dataHash: bundles.isCurrent() ? bundles.dataHash((path) => config.loaders.getSourceFileHash(path)) : null
      };
    return bundled.dataHash;
  };
  /** Changes with every source of a page: its file, the modules it imports, the data it names. */
  const stampNow = oneAtATime(async () => {
    // Those who ask at the same time are read first, and share it: it looks at some hundred files.
    await setImmediate();
    return stampOf([config.root, resultsFolder(config.loaders.lake)]);
  });

  /** Pages as they were last read: each that is opened is read for its reader, and twice more when its changes are watched. */
  const read = new Map<string, {stamp: string; page: Promise<LoadedPage>}>();
  const readAgain: ReadPage = async (path, anew) => {
    const stamp = await stampNow();
    const known = read.get(path);
    if (known?.stamp === stamp) return known.page;
    const page = anew();
    read.delete(path);
    read.set(path, {stamp, page});
    if (read.size > mostKept) read.delete(read.keys().next().value as string);
    page.catch(() => read.delete(path));
    return page;
  };

  async function answer(request: IncomingMessage, response: ServerResponse, answered?: (html: string) => void) {
    const url = request.url ?? "/";
    // Framework bundles its own client anew at each request; it changes with the installed packages only.
    const stamp = url.startsWith("/_observablehq/") ? "" : await stampNow();
    if (response.destroyed) return;
    // What is asked of a page or a module is for the browser to read: Framework's answer does not depend on it.
    const key = url.split("?", 1)[0];
    const module = moduleText(url, key, stamp);
    if (module) {
      response.setHeader("content-type", "text/javascript; charset=utf-8");
      if (module.isKept) keepInBrowser(response);
      else response.setHeader("cache-control", "no-store");
      response.writeHead(200).end(request.method === "HEAD" ? undefined : module.text);
      return;
    }
    const known = kept.get(key);
    if (unchanging.test(url)) keepInBrowser(response);
    if (known?.stamp === stamp) {
      response.setHeader("content-type", known.type);
      if (known.type.startsWith("text/html")) answered?.(known.body);
      response.end(request.method === "HEAD" ? undefined : known.body);
      return;
    }
    // Rendering a page or a module holds every other reader up.
    if (isRendered.test(url)) {
      const before = rendering.get(key);
      if (before) {
        void before.then(() => response.destroyed || answer(request, response, answered));
        return;
      }
      // Node leaves the body away where only the head was asked for.
      request.method = "GET";
    }
    const client = clientFile(url, clientVersion);
    const versioned = client && "mend" in client ? client : null;
    rewriteBody(response, (text) => {
      const type = String(response.getHeader("content-type") ?? "");
      const isPage = type.startsWith("text/html");
      const body = isPage ? mended(text, stamp) : (versioned?.mend(text) ?? text);
      if (isPage) answered?.(body);
      if (response.statusCode === 200 && isRendered.test(url)) {
        kept.delete(key);
        kept.set(key, {type, body, stamp});
        if (kept.size > mostKept) kept.delete(kept.keys().next().value as string);
      }
      return body;
    });
    const begin = () => inner.emit("request", request, response);
    if (!isRendered.test(url)) return void begin();
    const rendered = turn(async () => {
      if (response.destroyed) return;
      const ended = untilEnded(response);
      begin();
      await ended;
    });
    rendering.set(
      key,
      rendered.then(() => void rendering.delete(key))
    );
  }

  /** A bundle, or what leads to one; null where Framework answers. */
  function moduleText(url: string, path: string, stamp: string): {text: string; isKept: boolean} | null {
    const client = clientFile(url, clientVersion);
    if (client && "leadsTo" in client) return {text: client.leadsTo, isKept: false};
    const [, folder, name] = /^\/_(modules|import)(\/.*\.js)$/.exec(path) ?? [];
    if (!folder || !bundles) return null;
    const dataHash = folder === "import" ? dataHashAt(stamp) : null;
    const text =
      folder === "modules" ? bundles.file(name.slice(1)) : dataHash === null ? null : bundles.facade(name, dataHash);
    return text === null ? null : {text, isKept: folder === "modules"};
  }

  function mended(html: string, stamp: string): string {
    const dataHash = dataHashAt(stamp);
    const page = withClientVersion(mendPage(html), clientVersion);
    return bundles && dataHash !== null ? bundles.page(page, dataHash) : page;
  }

  return {
    async prepare() {
      await prepareModules(config);
      // Modules that do not fit together are loaded one by one, and the browser says which of them is wrong.
      bundles = await bundleModules(config.root, clientVersion).catch(() => null);
      bundled = {stamp: "", dataHash: null};
      kept.clear();
    },
    answer: (request, response, answered) => void answer(request, response, answered),
    upgrade(request, socket, head) {
      const results = new PageResults(config.loaders, readAgain);
      sockets.add(socket);
      socket.on("close", () => {
        sockets.delete(socket);
        results.end();
      });
      // To compare what the page has with its source costs as much as to render it: its charts come first.
      setTimeout(() => {
        if (socket.destroyed) return;
        // Framework reads the configuration of an open page before `emit` returns.
        opening = results;
        inner.emit("upgrade", request, socket, head);
        opening = null;
      }, watchedAfterMs);
    },
    resultOf: (path) => config.loaders.resultOf(path),
    tablesOf: (page) => pageTables(config.loaders, page),
    close() {
      for (const socket of sockets) socket.destroy();
    }
  };
}

/** What is rendered at once: more would only hold up who asks for something else. */
const mostRendered = 2;

/** Runs what it is given in the order it came, so many at once, and lets other readers have their turn in between. */
function turns(): (work: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= mostRendered) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next) void setImmediate().then(next);
      else running--;
    }
  };
}

/** Until Framework has ended its answer; it is given up a while after whoever asked has gone. */
function untilEnded(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = response.end;
    response.end = ((...args: unknown[]) => {
      resolve();
      return Reflect.apply(end, response, args);
    }) as typeof end;
    response.on("close", () => setTimeout(resolve, givenUpAfterMs).unref());
  });
}

/** Lets a browser keep what an address will always lead to, where there is something. */
function keepInBrowser(response: ServerResponse): void {
  const writeHead = response.writeHead;
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    if (status === 200) response.setHeader("cache-control", "private, max-age=86400, immutable");
    return Reflect.apply(writeHead, response, [status, ...rest]);
  }) as typeof writeHead;
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
