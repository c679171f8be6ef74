import {existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join, resolve} from "node:path";
import {openLake} from "../../loaders/lake/duckdb.ts";
import type {Value} from "../../schema/engine.ts";
import {Jobs} from "../../server/jobs.ts";
import {type RunningServer, type StartOptions, startServer} from "../../server/start.ts";
import {lakeWork} from "../../server/work.ts";
import {sharedLake} from "../fixtures/shared-lake.ts";
import {smallCapture} from "../server/small-capture.ts";

const project = resolve(import.meta.dirname, "../..");

/** The pages that show the lake, as addresses, Overview first; Live shows what is not in it yet, others what is asked. */
export const pagePaths = readdirSync(join(project, "src"))
  .filter((name) => name.endsWith(".md") && !["404.md", "live.md", "sql.md", "gallery.md"].includes(name))
  .map((name) => `/${name.replace(/\.md$/, ".html")}`)
  .sort((a, b) => Number(b === "/index.html") - Number(a === "/index.html") || (a < b ? -1 : 1));

export interface NotebookUnderTest {
  readonly lake: string;
  readonly server: RunningServer;
  /** Rows of a statement over the lake, independent of what pages do. */
  rows(sql: string): Promise<readonly (readonly Value[])[]>;
  /** Ends the server and removes the lake; a second call waits for the first. */
  close(): Promise<void>;
}

// Framework tells of every socket and message; the notebook itself says nothing on stdout.
console.log = () => {};

export interface NotebookOptions {
  /** Fills the new lake before it is served; by default nothing. */
  fill?(lake: string): Promise<void>;
  /** A lake that stays as it is found, in place of a new one that is removed. */
  readonly lake?: string;
  /** In the new lake from the beginning: the demo capture, or one of our own making where the project carries none. */
  readonly firstCapture?: "demo" | null;
  /** In its place, imported while the notebook starts. */
  readonly captures?: readonly string[];
  readonly alerts?: StartOptions["alerts"];
}

/** Serves a lake of its own, by default with the demo capture in it. */
export async function serveNotebook(options: NotebookOptions = {}): Promise<NotebookUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-browser-"));
  const lake = options.lake ?? join(folder, "lake");
  if (!options.lake && !options.captures && options.firstCapture !== null)
    await sharedLake("demo", lake, (made) => importFirst(made, demoCapture(folder)));
  await options.fill?.(lake);
  const server = await startServer({
    lake,
    project,
    host: "127.0.0.1",
    port: 0,
    anyPort: false,
    publicOrigin: null,
    uploadLimitBytes: 1e8,
    settings: {},
    firstCaptures: options.captures ?? [],
    now: Date.now,
    alerts: options.alerts
  });
  if (server.firstError) throw new Error(server.firstError);
  let closed: Promise<void> | undefined;
  return {
    lake,
    server,
    async rows(sql) {
      const engine = await openLake(lake);
      try {
        return (await engine.query(sql)).rows;
      } finally {
        await engine.close();
      }
    },
    close() {
      closed ??= server.close().then(() => rmSync(folder, {recursive: true, force: true}));
      return closed;
    }
  };
}

/** Imports as a notebook does that starts with a new lake, and makes its results. */
async function importFirst(lake: string, capture: string): Promise<void> {
  const work = lakeWork({lake, project, settings: {}, now: Date.now, keptBytes: 1e8});
  const jobs = new Jobs(lake, work, Date.now);
  const {id} = jobs.import(capture, basename(capture))!;
  await jobs.idle();
  const error = jobs.get(id)?.error;
  if (error) throw new Error(error);
}

function demoCapture(folder: string): string {
  const demo = join(project, "data/demo");
  const name = existsSync(demo) ? readdirSync(demo).find((file) => /\.pcap(ng)?(\.gz|\.zst)?$/.test(file)) : undefined;
  if (name) return join(demo, name);
  const made = join(folder, "made.pcap");
  writeFileSync(made, smallCapture({flows: 120, port: 5000, start: 1_700_000_000}));
  return made;
}
