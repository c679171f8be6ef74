import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, expect, it} from "vitest";
import {resultPath} from "../../loaders/results/freshness-ledger.ts";
import {appUnderTest} from "./app-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-links-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

it("a result is served as a file of the lake only, never what a link in its place leads to", async () => {
  const lake = join(folder, "lake");
  mkdirSync(join(resultPath(lake, "data")), {recursive: true});
  writeFileSync(join(folder, "secret"), "of somebody else");
  writeFileSync(resultPath(lake, "data/file.json"), "[1]");
  symlinkSync(join(folder, "secret"), resultPath(lake, "data/link.json"));
  mkdirSync(resultPath(lake, "data/folder.json"));
  const site = {
    answer() {},
    upgrade() {},
    close() {},
    prepare: async () => {},
    tablesOf: async () => [],
    resultOf: (path: string) => resultPath(lake, path.slice(1))
  };
  const app = await appUnderTest({lake, site});
  const get = async (name: string) => {
    const {statusCode, body} = await app.send("GET", `/_file/data/${name}`);
    return [statusCode, body];
  };
  expect(await get("file.json")).toEqual([200, "[1]"]);
  for (const name of ["link.json", "folder.json", "none.json"])
    expect(await get(name)).toEqual([404, "not made yet\n"]);
  await app.close();
});
