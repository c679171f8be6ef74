import {spawnSync} from "node:child_process";
import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join, resolve} from "node:path";
import {build} from "esbuild";
import {afterAll, expect, it} from "vitest";
import {bundle, entries} from "../../scripts/bundle.js";

const root = resolve(import.meta.dirname, "../..");
const top = mkdtempSync(join(tmpdir(), "flowbook-loader-"));
afterAll(() => rmSync(top, {recursive: true, force: true}));

it("a bundle is made anew when a file that it imports changes: all lie in the folders that are listed for it", async () => {
  for (const [entry, folders] of Object.entries(entries)) {
    const files = entry.endsWith(".ts") ? [entry] : readdirSync(join(root, entry)).map((name) => `${entry}/${name}`);
    const {metafile} = await build({
      entryPoints: files.filter((name) => name.endsWith(".ts")),
      absWorkingDir: root,
      outdir: "unused",
      bundle: true,
      write: false,
      metafile: true,
      packages: "external",
      platform: "node",
      format: "esm",
      loader: {".wasm": "empty"}
    });
    const elsewhere = Object.keys(metafile.inputs)
      .filter((path) => path.endsWith(".ts"))
      .filter((path) => path !== entry && !folders.some((folder) => path.startsWith(`${folder}/`)));
    expect([entry, elsewhere]).toEqual([entry, []]);
  }
});

it("all loaders of the notebook are in one folder; a reader's is loaded as it lies", async () => {
  const names = readdirSync(join(root, "src/data")).filter((name) => name.endsWith(".ts"));
  const made = readdirSync(await bundle("src/data")).map((name) => basename(name));
  expect(names.map((name) => name.replace(/ts$/, "js")).filter((name) => !made.includes(name))).toEqual([]);
  mkdirSync(join(top, "src/data"), {recursive: true});
  writeFileSync(join(top, "src/data/own.txt.ts"), 'const word: string = process.argv.length + ""; console.log(word);');
  const loader = join(root, "loaders/results/run-loader.js");
  const {stdout, status} = spawnSync(process.execPath, [loader, join(top, "src/data/own.txt.ts")], {encoding: "utf8"});
  expect([status, stdout]).toEqual([0, "2\n"]);
});
