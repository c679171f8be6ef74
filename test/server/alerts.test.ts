import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {FastifyInstance} from "fastify";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {AlertDesk} from "../../alerts/desk.ts";
import {acknowledge, comment, readReviews, reviewLimits} from "../../alerts/reviews.ts";
import {noAlerts} from "../../alerts/settings.ts";
import {transportsOf} from "../../alerts/transports/index.ts";
import {createHttp} from "../../server/http.ts";
import {alertRoutes} from "../../server/routes/alerts.ts";
import {reviewRoutes} from "../../server/routes/reviews.ts";
import {sortedByReview, suppressionOf} from "../../src/lib/reviews.ts";
import {noSecrets} from "../alerts/no-secrets.ts";
import {type Post, type Receiver, webServer} from "../alerts/receivers.ts";

let folder: string;
let lake: string;
let server: FastifyInstance;
let hook: Receiver<Post>;
let nowMs = 1_795_255_200_000;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-reviews-"));
  lake = join(folder, "lake");
  hook = await webServer(() => [200]);
  const webhook = {url: `http://127.0.0.1:${hook.port}/s3cret-path`, urlFile: null, tokenFile: null, caFile: null};
  const settings = {...noAlerts, webhook};
  const transports = transportsOf(settings, {...noSecrets, webhookToken: "t0ken"});
  const options = {lake, link: () => null, now: () => nowMs, onWarning: () => {}};
  server = createHttp();
  await server.register(alertRoutes, {desk: new AlertDesk({...options, settings, transports})});
  await server.register(
    async (off) => alertRoutes(off, {desk: new AlertDesk({...options, settings: noAlerts, transports: []})}),
    {prefix: "/off"}
  );
  await server.register(reviewRoutes, {lake, now: () => nowMs});
});
afterAll(async () => {
  await server.close();
  await hook.close();
  rmSync(folder, {recursive: true, force: true});
});

const send = async (method: string, url: string, payload?: object) => {
  const response = await server.inject({method: method as "GET", url, payload});
  return [response.statusCode, response.json()] as const;
};
const id = "00112233445566aa";

describe("the routes of alerts", () => {
  it("send a test message to destinations that are set, and to no other", async () => {
    expect(await send("POST", "/api/alerts/test", {})).toEqual([
      200,
      {results: [{transport: "webhook", destination: `http://127.0.0.1:${hook.port}`, error: null}]}
    ]);
    expect(hook.got.map(({path, headers}) => [path, headers.authorization])).toEqual([
      ["/s3cret-path", "Bearer t0ken"]
    ]);
    expect(await send("POST", "/api/alerts/test", {transport: "smtp"})).toEqual([
      400,
      {error: 'body.transport: expected one of webhook, found "smtp"', field: "transport"}
    ]);
    const [status] = await send("POST", "/api/alerts/test", {transport: {url: "http://127.0.0.1/"}});
    expect([status, hook.got.length]).toEqual([400, 1]);
    expect((await send("POST", "/off/api/alerts/test", {}))[0]).toBe(409);
  });

  it("show what was sent, and nothing secret", async () => {
    const [status, shown] = await send("GET", "/api/alerts");
    expect([status, shown.on, shown.destinations.length, shown.log.length]).toEqual([200, true, 1, 1]);
    expect(shown.log[0]).toMatchObject({event: "delivered", transport: "webhook", incidents: 0, atMs: nowMs});
    expect(JSON.stringify(shown)).not.toMatch(/s3cret|t0ken/);
    expect(readFileSync(join(lake, ".alerts/log.jsonl"), "utf8")).not.toMatch(/s3cret|t0ken/);
  });
});

