import {randomUUID} from "node:crypto";
import type {AddressInfo} from "node:net";
import {basename, join} from "node:path";
import {AlertDesk} from "../alerts/desk.ts";
import {type AlertSettings, noAlerts} from "../alerts/settings.ts";
import type {Transport} from "../alerts/transports/index.ts";
import {type App, createApp} from "./app.ts";
import {Jobs} from "./jobs.ts";
import type {Launch} from "./live/capture-process.ts";
import {LiveCapture} from "./live/live-capture.ts";
import {openNotebook} from "./notebook/notebook.ts";
import {openSite} from "./notebook/site.ts";
import {QueryPool} from "./queries/pool.ts";
import {renewWhenStale} from "./renewals.ts";
import {stampOf, watchedFolders, watchStamp} from "./watch.ts";
import {lakeWork} from "./work.ts";

export interface StartOptions {
  readonly lake: string;
  readonly project: string;
  readonly host: string;
  readonly port: number;
  /** Where the port is taken, tries the next ones. */
  readonly anyPort: boolean;
  /** Origin of a proxy in front that ends TLS; null where browsers reach this server itself. */
  readonly publicOrigin: string | null;
  readonly uploadLimitBytes: number;
  /** Files of captures that were sent are kept up to so many bytes, for their packets; 4 GiB without it. */
  readonly keptBytes?: number;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Captures to import before the first page is answered. */
  readonly firstCaptures: readonly string[];
  readonly now: () => number;
  /** Who is told of notices, and how; nobody without it. */
  readonly alerts?: {readonly settings: AlertSettings; readonly transports: readonly Transport[]};
  /** Hears what fails in the background, in words. */
  readonly onWarning?: (text: string) => void;
  readonly onLink?: (link: string) => void;
  /** Starts captures; as children of this process without it. */
  readonly launch?: Launch;
}

export interface RunningServer {
  /** Origin to open, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Address that opens one browser, once. */
  readonly link: string;
  /** What a program sends as `Authorization: Bearer`. */
  readonly session: string;
  /** The error of the first import or renewal, in words; null where all went well. */
  readonly firstError: string | null;
  close(): Promise<void>;
}

const portsTried = 50;
const watchEveryMs = 1000;

/** Brings the lake's results up to date, then serves the notebook; resolves once pages are answered. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const {lake, project, publicOrigin} = options;
  const config = await openNotebook(project, lake, true);
  const work = lakeWork({...options, keptBytes: options.keptBytes ?? 4 * 1024 ** 3});
  const jobs = new Jobs(lake, work, options.now);
  let atEndOfCapture = () => {};
  const live = new LiveCapture({
    lake,
    command: [process.execPath, join(project, "bin/flowbook.js")],
    launch: options.launch,
    now: options.now,
    onEnd: () => atEndOfCapture(),
    epoch: randomUUID()
  });
  let port = 0;
  const url = () => publicOrigin ?? `http://${bracketed(options.host)}:${port}`;
  const desk = new AlertDesk({
    lake,
    ...(options.alerts ?? {settings: noAlerts, transports: []}),
    link: url,
    now: options.now,
    onWarning: (text) => options.onWarning?.(text)
  });
  const pool = new QueryPool(lake);
  const site = openSite(config);
  const app = await createApp({
    lake,
    project,
    // A browser on this machine may call it by either name.
    origins: () => [...new Set([url(), ...(publicOrigin ? [] : [`http://localhost:${port}`])])],
    cookie: () => `flowbook_${port}`,
    secure: publicOrigin?.startsWith("https:") ?? false,
    uploadLimitBytes: options.uploadLimitBytes,
    site,
    jobs,
    settings: options.settings,
    desk,
    now: options.now,
    live,
    pool,
    onLink: (link) => options.onLink?.(url() + link)
  });
  try {
    port = await listen(app, options);
    // Before the first import: what it finds is news.
    await desk.start();
    const first = options.firstCaptures.map((path) => jobs.import(path, basename(path)));
    if (first.length === 0) first.push(jobs.renew(false));
    await Promise.all([site.prepare(), jobs.idle()]);
    pool.warm();
    const renewal = renewWhenStale(jobs, () => performance.now());
    atEndOfCapture = renewal.hurry;
    const stopWatching = watchStamp(() => stampOf(watchedFolders(lake, project)), watchEveryMs, renewal.want);
    const stop = () => {
      stopWatching();
      renewal.end();
    };
    return {
      url: url(),
      link: url() + app.link(),
      session: app.session,
      firstError: first.map((job) => job && jobs.get(job.id)?.error).find((error) => error) ?? null,
      async close() {
        stop();
        await app.server.close();
        await desk.close();
      }
    };
  } catch (error) {
    await app.server.close();
    await desk.close();
    throw error;
  }
}

async function listen(app: App, {host, port, anyPort}: StartOptions): Promise<number> {
  for (let tried = port; ; tried++) {
    try {
      await app.server.listen({host, port: tried});
      return (app.server.server.address() as AddressInfo).port;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!taken || !anyPort || tried >= port + portsTried) throw error;
    }
  }
}

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);
