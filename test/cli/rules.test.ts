import {spawnSync} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it, vi} from "vitest";
import {rowsToBatch} from "../../capture/partitions/rows-to-batch.ts";
import {openLakeWriter} from "../../capture/partitions/writer.ts";
import {main} from "../../cli/flowbook.ts";
import {capture, probe, rows} from "../../models/rules/fixtures/rows/flow-rows.ts";
import {rules} from "../../models/rules/index.ts";
import {table} from "../../schema/tables.ts";

const bin = resolve(import.meta.dirname, "../../bin/flowbook.js");
let lake: string;

beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), "flowbook-cli-rules-"));
  const writer = openLakeWriter(lake, 1_790_000_000_000);
  writer.write(
    rowsToBatch(
      table("flows"),
      rows(40, (i) => probe({at: i * 0.1, toPort: 1 + i}))
    )
  );
  await writer.seal([{capture_sha256: capture, path: "scan\u202Epcap", flows: 40n, imported_at: 1} as never]);
  await writer.close();
});
afterAll(() => rmSync(lake, {recursive: true, force: true}));

async function run(...args: string[]): Promise<{code: number; out: string; err: string}> {
  const out = vi.spyOn(console, "log").mockImplementation(() => {});
  const err = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    const code = await main([...args, "--lake", lake]);
    return {code, out: out.mock.calls.flat().join("\n"), err: err.mock.calls.flat().join("\n")};
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

it("rules lists every rule with its limits", async () => {
  const {code, out} = await run("rules", "--json");
  expect(code).toBe(0);
  const listed = (JSON.parse(out) as {rules: {name: string; limits: Record<string, unknown>}[]}).rules;
  expect(listed.map(({name}) => name)).toEqual(rules.map(({name}) => name));
  expect(listed[0].limits.tcp_ports).toMatchObject({value: 10, unit: "ports"});
  expect((await run("rules")).out).toContain("port_scan  T1046, medium");
});

it("rules apply judges the lake once, and notices lists what it found", async () => {
  expect(JSON.parse((await run("rules", "apply", "--json")).out)).toEqual({captures: 1, notices: 1, incidents: 1});
  expect(JSON.parse((await run("rules", "apply", "--json")).out)).toEqual({captures: 0, notices: 0, incidents: 0});
  const listed = JSON.parse((await run("notices", "--json")).out) as {notices: {rule: string; flows: number}[]};
  expect(listed.notices.map(({rule, flows}) => [rule, flows])).toEqual([["port_scan", 40]]);
  expect((await run("notices")).out).toContain("in scan\\u{202e}pcap");
});

it("notices ends with 7 where one is as grave as --fail-on says, else with 0", async () => {
  expect((await run("notices", "--fail-on", "medium")).code).toBe(7);
  expect((await run("notices", "--fail-on", "high")).code).toBe(0);
  expect(await run("notices", "--rule", "host_sweep")).toMatchObject({code: 0, out: "no notices"});
});

// All that come with it are run by test/models/rules/rules.test.ts.
it("rules test runs one fixture that comes with it, and those of a folder", async () => {
  const fixture = resolve(import.meta.dirname, "../../models/rules/fixtures/icmp-tunnel.ts");
  const {stdout, status} = spawnSync(process.execPath, [bin, "rules", "test", fixture, "--json"], {encoding: "utf8"});
  const {cases, failed} = JSON.parse(stdout) as {cases: {fixture: string}[]; failed: number};
  expect([status, failed]).toEqual([0, 0]);
  expect(new Set(cases.map((one) => one.fixture))).toEqual(new Set(["icmp-tunnel"]));
  const own = join(lake, "own");
  mkdirSync(own);
  expect(await run("rules", "test", own)).toMatchObject({code: 4, err: expect.stringContaining("found none")});
  writeFileSync(
    join(own, "quiet.ts"),
    `const no: string[] = [];\nexport const cases = [{name: "quiet", flows: [], expected: no}];`
  );
  expect(await run("rules", "test", own)).toMatchObject({code: 0, out: "ok      quiet: quiet\n1 passed, 0 failed"});
  writeFileSync(join(own, "broken.ts"), "export const cases = [");
  expect(await run("rules", "test", own)).toMatchObject({
    code: 4,
    err: expect.stringContaining(join(own, "broken.ts"))
  });
});

it("a wrong rule, severity or action ends with 2 and names what there is", async () => {
  expect(await run("notices", "--rule", "port_scam")).toMatchObject({
    code: 2,
    err: expect.stringContaining("did you mean port_scan?")
  });
  expect(await run("notices", "--fail-on", "grave")).toMatchObject({
    code: 2,
    err: expect.stringContaining("expected info, low, medium, high, found grave")
  });
  expect((await run("rules", "forget")).code).toBe(2);
});
