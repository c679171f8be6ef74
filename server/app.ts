import {randomBytes} from "node:crypto";
import type {Duplex} from "node:stream";
import fastifyStatic from "@fastify/static";
import Fastify, {type FastifyInstance, type FastifyReply, type FastifyRequest} from "fastify";
import type {AlertDesk} from "../alerts/desk.ts";
import {isSame, judge, judgeOrigin, judgeSite} from "./access.ts";
import {alertRoutes} from "./alerts.ts";
import {captureRoutes} from "./captures.ts";
import {EventStream} from "./events.ts";
import {hostRoutes} from "./hosts/routes.ts";
import type {Jobs} from "./jobs.ts";
import type {LiveCapture} from "./live/live-capture.ts";
import {liveRoutes} from "./live/routes.ts";
import type {NotebookSite} from "./notebook/site.ts";
import {notebookRoutes} from "./notebook-routes.ts";
import {packetRoutes} from "./packets.ts";
import {queryLimits, queryRoutes} from "./queries.ts";
import {reviewRoutes} from "./reviews.ts";
import {runRoutes} from "./runs.ts";

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
  /** Tells of notices. */
  readonly desk: AlertDesk;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
  readonly live: LiveCapture;
  /** Called when the link has been used, with the next one: each opens one browser. */
  readonly onLink?: (link: string) => void;
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
}

/** The server: pages, data and what changes the lake, every route behind the same judgement of host, origin and session. */
export async function createApp(options: AppOptions): Promise<App> {
  const {jobs, site} = options;
  const session = randomBytes(32).toString("base64url");
  let token = randomBytes(32).toString("base64url");
  const link = () => `/login?token=${token}`;
  const access = () => ({origins: options.origins(), session, cookie: options.cookie()});

  const server = Fastify({forceCloseConnections: true, trustProxy: false, bodyLimit: 64 * 1024});
  const routes: Route[] = [];
  server.addHook("onRoute", ({method, url}) => {
    for (const name of [method].flat()) routes.push({method: name, url});
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.headers(safeHeaders);
    const {url = ""} = request.routeOptions;
    const refusal =
      judgeSite(request.headers, request.method, pageRoutes.includes(url)) ??
      (url === "/login"
        ? judgeOrigin(options.origins(), request.headers)
        : judge(access(), request.headers, !isReading(request)));
    if (refusal) return reply.code(refusal.status).type("text/plain; charset=utf-8").send(`${refusal.message}\n`);
  });

  // A look at the headers alone is not the one visit that the link is for: HEAD needs a session, as everything else.
  server.get(
    "/login",
    {exposeHeadRoute: false},
    (request: FastifyRequest<{Querystring: {token?: string}}>, reply: FastifyReply) => {
      // A browser that fetches ahead has no reader yet, either.
      const isAhead = /prefetch|prerender/i.test(
        String(request.headers["sec-purpose"] ?? request.headers.purpose ?? "")
      );
      const invited = !isAhead && isSame(request.query.token, token);
      if (!invited && judge(access(), request.headers, false) !== null)
        return reply.code(401).type("text/plain; charset=utf-8").send("this link has been used: take the newest one\n");
      if (invited) {
        token = randomBytes(32).toString("base64url");
        options.onLink?.(link());
      }
      const attributes = `Path=/; HttpOnly; SameSite=Strict${options.secure ? "; Secure" : ""}`;
      // A redirect would still count as coming from where the link was clicked, and the cookie would stay behind.
      return reply
        .header("set-cookie", `${options.cookie()}=${session}; ${attributes}`)
        .type("text/html; charset=utf-8")
        .send('<!doctype html><title>flowbook</title><meta http-equiv="refresh" content="0;url=/">');
    }
  );

  const events = new EventStream(jobs);
  server.get("/api/health", () => ({status: "ok", running: jobs.running()}));
  server.get("/api/events", (_request, reply) => {
    reply.hijack();
    // What Fastify would have sent with its own answers.
    events.add(reply.raw, safeHeaders);
  });
  await server.register(fastifyStatic, {root: options.project, serve: false});
  await server.register(runRoutes, {jobs});
  await server.register(captureRoutes, {lake: options.lake, jobs, limitBytes: options.uploadLimitBytes});
  await server.register(queryRoutes, {lake: options.lake, limits: queryLimits});
  await server.register(packetRoutes, {lake: options.lake});
  await server.register(liveRoutes, {capture: options.live, headers: safeHeaders});
  await server.register(alertRoutes, {desk: options.desk});
  await server.register(reviewRoutes, {lake: options.lake, now: options.now});
  await server.register(hostRoutes, {});
  await server.register(notebookRoutes, {site});

  server.server.on("upgrade", (request, socket: Duplex, head) => {
    // A socket counts as a change: without its origin it is not a browser's own page.
    const refusal = judgeSite(request.headers, "GET", false) ?? judge(access(), request.headers, true);
    if (refusal || request.url !== "/_observablehq")
      return void socket.end(`HTTP/1.1 ${refusal?.status ?? 404} Refused\r\nConnection: close\r\n\r\n`);
    site.upgrade(request, socket, head);
  });
  // Before the server waits for its connections: an open page's socket and streams never end by themselves.
  server.addHook("preClose", async () => {
    events.close();
    site.close();
    await jobs.close();
  });
  return {server, link, session, routes};
}

/** Routes that a link may lead to, wherever it stands. */
const pageRoutes = ["/login", "/*"];

const isReading = ({method}: FastifyRequest) => method === "GET" || method === "HEAD";

const safeHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'"
};
