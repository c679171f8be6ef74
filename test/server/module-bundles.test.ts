import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {pathToFileURL} from "node:url";
import {afterAll, beforeAll, expect, it} from "vitest";
import {bundle} from "../../scripts/bundle.js";
import {clientFile, withClientVersion} from "../../server/notebook/client-files.ts";
import {useLocalModules} from "../../server/notebook/local-modules.ts";
import {bundleModules, type ModuleBundles} from "../../server/notebook/module-bundles.ts";

const root = mkdtempSync(join(tmpdir(), "flowbook-module-bundles-"));

const sources: Readonly<Record<string, string>> = {
  "lib/names.ts": "export const first: string = 'a';\nexport const counter = {reads: 0};\n",
  "lib/types.ts": "export interface Row {readonly name: string}\n",
  "components/plain.ts":
    "import {counter, first} from '../lib/names.js';\nexport const plain = () => first + ++counter.reads;\n",
  "components/loads.ts":
    'import {FileAttachment} from "observablehq:stdlib";\nimport {counter} from "../lib/names.js";\nexport const loaded = {counter, file: () => FileAttachment("../data/x.json")};\n',
  "components/page.ts":
    "import {loaded} from './loads.js';\nexport function names() { return loaded; }\nexport const later = () => import('./odd.js');\n",
  "components/odd.ts": 'import * as inputs from "npm:@observablehq/inputs";\nexport const odd = inputs;\n',
  "components/with-odd.ts": "export {odd} from './odd.js';\n"
};

let bundles: ModuleBundles;
const fileNames = () =>
  ["shared", "data"].map(
    (name) => new RegExp(`_modules/(${name}-[0-9a-f]+\\.js)`).exec(page(["plain", "page"]))?.[1] ?? ""
  );

/** A page as Framework renders it. */
const page = (names: readonly string[], cell = "") =>
  bundles.page(
    `<link rel="modulepreload" href="./_import/components/plain.js?sha=1">\n<link rel="modulepreload" href="./_npm/apache-arrow@1.0.0/_esm.js">\n<script type="module">\nconst all = await Promise.all([${names.map((name) => `import("./_import/components/${name}.js?sha=2")`).join(", ")}]);${cell}\n</script>`,
    "d1"
  );

beforeAll(async () => {
  for (const [name, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(root, name)), {recursive: true});
    writeFileSync(join(root, name), text);
  }
  // As the notebook's configuration does: no package is asked for elsewhere.
  useLocalModules({root: join(import.meta.dirname, "../.."), cache: "src/.observablehq/cache"});
  bundles = await bundleModules(root, "v1");
});
afterAll(() => rmSync(root, {recursive: true, force: true}));

it("a page imports its modules from two files, and those that need other packages one by one", () => {
  const [shared, data] = fileNames();
  const made = page(["plain", "page", "odd", "with-odd"]);
  expect(made).toContain(`import("./_modules/${shared}").then((modules) => modules["/components/plain.js"])`);
  expect(made).toContain(`import("./_modules/${data}?of=d1").then((modules) => modules["/components/page.js"])`);
  expect(made).toContain(
    'import("./_import/components/odd.js?sha=2"), import("./_import/components/with-odd.js?sha=2")'
  );
  expect(made).not.toContain("_import/components/plain.js");
  // A decoder that no module of this page needs at once is not loaded ahead, unless the page may need it itself.
  expect(page(["plain"])).not.toContain("apache-arrow");
  expect(page(["plain"], 'FileAttachment("x.parquet")')).toContain("apache-arrow");
});

