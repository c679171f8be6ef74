import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import Fastify from "fastify";
import {afterAll, afterEach, expect, it} from "vitest";
import {reportRoutes} from "../../server/routes/report.ts";
import {caseText} from "../../src/lib/case.ts";
import {type AppUnderTest, appUnderTest} from "./app-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-route-"));
const log = join(folder, "log.json");
const open: {close(): unknown}[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** In the place of flowbook: writes down how it was called, then does what the body says. */
async function served(body: string) {
  const program = join(folder, "program.cjs");
  writeFileSync(
    program,
    `const {readFileSync, writeFileSync} = require("node:fs");
const args = process.argv.slice(2);
const at = (name) => args[args.indexOf(name) + 1];
writeFileSync(${JSON.stringify(log)}, JSON.stringify({args, case: args.includes("--case") ? readFileSync(at("--case"), "utf8") : null}));
${body}`
  );
  const server = Fastify();
  await server.register(reportRoutes, {lake: "the lake", command: [process.execPath, program]});
  open.push(server);
  return server;
}

const writes = 'writeFileSync(at("-o"), "<p>report</p>");';

it("a report is what flowbook build makes of the lake and of the case, never shown as a page", async () => {
  const server = await served(writes);
  const text = caseText([{kind: "note", text: "one", atMs: 1}]);
  const response = await server.inject({method: "POST", url: "/api/report", payload: {case: text, redact: true}});
  expect([response.statusCode, response.body]).toEqual([200, "<p>report</p>"]);
  expect(response.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": 'attachment; filename="report.html"'
  });
  const {args, case: given} = JSON.parse(readFileSync(log, "utf8"));
  expect(args.filter((arg: string) => !arg.startsWith(tmpdir()))).toEqual([
    "build",
    "--single-file",
    "--lake",
    "the lake",
    "-o",
    "--redact",
    "--case"
  ]);
  expect(given).toBe(text);
  expect(existsSync(args[args.indexOf("-o") + 1])).toBe(false);
});

it("a case that is none, and fields that nobody knows, are refused before anything runs", async () => {
  rmSync(log, {force: true});
  const server = await served(writes);
  const status = async (payload: object) =>
    (await server.inject({method: "POST", url: "/api/report", payload})).statusCode;
  expect([await status({case: "[]"}), await status({case: 7, redact: "no", page: "../x"})]).toEqual([400, 400]);
  expect(existsSync(log)).toBe(false);
});

it("what flowbook says of a failure is said without where it was built; a second report meanwhile waits its turn", async () => {
  const server = await served(
    'setTimeout(() => { process.stderr.write("flowbook: " + at("-o") + " holds the address 10.0.0.1"); process.exitCode = 6; }, 300);'
  );
  const sent = () => server.inject({method: "POST", url: "/api/report", payload: {}});
  const [first, second] = (await Promise.all([sent(), sent()])).sort((a, b) => a.statusCode - b.statusCode);
  expect([first.statusCode, first.json()]).toEqual([422, {error: "flowbook: report.html holds the address 10.0.0.1"}]);
  expect(second.statusCode).toBe(429);
});

it("is for browsers with a session, of this site alone", async () => {
  const app: AppUnderTest = await appUnderTest();
  open.push(app);
  const sent = async (headers: Record<string, string>) =>
    (await app.send("POST", "/api/report", {}, headers)).statusCode;
  expect([await sent({cookie: ""}), await sent({origin: "http://elsewhere.example"})]).toEqual([401, 403]);
});
