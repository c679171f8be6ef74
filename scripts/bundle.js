// TypeScript of the project as JavaScript bundles in build/, made by esbuild where these sources have none yet. A run
// starts from them in a third of the time that a TypeScript loader takes, and packages in CommonJS are required, which
// spares Node the search for their exports' names.
import {createHash, randomUUID} from "node:crypto";
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync} from "node:fs";
import {dirname, join, relative, resolve, sep} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {lockPath} from "./working-copy.js";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Packages in CommonJS. */
const commonJs =
  /^(@bokuweb\/zstd-wasm|@duckdb\/node-(api|bindings)|@fastify\/(static|swagger)|esbuild|fastify|onnxruntime-node)$/;

/** Entry files of a process or a thread, or a folder of them, and the folders that each imports from. */
export const entries = {
  "cli/flowbook.ts": ["schema", "capture", "models", "loaders", "alerts", "server", "cli", "lab", "src/lib"],
  "capture/import/import-worker.ts": ["capture", "schema"],
  "capture/partitions/writer-thread.ts": ["capture", "schema"],
  "loaders/live/live-analyser-thread.ts": ["loaders", "models", "schema", "capture", "src/lib"],
  "src/data": ["schema", "capture", "models", "loaders", "src/lib", "src/data"],
  "server/queries/query-child.ts": ["server/queries", "loaders", "models", "schema", "capture", "src/lib"]
};

/** Makes every bundle: a process that gives root up cannot write them later. */
export async function bundleAll() {
  for (const entry of Object.keys(entries)) await bundle(entry);
}

/**
 * Path of the bundled entry file, given as a path from the root, or of the folder with those of an entry folder; `folders`
 * are all that it imports from. The bundle's name carries the sources' hash; processes that make it at the same time do not
 * disturb each other.
 */
export async function bundle(entry, folders = entries[entry]) {
  const name = entry.split("/").pop().replace(/\.ts$/, "");
  const folder = join(root, "build", `${name}-${sourcesHash(folders)}`);
  if (!existsSync(folder)) await make(entry, folder);
  return entry.endsWith(".ts") ? join(folder, `${name}.js`) : folder;
}

function sourcesHash(folders) {
  const hash = createHash("sha256")
    .update(`${root}\n`)
    .update(readFileSync(fileURLToPath(import.meta.url)));
  hash.update(readFileSync(lockPath(root)));
  for (const folder of folders) hash.update(folderHash(folder));
  return hash.digest("hex").slice(0, 16);
}

/** Hashes of folders: several bundles are made of the same ones, and reading them is half of a start. */
const known = new Map();

function folderHash(folder) {
  if (known.has(folder)) return known.get(folder);
  const hash = createHash("sha256");
  for (const path of sourcesBelow(folder)) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  known.set(folder, hash.digest("hex"));
  return known.get(folder);
}

/** Paths of a folder's TypeScript, in order; quicker than Node's own recursion. */
function sourcesBelow(folder) {
  return readdirSync(join(root, folder), {withFileTypes: true})
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourcesBelow(path);
      return entry.name.endsWith(".ts") ? [path] : [];
    });
}

async function make(entry, folder) {
  const {build, stop} = await import("esbuild");
  const temporary = `${folder}.${randomUUID()}.tmp`;
  mkdirSync(dirname(folder), {recursive: true});
  try {
    await build({
      entryPoints: filesOf(entry),
      absWorkingDir: root,
      outdir: temporary,
      bundle: true,
      splitting: true,
      platform: "node",
      target: "node20",
      format: "esm",
      packages: "external",
      sourcemap: "linked",
      logLevel: "error",
      banner: {
        js: `import {createRequire as __createRequire} from "node:module"; const require = __createRequire(${JSON.stringify(pathToFileURL(join(root, "package.json")).href)});`
      },
      plugins: [requiredPackages, ownPlaces]
    });
    try {
      renameSync(temporary, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
  } finally {
    // Its process would stay as long as this one, with the rights that this one began with.
    await stop();
    rmSync(temporary, {recursive: true, force: true});
  }
}

function filesOf(entry) {
  const path = join(root, entry);
  if (entry.endsWith(".ts")) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(path, name));
}

const requiredPackages = {
  name: "required-packages",
  setup({onResolve, onLoad}) {
    onResolve({filter: commonJs}, ({path, kind}) =>
      kind === "require-call" ? {path, external: true} : {path, namespace: "required"}
    );
    onLoad({filter: /./, namespace: "required"}, ({path}) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      resolveDir: root
    }));
  }
};

/** Files that look for others beside themselves find them where they lie, not where the bundle does. */
const ownPlaces = {
  name: "own-places",
  setup({onLoad}) {
    onLoad({filter: /\.ts$/}, ({path}) => {
      if (relative(root, path).split(sep).includes("node_modules")) return undefined;
      const contents = readFileSync(path, "utf8")
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
        .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
      return {contents, loader: "ts"};
    });
  }
};
