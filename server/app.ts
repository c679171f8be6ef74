import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import fastifyStatic from "@fastify/static";
import type {FastifyInstance, FastifySchema} from "fastify";
import type {AlertDesk} from "../alerts/desk.ts";
import {AskedResults} from "./asked-results.ts";
import {createHttp} from "./http.ts";
import type {Jobs} from "./jobs.ts";
import {KeptSessions} from "./kept-sessions.ts";
import type {LiveCapture} from "./live/live-capture.ts";
import type {NotebookSite} from "./notebook/site.ts";
import {PageSockets} from "./page-sockets.ts";
import type {QueryLimits} from "./queries/messages.ts";
import type {QueryPool} from "./queries/pool.ts";
import {alertRoutes} from "./routes/alerts.ts";
import {answerRoutes} from "./routes/answers.ts";
import {captureRoutes} from "./routes/captures.ts";
import {eventRoutes} from "./routes/events.ts";
import {hostRoutes} from "./routes/hosts.ts";
import {lakeCaptureRoutes} from "./routes/lake-captures.ts";
import {liveRoutes} from "./routes/live.ts";
import {loginRoutes} from "./routes/login.ts";
import {notebookRoutes} from "./routes/notebook.ts";
import {openApiRoutes} from "./routes/openapi.ts";
import {packetRoutes} from "./routes/packets.ts";
import {pageRoutes} from "./routes/pages.ts";
import {queryRoutes} from "./routes/queries.ts";
import {reportRoutes} from "./routes/report.ts";
import {resultRoutes} from "./routes/results.ts";
import {reviewRoutes} from "./routes/reviews.ts";
import {runRoutes} from "./routes/runs.ts";
import {trafficLabelRoutes} from "./routes/traffic-labels.ts";
import {Session} from "./session.ts";

export interface AppOptions {
  readonly lake: string;
  readonly project: string;
  /** Origins a browser may use; see `judge`. */
  readonly origins: () => readonly string[];
  /** Name of the session cookie. */
  readonly cookie: () => string;
  /** Whether the cookie travels by TLS only, as behind a proxy that ends TLS. */
  readonly secure: boolean;
  readonly uploadLimitBytes: number;
  readonly site: NotebookSite;
  readonly jobs: Jobs;
  /** Settings that loaders use. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Tells of notices. */
  readonly desk: AlertDesk;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
  readonly live: LiveCapture;
  /** Runs readers' queries. */
  readonly pool: QueryPool;
  /** What one query of a reader may take; the usual without it. */
  readonly queryLimits?: QueryLimits;
  /** Called when the link has been used, with the next one: each opens one browser. */
  readonly onLink?: (link: string) => void;
  /** What is at work when the server closes is waited for so long; ten seconds without it. */
  readonly closeMs?: number;
}

export interface App {
  readonly server: FastifyInstance;
  /** The path that opens one browser, once. */
  link(): string;
  /** What a program sends as `Authorization: Bearer`. */
  readonly session: string;
  /** Every route there is. */
  readonly routes: readonly Route[];
}

export interface Route {
  readonly method: string;
  readonly url: string;
  readonly schema: FastifySchema | undefined;
}

/** A loader or an import that does not end when it is asked to does not hold the server for longer. */
const closeMs = 10_000;

/** The server: pages, data and what changes the lake, every route behind the same judgement of host, origin and session. */
export async function createApp(options: AppOptions): Promise<App> {
  const {lake, project, jobs, site, pool, live, desk, now, cookie, secure, onLink} = options;
  const access = () => ({origins: options.origins(), cookie: cookie()});
  const session = new Session(access, new KeptSessions(lake, now));
  const results = new AskedResults(options);
  const server = createHttp();
  const routes: Route[] = [];
  server.addHook("onRoute", ({method, url, schema}) => {
    for (const name of [method].flat()) routes.push({method: name, url, schema});
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.headers(safeHeaders);
    const refusal = session.judge(request.raw, request.routeOptions.url ?? "");
    if (refusal) return reply.code(refusal.status).type("text/plain; charset=utf-8").send(`${refusal.message}\n`);
  });
  await server.register(fastifyStatic, {root: project, serve: false});
  await server.register(openApiRoutes);
  await server.register(loginRoutes, {session, cookie, secure, onLink});
  await server.register(eventRoutes, {jobs, headers: safeHeaders});
  await server.register(runRoutes, {jobs});
  await server.register(resultRoutes, {results});
  await server.register(captureRoutes, {lake, jobs, limitBytes: options.uploadLimitBytes});
  await server.register(lakeCaptureRoutes, {lake, jobs, now});
  await server.register(queryRoutes, {pool, limits: options.queryLimits, tablesOf: site.tablesOf});
  await server.register(answerRoutes, {pool, lake, project});
  await server.register(packetRoutes, {lake});
  await server.register(liveRoutes, {capture: live, headers: safeHeaders});
  await server.register(alertRoutes, {desk});
  await server.register(reviewRoutes, {lake, now});
  await server.register(trafficLabelRoutes, {lake, now});
  await server.register(hostRoutes, {});
  await server.register(pageRoutes, {project});
  await server.register(reportRoutes, {lake, command: [process.execPath, join(project, "bin/flowbook.js")]});
  await server.register(notebookRoutes, {site});

  const sockets = new PageSockets(session, site);
  server.server.on("upgrade", (request, socket, head) => sockets.take(request, socket, head));
  // Before the server waits for its connections: an open page's socket never ends by itself.
  server.addHook("preClose", async () => {
    sockets.close();
    site.close();
    await atMost(options.closeMs ?? closeMs, Promise.all([jobs.close(), pool.close(), results.close()]));
    // Those that were refused meanwhile and stay.
    sockets.close();
  });
  return {server, link: () => session.link(), session: session.secret, routes};
}

/** Resolves with the promise, or after so long. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  const options = {signal: late.signal, ref: false};
  await Promise.race([work, sleep(ms, undefined, options).catch(() => {})]).finally(() => late.abort());
}

const safeHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'"
};
