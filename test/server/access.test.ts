import {createHash} from "node:crypto";
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync} from "node:fs";
import type {AddressInfo} from "node:net";
import {connect} from "node:net";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {AlertDesk} from "../../alerts/desk.ts";
import {noAlerts} from "../../alerts/settings.ts";
import {judgeOrigin} from "../../server/access.ts";
import {type App, createApp} from "../../server/app.ts";
import {type Job, Jobs} from "../../server/jobs.ts";
import {LiveCapture} from "../../server/live/live-capture.ts";
import {QueryPool} from "../../server/queries/pool.ts";
import {uploadsFolder} from "../../server/routes/captures.ts";
import {madeLogs} from "../capture/logs/made-logs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-server-"));
const lake = join(folder, "lake");
let app: App;
let jobs: Jobs;
let pool: QueryPool;
let origin: string;
const imported: {label: string; sha256: string}[] = [];
const nextLinks: string[] = [];

beforeAll(async () => {
  symlinkSync(resolve(import.meta.dirname, "../.."), join(folder, "project"));
  // What is imported is not the matter here, but that it arrives whole under the label.
  const work = {
    importFile: async (path: string, label: string) => {
      imported.push({label, sha256: createHash("sha256").update(readFileSync(path)).digest("hex")});
      rmSync(path);
      return {error: null, summary: {flows: 1}};
    },
    importAgain: async () => ({error: null, summary: null}),
    forget: async () => ({error: null, summary: null}),
    renew: async () => ({error: null, summary: null}),
    states: async () => []
  };
  let clock = 0;
  jobs = new Jobs(lake, work, () => clock++);
  app = await createApp({
    lake,
    project: join(folder, "project"),
    origins: () => [origin],
    cookie: () => "flowbook",
    secure: false,
    uploadLimitBytes: 4000,
    jobs,
    desk: new AlertDesk({
      lake,
      settings: noAlerts,
      transports: [],
      link: () => null,
      now: () => clock++,
      onWarning: () => {}
    }),
    now: () => clock++,
    pool: (pool = new QueryPool(lake)),
    live: new LiveCapture({lake, command: ["false"], now: () => clock++, epoch: "test"}),
    site: {
      answer: (_request, response, answered) => {
        const html = "<!doctype html><title>page</title><script>1</script>";
        response.setHeader("content-type", "text/html");
        answered?.(html);
        response.end(html);
      },
      upgrade: (_request, socket) => void socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
      resultOf: () => null,
      prepare: async () => {},
      tablesOf: async () => [],
      close: () => {}
    },
    onLink: (link) => nextLinks.push(link)
  });
  await app.server.listen({host: "127.0.0.1", port: 0});
  origin = `http://127.0.0.1:${(app.server.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await app.server.close();
  rmSync(folder, {recursive: true, force: true});
});

const known = () => ({cookie: `flowbook=${app.session}`, origin});
const host = () => new URL(origin).host;
/** Sends a request as it stands; `fetch` does not let a test choose its host. */
const send = async (method: string, url: string, headers: Record<string, string>, payload?: Buffer | object) =>
  app.server.inject({method: method as "GET", url, headers: {host: host(), ...headers}, payload});

describe("every route", () => {
  it("is refused without a session, for a foreign host and for a foreign origin", async () => {
    const routes = app.routes.map(({method, url}) => ({
      method,
      url: url.replace(":id", "1").replace("*", "index.html")
    }));
    expect(routes.map(({method, url}) => `${method} ${url}`).sort()).toEqual([
      "DELETE /api/captures/1",
      "DELETE /api/incidents/1/acknowledge",
      "DELETE /api/incidents/1/label",
      "DELETE /api/notices/1/acknowledge",
      "DELETE /api/suppressions/1",
      "DELETE /api/traffic-labels/1",
      "GET /_file/data/index.html",
      "GET /api/alerts",
      "GET /api/answers/export",
      "GET /api/events",
      "GET /api/flows",
      "GET /api/health",
      "GET /api/live",
      "GET /api/live/events",
      "GET /api/live/interfaces",
      "GET /api/openapi.json",
      "GET /api/packets",
      "GET /api/packets.pcapng",
      "GET /api/results/drift",
      "GET /api/results/health",
      "GET /api/results/model",
      "GET /api/results/threshold-lab",
      "GET /api/reviews",
      "GET /api/runs",
      "GET /api/runs/1",
      "GET /api/traffic-labels",
      "GET /index.html",
      "GET /login",
      "HEAD /_file/data/index.html",
      "HEAD /api/alerts",
      "HEAD /api/health",
      "HEAD /api/live",
      "HEAD /api/live/interfaces",
      "HEAD /api/openapi.json",
      "HEAD /api/results/drift",
      "HEAD /api/results/health",
      "HEAD /api/results/model",
      "HEAD /api/results/threshold-lab",
      "HEAD /api/reviews",
      "HEAD /api/runs",
      "HEAD /api/runs/1",
      "HEAD /api/traffic-labels",
      "HEAD /index.html",
      "POST /api/alerts/test",
      "POST /api/answers",
      "POST /api/answers/flow",
      "POST /api/answers/flows",
      "POST /api/answers/incident-flows",
      "POST /api/answers/records",
      "POST /api/captures",
      "POST /api/captures/1/import",
      "POST /api/incidents/1/acknowledge",
      "POST /api/incidents/1/comments",
      "POST /api/incidents/1/label",
      "POST /api/live/start",
      "POST /api/live/stop",
      "POST /api/notices/1/acknowledge",
      "POST /api/notices/1/comments",
      "POST /api/pages",
      "POST /api/query",
      "POST /api/report",
      "POST /api/run",
      "POST /api/suppressions",
      "POST /api/traceroute",
      "POST /api/traffic-labels"
    ]);
    for (const {method, url} of routes) {
      const name = `${method} ${url}`;
      expect([name, (await send(method, url, {origin})).statusCode]).toEqual([name, 401]);
      const wrong = {cookie: "flowbook=guess", origin};
      expect([name, (await send(method, url, wrong)).statusCode]).toEqual([name, 401]);
      const rebound = {...known(), host: "rebound.example:3000"};
      expect([name, (await send(method, url, rebound)).statusCode]).toEqual([name, 403]);
      const foreign = {...known(), origin: "https://elsewhere.example"};
      expect([name, (await send(method, url, foreign)).statusCode]).toEqual([name, 403]);
      expect([name, (await send(method, url, {...known(), origin: "null"})).statusCode]).toEqual([name, 403]);
    }
    expect(jobs.list()).toEqual([]);
  });

  it("that changes something needs an origin or a program's bearer", async () => {
    const {origin: _, ...cookieOnly} = known();
    expect((await send("POST", "/api/run", cookieOnly)).statusCode).toBe(403);
    expect((await send("POST", "/api/run", {authorization: `Bearer ${app.session}`})).statusCode).toBe(202);
    await jobs.idle();
  });

  it("answers with headers that keep it to itself", async () => {
    const {headers} = await send("GET", "/api/health", known());
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'"
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

it("a page may run its own scripts only, by their hashes", async () => {
  const {headers} = await send("GET", "/index.html", known());
  const hash = createHash("sha256").update("1").digest("base64");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain(`script-src 'self' 'unsafe-eval' 'sha256-${hash}';`);
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("default-src 'self'");
});

describe("the socket of open pages", () => {
  const upgrade = (headers: Record<string, string>) =>
    new Promise<string>((resolveStatus, reject) => {
      const {port} = app.server.server.address() as AddressInfo;
      const all = {host: host(), connection: "Upgrade", upgrade: "websocket", ...headers};
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(`GET /_observablehq HTTP/1.1\r\n${lines.join("")}\r\n`)
      );
      socket.on("data", (data) => {
        resolveStatus(String(data).split(" ")[1]);
        socket.destroy();
      });
      socket.on("error", reject);
    });

  it("opens for a page of ours", async () => expect(await upgrade(known())).toBe("101"));
  it("is refused without a session", async () => expect(await upgrade({origin})).toBe("401"));
  it("is refused for a foreign host", async () =>
    expect(await upgrade({...known(), host: "rebound.example"})).toBe("403"));
  it("is refused for a foreign origin", async () =>
    expect(await upgrade({...known(), origin: "https://elsewhere.example"})).toBe("403"));
  it("is refused for another site, even with our origin", async () =>
    expect(await upgrade({...known(), "sec-fetch-site": "same-site"})).toBe("403"));
  it("is refused without an origin", async () => expect(await upgrade({cookie: known().cookie})).toBe("403"));
});

describe("the link", () => {
  it("opens one browser, then the next link is another", async () => {
    const link = app.link();
    const first = await send("GET", link, {});
    expect([first.statusCode, first.headers["set-cookie"]]).toEqual([
      200,
      `flowbook=${app.session}; Path=/; HttpOnly; SameSite=Strict`
    ]);
    expect((await send("GET", link, {})).statusCode).toBe(401);
    expect(nextLinks).toEqual([app.link()]);
    expect(app.link()).not.toBe(link);
  });

  it("is not used up by a look at its headers, nor by a browser that fetches ahead", async () => {
    const link = app.link();
    expect((await send("HEAD", link, {})).statusCode).toBe(401);
    expect((await send("GET", link, {"sec-purpose": "prefetch;prerender"})).statusCode).toBe(401);
    expect((await send("GET", link, {purpose: "prefetch"})).statusCode).toBe(401);
    expect(app.link()).toBe(link);
    expect((await send("GET", link, {})).statusCode).toBe(200);
  });

  it("may stand on another site", async () => {
    const click = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"};
    expect((await send("GET", app.link(), click)).statusCode).toBe(200);
  });

  it("is refused for a foreign host, however right it is", async () => {
    expect((await send("GET", app.link(), {host: "rebound.example"})).statusCode).toBe(403);
  });
});

it("takes a host with the port that its scheme implies, and no other spelling", () => {
  const origins = ["https://notes.example", "http://[::1]:3000", "http://127.0.0.1:80"];
  const judged = (host: string) => judgeOrigin(origins, {host}) === null;
  expect(["notes.example", "NOTES.example:443", "[::1]:3000", "127.0.0.1", "127.0.0.1:80"].filter(judged)).toHaveLength(
    5
  );
  expect(
    [
      "notes.example:3000",
      "notes.example:80",
      "notes.example:443:443",
      "127.0.0.1:80:80",
      "a:1:2",
      "[::1]:3000:80",
      "[::1]",
      "::1:3000",
      "notes.example.",
      "notes.example/",
      "x@notes.example",
      "notes.example ",
      "notes\uff0eexample",
      ""
    ].filter(judged)
  ).toEqual([]);
});

describe("what a browser says about who asks", () => {
  const from = (site: string, more = {}) => ({...known(), "sec-fetch-site": site, ...more});
  const click = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"};

  it("refuses other sites on every route, other ports of this machine too, whatever else is right", async () => {
    for (const {method, url} of app.routes)
      for (const site of ["cross-site", "same-site", "same-origin, none", "x"]) {
        const path = url.replace(":id", "1").replace("*", "index.html");
        const {statusCode} = await send(method, path, from(site));
        expect([method, url, site, statusCode]).toEqual([method, url, site, 403]);
      }
  });

  it("lets a link lead to a page from anywhere, and to nothing else", async () => {
    for (const site of ["cross-site", "same-site", "same-origin", "none"])
      expect((await send("GET", "/index.html", from(site, click))).statusCode).toBe(200);
    expect((await send("GET", "/api/flows", from("cross-site", click))).statusCode).toBe(403);
    const frame = {...click, "sec-fetch-dest": "iframe"};
    expect((await send("GET", "/index.html", from("cross-site", frame))).statusCode).toBe(403);
    expect((await send("POST", "/api/run", from("cross-site", click))).statusCode).toBe(403);
  });

  it("lets our own pages pass", async () =>
    expect((await send("GET", "/api/health", from("same-origin"))).statusCode).toBe(200));
});

describe("a capture that is sent", () => {
  const pcap = Buffer.concat([Buffer.from("d4c3b2a102000400", "hex"), Buffer.alloc(16)]);
  const post = (name: string, body?: Buffer, headers = {}) =>
    send("POST", `/api/captures?name=${encodeURIComponent(name)}`, {...known(), ...headers}, body);

  it("is imported whole under its sender's name, and leaves nothing behind", async () => {
    const response = await post("office.pcap", pcap, {"content-type": "application/vnd.tcpdump.pcap"});
    expect(response.statusCode).toBe(202);
    await jobs.idle();
    const sha256 = createHash("sha256").update(pcap).digest("hex");
    expect(imported.at(-1)).toEqual({label: "office.pcap", sha256});
    const job: Job = (await send("GET", `/api/runs/${response.json().run}`, known())).json();
    expect(job).toMatchObject({kind: "import", label: "office.pcap", state: "done", summary: {flows: 1}});
    expect(readdirSync(uploadsFolder(lake))).toEqual([]);
  });

  it("has a name that is a label, never a path or a control character", async () => {
    await post("../../etc/\u202egnp.pcap\u0007", pcap);
    await jobs.idle();
    expect(imported.at(-1)?.label).toBe("gnp.pcap");
    expect(existsSync(join(lake, "../etc"))).toBe(false);
  });

  it("is refused with 413 above the limit, whether it says its size or not", async () => {
    expect((await post("large.pcap", Buffer.concat([pcap, Buffer.alloc(4000)]))).statusCode).toBe(413);
    async function* endless() {
      yield pcap;
      for (let i = 0; i < 100; i++) yield Buffer.alloc(100);
    }
    const headers = {authorization: `Bearer ${app.session}`};
    const url = `${origin}/api/captures?name=x`;
    const init = {method: "POST", headers, body: endless() as unknown as BodyInit, duplex: "half"} as RequestInit;
    const status = await fetch(url, init).then((response) => response.status);
    expect(status).toBe(413);
    expect(readdirSync(uploadsFolder(lake))).toEqual([]);
  });

  it("may be a log of flows, whatever its name", async () => {
    for (const [name, log] of Object.entries(madeLogs)) {
      expect([name, (await post("../log", Buffer.from(log))).statusCode]).toEqual([name, 202]);
      await jobs.idle();
      const sha256 = createHash("sha256").update(log).digest("hex");
      expect(imported.at(-1)).toEqual({label: "log", sha256});
    }
    expect(readdirSync(uploadsFolder(lake))).toEqual([]);
  });

  it("is refused with 415 where its first bytes are neither a capture's nor a log's, or there are none", async () => {
    const texts = ["GIF89a", "Dear all,", '{"a": 1}\n', "#fields\ta\n1\n", "a,b\n1,2\n"];
    for (const text of texts) expect([text, (await post("a.pcap", Buffer.from(text))).statusCode]).toEqual([text, 415]);
    expect((await post("a.pcap", Buffer.from("d4c3", "hex"))).statusCode).toBe(415);
    expect((await post("a.pcap")).statusCode).toBe(415);
    expect(readdirSync(uploadsFolder(lake))).toEqual([]);
  });
});
