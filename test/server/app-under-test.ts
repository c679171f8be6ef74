import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import type {Duplex} from "node:stream";
import {AlertDesk} from "../../alerts/desk.ts";
import {noAlerts} from "../../alerts/settings.ts";
import {type App, type AppOptions, createApp} from "../../server/app.ts";
import {Jobs} from "../../server/jobs.ts";
import {LiveCapture} from "../../server/live/live-capture.ts";
import {QueryPool} from "../../server/queries/pool.ts";

export interface AppUnderTest extends App {
  readonly lake: string;
  readonly jobs: Jobs;
  /** Sends a request of a known browser as it stands. */
  send(
    method: string,
    url: string,
    payload?: object | string,
    headers?: Record<string, string>
  ): ReturnType<typeof inject>;
  close(): Promise<void>;
}

const origin = "http://127.0.0.1:3000";
const inject = (app: App, options: object) => app.server.inject(options);

/** The whole server without a notebook behind it, over an empty lake; what it would import and capture does nothing. */
export async function appUnderTest(more: Partial<AppOptions> = {}): Promise<AppUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-app-"));
  const lake = more.lake ?? join(folder, "lake");
  const sockets = new Set<Duplex>();
  let clock = 0;
  const now = () => clock++;
  const done = async () => ({error: null, summary: null});
  const jobs =
    more.jobs ??
    new Jobs(lake, {importFile: done, importAgain: done, forget: done, renew: done, states: async () => []}, now);
  const quiet = {settings: noAlerts, transports: [], link: () => null, onWarning: () => {}};
  const app = await createApp({
    lake,
    project: resolve(import.meta.dirname, "../.."),
    origins: () => [origin],
    cookie: () => "flowbook",
    secure: false,
    uploadLimitBytes: 1000,
    desk: new AlertDesk({lake, now, ...quiet}),
    now,
    live: new LiveCapture({lake, command: ["false"], now, epoch: "test"}),
    pool: new QueryPool(lake),
    site: {
      answer(_request, response, answered) {
        const html = "<!doctype html><title>page</title><script>1</script>";
        response.setHeader("content-type", "text/html");
        answered?.(html);
        response.end(html);
      },
      upgrade(_request, socket) {
        sockets.add(socket);
        socket.on("end", () => socket.end());
        socket.resume().write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      },
      resultOf: () => null,
      prepare: async () => {},
      tablesOf: async () => [],
      close() {
        for (const socket of sockets) socket.destroy();
      }
    },
    ...more,
    jobs
  });
  return {
    ...app,
    lake,
    jobs,
    send(method, url, payload, headers = {}) {
      const known = {host: new URL(origin).host, origin, cookie: `flowbook=${app.session}`};
      const type = typeof payload === "string" ? {"content-type": "application/json"} : {};
      return inject(app, {method, url, payload, headers: {...known, ...type, ...headers}});
    },
    async close() {
      await app.server.close();
      rmSync(folder, {recursive: true, force: true});
    }
  };
}
