import {createHash} from "node:crypto";
import {existsSync, readFileSync} from "node:fs";
import {join, posix, relative, sep} from "node:path";
import {build, type Plugin} from "esbuild";
import {clientAddress} from "./client-files.ts";
import {getModuleInfo, resolveNpmImport} from "./framework-modules.ts";
import {describeModule, reaching, readModules, usualPackages} from "./module-graph.ts";

/**
 * The notebook's own modules as two files. A page imports some hundred of them, and a browser spends more on asking for so
 * many than on running them; of two files it keeps the compiled code, too. What loads no data is in `shared`; what does, or
 * imports what does, is in `data`, which a page that hears of new data loads anew, as it would each module. A module that
 * imports other packages than charts need stands alone, and with it whatever imports it.
 */
export interface ModuleBundles {
  /** A page that imports from the bundles; `dataHash` differs where the data do. */
  page(html: string, dataHash: string): string;
  /** Stands at a module's own address, for cells that a page is sent later; null where the module stands alone. */
  facade(path: string, dataHash: string): string | null;
  /** A bundle by its name below `/_modules/`. */
  file(name: string): string | null;
  /** Differs where the data that the modules load do. */
  dataHash(hashOf: (path: string) => string): string;
  /** Whether the sources are what the bundles were made of; a page whose modules are edited loads them one by one. */
  isCurrent(): boolean;
}