it("a module exists once, whether a page imports a bundle or a cell its own address", async () => {
  const [shared, data] = fileNames();
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(root, name)), {recursive: true});
    writeFileSync(join(root, name), text);
    return pathToFileURL(join(root, name)).href;
  };
  write("site/package.json", '{"type": "module"}');
  write("site/_observablehq/stdlib.js", "export const FileAttachment = (name, base) => new URL(name, base).href;");
  const all = await import(write(`site/_modules/${shared}`, bundles.file(shared) ?? ""));
  const loading = await import(`${write(`site/_modules/${data}`, bundles.file(data) ?? "")}?of=d1`);
  const {plain} = await import(
    write("site/_import/components/plain.js", bundles.facade("/components/plain.js", "d1") ?? "")
  );
  const {names} = await import(
    write("site/_import/components/page.js", bundles.facade("/components/page.js", "d1") ?? "")
  );
  expect(plain()).toBe("a1");
  expect(all["/components/plain.js"].plain()).toBe("a2");
  expect(names().counter).toBe(all["/lib/names.js"].counter);
  expect(names()).toBe(loading["/components/loads.js"].loaded);
  expect(names().file()).toBe(pathToFileURL(join(root, "site/data/x.json")).href);
});

it("a page whose data changed loads the modules that read data anew, and no others", () => {
  expect(bundles.facade("/components/loads.js", "d2")).toContain(`${fileNames()[1]}?of=d2"`);
  expect(bundles.facade("/components/plain.js", "d2")).toBe(bundles.facade("/components/plain.js", "d1"));
  expect(bundles.facade("/components/odd.js", "d1")).toBeNull();
  const named: string[] = [];
  const before = bundles.dataHash((path) => `${named.push(path)}`);
  expect(named).toEqual(["/data/x.json"]);
  expect(bundles.dataHash(() => "other")).not.toBe(before);
});

it("a module that is edited ends the bundles", () => {
  expect(bundles.isCurrent()).toBe(true);
  writeFileSync(join(root, "lib/names.ts"), `${sources["lib/names.ts"]}export const more = 1;\n`);
  expect(bundles.isCurrent()).toBe(false);
});

it("Framework's client has one address with a version, to which the plain one leads", () => {
  expect(withClientVersion('import {open} from "./_observablehq/client.js";', "v1")).toBe(
    'import {open} from "./_observablehq/client.js?v=v1";'
  );
  expect(clientFile("/_observablehq/stdlib.js", "v1")).toEqual({leadsTo: 'export * from "./stdlib.js?v=v1";\n'});
  expect(clientFile("/_observablehq/theme.css", "v1")).toBeNull();
  const file = clientFile("/_observablehq/client.js?v=v1", "v1");
  expect(file && "mend" in file && file.mend("import {a} from './stdlib.js';import('./stdlib/dot.js')")).toBe(
    "import {a} from './stdlib.js?v=v1';import('./stdlib/dot.js')"
  );
});

it("a notebook whose folders are links, as one that is served from a copy, has the same two files", async () => {
  const copy = mkdtempSync(join(tmpdir(), "flowbook-module-bundles-copy-"));
  try {
    for (const name of ["lib", "components"]) symlinkSync(join(root, name), join(copy, name));
    const [own, copied] = [await bundleModules(root, "v1"), await bundleModules(copy, "v1")];
    const html = '<script type="module">import("./_import/components/page.js?sha=2")</script>';
    const made = own.page(html, "d1");
    expect(copied.page(html, "d1")).toBe(made);
    const [shared] = /shared-[0-9a-f]+\.js/.exec(made)!;
    expect(copied.file(shared)).toBe(own.file(shared));
  } finally {
    rmSync(copy, {recursive: true, force: true});
  }
});

it("are the same where a server runs from its bundle, as users run it", async () => {
  const path = await bundle("server/notebook/module-bundles.ts", ["server/notebook"]);
  const asUsersRun = (await import(pathToFileURL(path).href)) as {bundleModules: typeof bundleModules};
  const [own, theirs] = [await bundleModules(root, "v1"), await asUsersRun.bundleModules(root, "v1")];
  const made = own.page('<script type="module">import("./_import/components/page.js?sha=2")</script>', "d1");
  const [data] = /data-[0-9a-f]+\.js/.exec(made)!;
  expect(own.file(data)).toContain("import.meta");
  expect(theirs.file(data)).toBe(own.file(data));
}, 60_000);
