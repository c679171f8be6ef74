import {spawnSync} from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {checkAnswers} from "../../loaders/export/evidence-bundle.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {describeUnless, noProgram} from "../needs.ts";
import {smallCapture} from "../server/small-capture.ts";

const bin = resolve(import.meta.dirname, "../../bin/flowbook.js");
const top = mkdtempSync(join(tmpdir(), "flowbook-bundle-"));
const [lake, captures, bundle, key] = ["lake", "captures", "bundle", "key"].map((name) => join(top, name));
const flowbook = (...args: string[]) => spawnSync(process.execPath, [bin, ...args], {encoding: "utf8"});
const hasNoKeygen = spawnSync("ssh-keygen", ["-?"]).error ? noProgram("ssh-keygen") : null;

describeUnless(hasNoKeygen)("a bundle of evidence", () => {
  beforeAll(() => {
    mkdirSync(captures);
    writeFileSync(join(captures, "made.pcap"), smallCapture({flows: 60, port: 5000, start: 1_700_000_000}));
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "analyst", "-f", key]);
    expect(flowbook("import", captures, "--lake", lake).status).toBe(0);
    const sql = "SELECT dst_port, count(*) AS flows FROM flows GROUP BY 1 ORDER BY 1";
    expect(flowbook("bundle", "-o", bundle, "--query", sql, "--sign", key, "--lake", lake)).toMatchObject({status: 0});
  }, 240_000);
  afterAll(() => rmSync(top, {recursive: true, force: true}));

  it("holds again when its captures are read again, and says who signed it", () => {
    writeFileSync(join(top, "signers"), `analyst@lab ${readFileSync(`${key}.pub`, "utf8")}`);
    const signers = ["--signers", join(top, "signers"), "--identity", "analyst@lab"];
    const {status, stdout, stderr} = flowbook("verify", bundle, "--captures", captures, ...signers);
    expect([status, stdout]).toEqual([0, `${bundle}: as it was sealed\n`]);
    expect(stderr).toContain('Good "flowbook" signature for analyst@lab');
    expect(readdirSync(join(bundle, "results")).sort()).toEqual(
      ["captures", "flows", "incident_flows", "incidents", "query-1", "verdicts"].map((name) => `${name}.ndjson`)
    );
  }, 120_000);

  it("of a stranger writes nothing else to the terminal, and is told where it is none", () => {
    const strange = join(top, "strange");
    mkdirSync(strange);
    const verified = (manifest: object) => {
      writeFileSync(join(strange, "manifest.json"), JSON.stringify({format: "flowbook evidence 1", ...manifest}));
      const {stdout, stderr} = flowbook("verify", strange);
      return `${stderr}${stdout}`;
    };
    const texts = {flowbook: "\u001b]0;x\u0007", madeAt: "", model: "\u001b[2J", rules: ""};
    const said = verified({...texts, captures: [], queries: [], files: {"\u001b[31mred": "0"}});
    expect(said).toContain("\\u{1b}[31mred is not there\n");
    expect(said.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    for (const manifest of [{}, {...texts, captures: 7, queries: [null], files: null}])
      expect(verified(manifest)).toContain("manifest.json cannot be read: fields are missing, or of other types");
    symlinkSync("/nowhere", join(strange, "link"));
    expect(verified({})).toBe(`flowbook: verify: ${join(strange, "link")} is a link: a bundle has none\n`);
  }, 60_000);

  it("names the file in which one byte was changed, was added or is gone", () => {
    const files = readdirSync(bundle, {recursive: true, encoding: "utf8"}).filter((name) => /\.\w+$/.test(name));
    expect(files.length).toBeGreaterThan(8);
    const copy = join(top, "copy");
    for (const name of files) {
      rmSync(copy, {recursive: true, force: true});
      cpSync(bundle, copy, {recursive: true});
      const bytes = readFileSync(join(copy, name));
      // No incident, no flow of one: there is no byte to change.
      if (bytes.length === 0) continue;
      bytes[Math.floor(bytes.length / 2)] ^= 1;
      writeFileSync(join(copy, name), bytes);
      const {status, stdout} = flowbook("verify", copy);
      expect([name, status, stdout]).toEqual([name, 6, expect.stringContaining(name.replace(/\.sig$/, ""))]);
    }
    rmSync(copy, {recursive: true});
    cpSync(bundle, copy, {recursive: true});
    rmSync(join(top, "copy/results/flows.ndjson"));
    writeFileSync(join(top, "copy/results/more.ndjson"), "{}\n");
    expect(flowbook("verify", join(top, "copy")).stdout).toBe(
      "results/flows.ndjson is not there\nresults/more.ndjson was added\n"
    );
  }, 240_000);

  it("names the statement that is answered otherwise by other captures, and a capture that is not there", () => {
    const others = join(top, "others");
    mkdirSync(others);
    const {stdout, status} = flowbook("verify", bundle, "--captures", others);
    expect([status, stdout]).toEqual([
      6,
      expect.stringMatching(/^the capture made\.pcap \([0-9a-f]{12}…\) is not in /)
    ]);
    expect(existsSync(join(top, "copy"))).toBe(true);
  });
});

it("of an answer that differs, the fields are named, and where in a long text", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-answers-"));
  const engine = await openLake(join(folder, "no lake"), {threads: 1});
  try {
    mkdirSync(join(folder, "results"));
    const row = {a: 1, b: 7, long: `${"x".repeat(3000)}then${"y".repeat(3000)}`};
    writeFileSync(join(folder, "results/query-1.ndjson"), `${JSON.stringify(row)}\n`);
    const sql = "SELECT 1 AS a, 8 AS b, repeat('x', 3000) || 'now' || repeat('y', 3000) AS long";
    const queries = [{name: "query-1", sql, rows: 1, sha256: ""}];
    const manifest = {queries} as unknown as Parameters<typeof checkAnswers>[1];
    const [x, y] = ["x".repeat(30), "y".repeat(200)];
    expect(await checkAnswers(folder, manifest, engine)).toEqual([
      `query-1: 1 rows then, 1 now; row 1: b was 7, is 8; long was …${`${x}then${y}`.slice(0, 100)}…, is …${`${x}now${y}`.slice(0, 100)}…`
    ]);
  } finally {
    await engine.close();
    rmSync(folder, {recursive: true, force: true});
  }
});