/** Bundles the modules as they are now. Throws where they do not fit together; pages then load them one by one. */
export async function bundleModules(root: string, clientVersion: string): Promise<ModuleBundles> {
  const found = (await readModules(root)).flatMap((path) => describeModule(root, path) ?? []);
  const modules = new Map(found.map((module) => [module.path, module]));
  const alone = reaching(modules, ({standsAlone}) => standsAlone);
  const loading = reaching(modules, ({files}) => files.length > 0);
  const bundled = found.map(({path}) => path).filter((path) => !alone.has(path));
  const exports = await exportsOf(root, bundled);
  const packages = new Map<string, string>();
  for (const name of usualPackages)
    if (name.startsWith("npm:")) packages.set(name, await resolveNpmImport(root, name.slice(4)));

  const make = async (name: string, paths: readonly string[], other: Bundle | null): Promise<Bundle> => {
    const text = await bundleOf({root, clientVersion, paths, exports, packages, other});
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
    return {name: `${name}-${hash}.js`, text, paths: new Set(paths)};
  };
  const shared = await make(
    "shared",
    bundled.filter((path) => !loading.has(path)),
    null
  );
  const data = await make(
    "data",
    bundled.filter((path) => loading.has(path)),
    shared
  );
  const addressOf = (path: string, dataHash: string) =>
    shared.paths.has(path) ? shared.name : data.paths.has(path) ? `${data.name}?of=${dataHash}` : null;
  const needed = preloaded(root, [...packages.values()]);

  return {
    page(html, dataHash) {
      let all = true;
      const [script = ""] = /<script type="module">[\s\S]*?<\/script>/.exec(html) ?? [];
      const imports = script.replace(moduleImport, (whole, up: string, path: string) => {
        const address = addressOf(path, dataHash);
        if (address === null) all = false;
        return address === null
          ? whole
          : `import("${up}_modules/${address}").then((modules) => modules[${JSON.stringify(path)}])`;
      });
      if (imports === script) return html;
      // A reader's own cells may load what no module of ours does.
      const own = !all || /_npm\/|FileAttachment\(/.test(imports);
      let up = "./";
      const lighter = html.replace(modulePreload, (link, folder: string, of: string, path: string) => {
        if (of === "_import") {
          up = folder;
          return addressOf(path, dataHash) === null ? link : "";
        }
        return own || needed.has(`/${of}${path}`) ? link : "";
      });
      const links = [shared.name, `${data.name}?of=${dataHash}`].map(
        (name) => `<link rel="modulepreload" href="${up}_modules/${name}">\n`
      );
      return lighter.replace(script, () => links.join("") + imports);
    },
    facade(path, dataHash) {
      const address = addressOf(path, dataHash);
      if (address === null) return null;
      const up = "../".repeat(path.split("/").length - 1);
      return `export {${renamed(path, exports.get(path) ?? [])}} from "${up}_modules/${address}";\n`;
    },
    file: (name) => [shared, data].find((bundle) => bundle.name === name)?.text ?? null,
    dataHash(hashOf) {
      const hash = createHash("sha256");
      for (const {files} of found) for (const file of files) hash.update(file).update(hashOf(file));
      return hash.digest("hex").slice(0, 16);
    },
    isCurrent: () => bundled.every((path) => getModuleInfo(root, path)?.hash === modules.get(path)?.hash)
  };
}

interface Bundle {
  readonly name: string;
  readonly text: string;
  readonly paths: ReadonlySet<string>;
}

const moduleImport = /import\("((?:\.{1,2}\/)+)_import(\/[^"?]+\.js)\?[^"]*"\)/g;
const modulePreload = /<link rel="modulepreload" href="((?:\.{1,2}\/)+)(_import|_npm)(\/[^"?]+)(?:\?[^"]*)?">\n?/g;

/** A module's export under the name that it has in a bundle. */
const inBundle = (path: string, name: string) => JSON.stringify(`${path} ${name}`);
const renamed = (path: string, names: readonly string[]) =>
  names.map((name) => `${inBundle(path, name)} as ${name}`).join(", ");

const typeScript = {compilerOptions: {verbatimModuleSyntax: true}} as const;

async function exportsOf(root: string, paths: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = paths.map((path) => sourceOf(root, path));
  const {metafile} = await build({
    absWorkingDir: root,
    entryPoints: files,
    outdir: ".",
    write: false,
    metafile: true,
    preserveSymlinks: true,
    format: "esm",
    tsconfigRaw: typeScript,
    logLevel: "silent"
  });
  const found = new Map<string, readonly string[]>();
  for (const {entryPoint, exports} of Object.values(metafile.outputs))
    if (entryPoint) found.set(`/${entryPoint.replace(/ts$/, "js")}`, exports);
  return found;
}

function sourceOf(root: string, path: string): string {
  const source = join(root, path.replace(/js$/, "ts"));
  return existsSync(source) ? source : join(root, path);
}

interface BundleOptions {
  readonly root: string;
  readonly clientVersion: string;
  readonly paths: readonly string[];
  readonly exports: ReadonlyMap<string, readonly string[]>;
  readonly packages: ReadonlyMap<string, string>;
  /** The bundle that this one imports from. */
  readonly other: Bundle | null;
}

async function bundleOf(options: BundleOptions): Promise<string> {
  const {root, paths, exports} = options;
  // Whole for cells, which name a module; each export for facades and the other bundle.
  const contents = paths.flatMap((path) => [
    `export * as ${JSON.stringify(path)} from ".${path}";`,
    `export {${(exports.get(path) ?? []).map((name) => `${name} as ${inBundle(path, name)}`).join(", ")}} from ".${path}";`
  ]);
  const {outputFiles} = await build({
    stdin: {contents: contents.join("\n"), resolveDir: root, loader: "ts"},
    absWorkingDir: root,
    bundle: true,
    // A notebook that is served from a copy has its folders as links: its modules are named by where they are asked for.
    preserveSymlinks: true,
    write: false,
    minifySyntax: true,
    minifyWhitespace: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    tsconfigRaw: typeScript,
    logLevel: "silent",
    plugins: [modulesOf(options)]
  });
  return outputFiles[0].text;
}

function modulesOf({root, clientVersion, paths, exports, packages, other}: BundleOptions): Plugin {
  const own = new Set(paths);
  return {
    name: "modules of the notebook",
    setup({onResolve, onLoad}) {
      onResolve({filter: /^npm:/}, ({path}) => ({path: `..${packages.get(path)}`, external: true}));
      onResolve({filter: /^observablehq:stdlib$/}, () => ({
        path: `..${clientAddress("stdlib", clientVersion)}`,
        external: true
      }));
      onResolve({filter: /^\.{1,2}\//}, ({path, resolveDir, namespace}) => {
        if (namespace === "other bundle") return {path, external: true};
        const name = `/${relative(root, join(resolveDir, path)).split(sep).join("/")}`;
        if (own.has(name)) return undefined;
        if (other?.paths.has(name)) return {path: name, namespace: "other bundle"};
        return {path: `../_import${name}`, external: true};
      });
      onLoad({filter: /.*/, namespace: "other bundle"}, ({path}) => ({
        contents: `export {${renamed(path, exports.get(path) ?? [])}} from "./${other?.name}";`
      }));
      // Framework gives a file the address of the module that names it. Not import.meta dot url: where this file is
      // bundled itself, that becomes its own address.
      onLoad({filter: /\.[jt]s$/}, ({path}) => {
        const text = readFileSync(path, "utf8");
        const name = relative(root, path).split(sep).join("/");
        return {
          contents: text.replace(
            /\bFileAttachment\(("[^"]+")\)/g,
            `FileAttachment($1, new URL(${JSON.stringify(`../${name}`)}, import.meta["url"]).href)`
          ),
          loader: path.endsWith("ts") ? "ts" : "js"
        };
      });
    }
  };
}

/** What pages have to load for these packages: they and what they import. */
function preloaded(root: string, paths: readonly string[]): ReadonlySet<string> {
  const needed = new Set(paths);
  for (const path of needed) {
    const file = join(root, ".observablehq/cache", path);
    if (!existsSync(file)) continue;
    for (const [, from] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"(\.{1,2}\/[^"]+)"/g))
      needed.add(posix.join(posix.dirname(path), from));
  }
  return needed;
}
