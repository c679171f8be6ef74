import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../capture/import/import.ts";
import {capturesOf} from "../../capture/partitions/known.ts";
import {Jobs, type Work} from "../../server/jobs.ts";
import {lakeWork} from "../../server/work.ts";
import {type AppUnderTest, appUnderTest} from "./app-under-test.ts";
import {smallCapture} from "./small-capture.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-lake-captures-"));
const lake = join(folder, "lake");
const path = join(folder, "small.pcap");
let app: AppUnderTest;
let sha256: string;
const done: unknown[][] = [];

beforeAll(async () => {
  writeFileSync(path, smallCapture({flows: 3, port: 5000, start: 1_700_000_000}));
  await importCaptures([path], {lake, clock: Date.now});
  [{capture_sha256: sha256}] = await capturesOf(lake);
  const note =
    (name: string) =>
    async (...said: unknown[]) => {
      done.push([name, said[0]]);
      return {error: null, summary: null};
    };
  const work = {
    importFile: note("import"),
    importAgain: note("again"),
    forget: note("forget"),
    renew: note("renew"),
    states: async () => [{name: "data/x.json"}]
  } as unknown as Work;
  app = await appUnderTest({lake, jobs: new Jobs(lake, work, () => 0)});
});
afterAll(async () => {
  await app.close();
  rmSync(folder, {recursive: true, force: true});
});

describe("a capture of the lake", () => {
  it("is forgotten or read again as a run, and none that the lake does not have", async () => {
    expect((await app.send("DELETE", `/api/captures/${sha256}`)).statusCode).toBe(202);
    expect((await app.send("POST", `/api/captures/${sha256}/import`, {})).statusCode).toBe(202);
    const unknown = await app.send("DELETE", `/api/captures/${"0".repeat(64)}`);
    expect([unknown.statusCode, unknown.json().error]).toEqual([404, `the lake has no capture ${"0".repeat(64)}`]);
    await expect.poll(() => done.length).toBe(4);
    const capture = {sha256, path};
    expect(done.splice(0)).toEqual([
      ["forget", capture],
      ["renew", false],
      ["again", capture],
      ["renew", false]
    ]);
  });

  it("has one result made again by its name, and none of another name", async () => {
    const refused = await app.send("POST", "/api/run", {result: "data/y.json"});
    expect([refused.statusCode, refused.json().field]).toEqual([400, "result"]);
    expect((await app.send("POST", "/api/run", {result: "data/x.json"})).statusCode).toBe(202);
    await expect.poll(() => done.splice(0)).toEqual([["renew", "data/x.json"]]);
  });

  it("comes again from its file, and is gone with its rows once it is forgotten", async () => {
    const project = resolve(import.meta.dirname, "../..");
    const work = lakeWork({lake, project, settings: {}, now: Date.now, keptBytes: 0});
    const {signal} = new AbortController();
    const [{part}] = await capturesOf(lake);
    expect(await work.importAgain({sha256, path}, signal)).toMatchObject({
      error: null,
      summary: {captures: [{sha256}]}
    });
    expect((await capturesOf(lake)).map((known) => [known.capture_sha256, known.part !== part])).toEqual([
      [sha256, true]
    ]);
    writeFileSync(path, "another file");
    expect((await work.importAgain({sha256, path}, signal)).error).toContain("is not where it was");
    expect(await work.forget({sha256, path}, signal)).toMatchObject({
      error: null,
      summary: {sha256, rows_removed: true}
    });
    expect(await capturesOf(lake)).toEqual([]);
  });
});
