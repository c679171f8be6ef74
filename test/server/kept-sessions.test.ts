import {chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, expect, it} from "vitest";
import {KeptSessions} from "../../server/kept-sessions.ts";
import {appUnderTest} from "./app-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-sessions-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const dayMs = 24 * 3600 * 1000;
let clock = 1_800_000_000_000;
const now = () => clock;
const makeLake = (name: string) => {
  const lake = join(folder, name);
  mkdirSync(lake, {mode: 0o700});
  return lake;
};
const fileOf = (lake: string) => join(lake, ".sessions.json");

it("a browser that opened the link is known to the next run of the server, and only it", async () => {
  const lake = makeLake("restart");
  const first = await appUnderTest({lake, now});
  const cookie = `flowbook=${first.session}`;
  const opened = await first.send("GET", first.link(), undefined, {cookie: ""});
  expect(opened.headers["set-cookie"]).toContain(cookie);
  await first.close();
  expect(statSync(fileOf(lake)).mode & 0o777).toBe(0o600);
  expect(readFileSync(fileOf(lake), "utf8")).not.toContain(first.session);

  const second = await appUnderTest({lake, now});
  expect(second.session).not.toBe(first.session);
  const status = async (sent: string) =>
    (await second.send("GET", "/api/health", undefined, {cookie: sent})).statusCode;
  expect(await status(cookie)).toBe(200);
  expect(await status("flowbook=guess")).toBe(401);
  expect(await status(`flowbook=${Object.keys(JSON.parse(readFileSync(fileOf(lake), "utf8")))[0]}`)).toBe(401);
  // It may change things, too, from an origin of the server's alone.
  expect((await second.send("POST", "/api/run", {}, {cookie})).statusCode).toBe(202);
  expect((await second.send("POST", "/api/run", {}, {cookie, origin: "http://evil.example"})).statusCode).toBe(403);
  // Who is known keeps his session when he opens an old link again.
  const again = await second.send("GET", "/login?token=used", undefined, {cookie});
  expect([again.statusCode, again.headers["set-cookie"]]).toEqual([200, undefined]);
  await second.close();
});

it("a session that nobody opened a link for is not kept", async () => {
  const lake = makeLake("unopened");
  const first = await appUnderTest({lake, now});
  await first.close();
  expect(new KeptSessions(lake, now).has(first.session)).toBe(false);
});

it("a session ends a week after its last use", () => {
  const lake = makeLake("week");
  new KeptSessions(lake, now).keep("secret");
  for (let days = 0; days < 30; days += 6) {
    expect(new KeptSessions(lake, now).has("secret")).toBe(true);
    clock += 6 * dayMs;
  }
  clock += dayMs;
  expect(new KeptSessions(lake, now).has("secret")).toBe(false);
});

it("two servers over one lake keep each other's sessions, the newest 64", () => {
  const lake = makeLake("two");
  const [one, other] = [new KeptSessions(lake, now), new KeptSessions(lake, now)];
  one.keep("a");
  other.keep("b");
  one.keep("c");
  expect(["a", "b", "c"].map((secret) => new KeptSessions(lake, now).has(secret))).toEqual([true, true, true]);
  for (let k = 0; k < 100; k++) {
    clock += 1000;
    one.keep(`more ${k}`);
  }
  const kept = new KeptSessions(lake, now);
  expect([kept.has("a"), kept.has("more 36"), kept.has("more 35")]).toEqual([false, true, false]);
});

it("a file of sessions that came with the lake, is open to others or is garbage counts for nothing", () => {
  const lake = makeLake("planted");
  new KeptSessions(lake, now).keep("secret");
  const copy = join(folder, "copy");
  cpSync(lake, copy, {recursive: true, preserveTimestamps: true});
  chmodSync(fileOf(copy), 0o600);
  expect(new KeptSessions(copy, now).has("secret")).toBe(false);
  chmodSync(fileOf(lake), 0o644);
  expect(new KeptSessions(lake, now).has("secret")).toBe(false);
  chmodSync(fileOf(lake), 0o600);
  expect(new KeptSessions(lake, now).has("secret")).toBe(true);
  for (const text of ["", "null", "[1]", '{"a":"b"}', "x".repeat(100_000)]) {
    writeFileSync(fileOf(lake), text);
    expect(new KeptSessions(lake, now).has("secret")).toBe(false);
  }
});
