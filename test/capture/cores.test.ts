import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {generatedSources} from "../../capture/core-columns.ts";
import {buildShipped, type CoreName, coreBytes, cores, moduleBytes, shippedPath} from "../../capture/cores.ts";
import {cachedWasm, sourcesHash} from "../../capture/wasm.ts";

const folder = mkdtempSync(join(tmpdir(), "cores-"));
afterAll(() => rmSync(folder, {recursive: true}));

it.each(Object.keys(generatedSources))("%s is what the schema gives", (path) => {
  const file = join(import.meta.dirname, "../../capture", path);
  expect(readFileSync(file, "utf8"), "if not: npm run cores").toBe(generatedSources[path]());
});

describe("the modules that ship compiled", () => {
  for (const name of Object.keys(cores) as CoreName[])
    it(`${name}.wasm is byte for byte what the compiler makes of its sources`, async () => {
      const fresh = join(folder, `${name}.wasm`);
      await buildShipped(cores[name], fresh);
      expect(readFileSync(fresh).equals(readFileSync(shippedPath(name))), "if not: npm run cores").toBe(true);
    });

  it("are loaded as they lie there while their sources are unchanged", async () => {
    for (const name of Object.keys(cores) as CoreName[])
      expect(readFileSync(shippedPath(name)).equals(await coreBytes(name))).toBe(true);
  });
});

describe("a module of one's own", () => {
  const sources = {core: join(folder, "core")};
  const shipped = join(folder, "answer.wasm");
  const write = (answer: number, lineEnd = "\n") =>
    writeFileSync(
      join(sources.core, "index.ts"),
      ["export function answer(): i32 {", `  return ${answer};`, "}", ""].join(lineEnd)
    );
  const answerOf = async (cache: string) => {
    const {instance} = await WebAssembly.instantiate(
      await moduleBytes("answer", sources, shipped, join(folder, cache)),
      {}
    );
    return (instance.exports.answer as () => number)();
  };

  beforeAll(async () => {
    mkdirSync(sources.core);
    write(1);
    await buildShipped(sources, shipped);
  });

  it("is loaded as it was built, also where line ends are those of Windows", async () => {
    write(1, "\r\n");
    expect(await answerOf("unused")).toBe(1);
    expect(readdirSync(folder)).not.toContain("unused");
  });

  it("is compiled where its sources were changed", async () => {
    write(2);
    expect(await answerOf("changed")).toBe(2);
    expect(readdirSync(join(folder, "changed"))).toEqual([`answer-${sourcesHash(sources).slice(0, 16)}.wasm`]);
  });

  it("is compiled once when several ask at the same time", async () => {
    const cache = join(folder, "once");
    const paths = await Promise.all([cachedWasm("answer", sources, cache), cachedWasm("answer", sources, cache)]);
    expect(paths[1]).toBe(paths[0]);
    expect(readdirSync(cache).map((name) => join(cache, name))).toEqual([paths[0]]);
  });

  it("that does not compile says why", async () => {
    writeFileSync(join(sources.core, "index.ts"), "export function answer(): i32 { return nothing; }\n");
    await expect(answerOf("broken")).rejects.toThrow(/core does not compile:[\s\S]*Cannot find name 'nothing'/);
    expect(readdirSync(join(folder, "broken"))).toEqual([]);
  });

  it("needs no sources where they are not shipped", async () => {
    rmSync(sources.core, {recursive: true});
    expect(await answerOf("unused")).toBe(1);
  });
});