describe("reviews of notices", () => {
  it("acknowledge a notice with a note, and take it back", async () => {
    const [status, reviews] = await send("POST", `/api/notices/${id}/acknowledge`, {note: " our own scan "});
    expect([status, reviews.acknowledged]).toEqual([200, {[id]: {atMs: nowMs, text: "our own scan"}}]);
    expect(readReviews(lake)).toEqual(reviews);
    expect((await send("GET", "/api/reviews"))[1]).toEqual(reviews);
    expect((await send("DELETE", `/api/notices/${id}/acknowledge`))[1].acknowledged).toEqual({});
    expect(await send("DELETE", `/api/notices/${id}/acknowledge`)).toEqual([400, {error: `${id} is not acknowledged`}]);
  });

  it("comment on a notice, in order", async () => {
    await send("POST", `/api/notices/${id}/comments`, {text: "asked the owner"});
    nowMs += 1000;
    const [, {comments}] = await send("POST", `/api/notices/${id}/comments`, {text: "<b>it is theirs</b>"});
    expect(comments[id].map(({text}: {text: string}) => text)).toEqual(["asked the owner", "<b>it is theirs</b>"]);
    expect((await send("POST", `/api/notices/${id}/comments`, {text: "  "}))[0]).toBe(400);
  });

  it("suppress by rule and hosts until a time, for a reason", async () => {
    const wanted = {rule: "port_scan", src: "10.0.0.7", reason: "vulnerability scanner", hours: 2};
    const [status, {suppressions}] = await send("POST", "/api/suppressions", wanted);
    expect([status, suppressions[0]]).toEqual([
      200,
      {
        id: suppressions[0].id,
        rule: "port_scan",
        src: "10.0.0.7",
        dst: null,
        reason: "vulnerability scanner",
        createdMs: nowMs,
        untilMs: nowMs + 7_200_000
      }
    ]);
    const notice = {rules: ["PortScan", "port_scan"], src: "10.0.0.7", dst: "192.0.2.1"};
    const judged = (fields: Partial<typeof notice>, atMs = nowMs) =>
      suppressionOf(readReviews(lake), {...notice, ...fields}, atMs)?.reason;
    expect([judged({}), judged({dst: "192.0.2.9"})]).toEqual(["vulnerability scanner", "vulnerability scanner"]);
    expect([
      judged({src: "10.0.0.8"}),
      judged({rules: ["PortScan", "host_sweep"]}),
      judged({}, nowMs + 7_200_000)
    ]).toEqual([undefined, undefined, undefined]);
    expect((await send("DELETE", `/api/suppressions/${suppressions[0].id}`))[1].suppressions).toEqual([]);
    expect((await send("DELETE", "/api/suppressions/none"))[0]).toBe(400);
  });

  it("refuse what names nothing, has no reason, has no end, or is no id", async () => {
    const wanted = {rule: "port_scan", reason: "because", hours: 1};
    const hours = "body.hours: expected a number from 0.01 to 8784, found";
    const name = "expected a text or nothing";
    const refused: [string, object | undefined, string, string?][] = [
      ["/api/suppressions", {...wanted, rule: null}, "expected a rule or a host to suppress"],
      [
        "/api/suppressions",
        {...wanted, reason: ""},
        'body.reason: expected a text of 1 to 2000 characters (why), found ""',
        "reason"
      ],
      ["/api/suppressions", {...wanted, hours: 0}, `${hours} 0`, "hours"],
      ["/api/suppressions", {...wanted, hours: "x"}, `${hours} "x"`, "hours"],
      ["/api/suppressions", {...wanted, hours: 24 * 400}, `${hours} 9600`, "hours"],
      [
        "/api/suppressions",
        {...wanted, src: "10.0.0.1; drop"},
        `body.src: ${name} (an address), found "10.0.0.1; drop"`,
        "src"
      ],
      ["/api/suppressions", {...wanted, dst: 7}, `body.dst: ${name} (an address), found 7`, "dst"],
      [
        "/api/suppressions",
        {...wanted, port: 7},
        'body: expected only rule, src, dst, reason, hours, found "port"',
        "port"
      ],
      [
        "/api/notices/__proto__/acknowledge",
        {note: ""},
        'params.id: expected a text (the id of a notice, 16 hexadecimal digits), found "__proto__"',
        "id"
      ],
      [
        `/api/notices/${id}/acknowledge`,
        {note: "x".repeat(2001)},
        `body.note: expected a text of 0 to 2000 characters (a note), found "${"x".repeat(79)}… (2003 characters)`,
        "note"
      ]
    ];
    for (const [url, payload, error, field] of refused)
      expect([url, await send("POST", url, payload)]).toEqual([url, [400, field ? {error, field} : {error}]]);
  });

  it("lose no change when many are made at once", async () => {
    const ids = Array.from({length: 12}, (_, i) => i.toString(16).padStart(16, "0"));
    await Promise.all(ids.map((notice) => acknowledge(lake, notice, "", nowMs)));
    expect(Object.keys(readReviews(lake).acknowledged).sort()).toEqual(ids);
    const {open, acknowledged} = sortedByReview(
      [...ids, id].map((notice) => ({id: notice, rules: ["port_scan"], src: null, dst: null})),
      readReviews(lake),
      nowMs
    );
    expect([open.map((notice) => notice.id), acknowledged.length]).toEqual([[id], 12]);
  });

  it("are bounded, their owner's alone, and never written over where they are damaged", async () => {
    const path = join(lake, ".reviews/notices.json");
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
    const reviews = readReviews(lake);
    const full = Array.from({length: reviewLimits.perNotice}, () => ({atMs: 0, text: "x"}));
    writeFileSync(path, JSON.stringify({...reviews, comments: {[id]: full}}));
    await expect(comment(lake, id, "one more", nowMs)).rejects.toThrow("more than 50 comments of a notice");
    writeFileSync(path, '{"version":1,"acknow');
    await expect(acknowledge(lake, id, "", nowMs)).rejects.toThrow(path);
    expect(readFileSync(path, "utf8")).toBe('{"version":1,"acknow');
  });
});
