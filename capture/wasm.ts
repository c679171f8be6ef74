import {execFile} from "node:child_process";
import {createHash, randomUUID} from "node:crypto";
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join, relative, resolve} from "node:path";
import {promisify} from "node:util";
import {waitForLock} from "./partitions/lock.ts";

const root = resolve(import.meta.dirname, "..");
const options = ["-O3", "--runtime", "stub", "--noAssert", "--enable", "simd"];

/** The largest core takes a minute on a slow machine that is busy. */
const longestCompilationMs = 600_000;

/** AssemblyScript of which one module is made: the folder of its `index.ts`, and the folders that it imports from. */
export interface WasmSources {
  readonly core: string;
  readonly parts?: readonly string[];
}

/**
 * Path of the module in `directory`, compiled if it is not there yet for these sources. The file's name is `name` with
 * the sources' hash. Of processes that want it at the same time one compiles it, and the others wait. Throws with the
 * compiler's messages if the sources do not compile.
 */
export async function cachedWasm(name: string, sources: WasmSources, directory = join(root, "build")): Promise<string> {
  const path = join(directory, `${name}-${sourcesHash(sources).slice(0, 16)}.wasm`);
  if (existsSync(path)) return path;
  mkdirSync(directory, {recursive: true});
  const release = await waitForLock(`${path}.lock`, longestCompilationMs);
  try {
    if (!existsSync(path)) await compileInto(path, sources);
    return path;
  } finally {
    release();
  }
}

async function compileInto(path: string, sources: WasmSources): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await compileWasm(sources, temporary);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, {force: true});
  }
}

/** Compiles the sources to `path`. The same sources and compiler give the same bytes. */
export async function compileWasm({core}: WasmSources, path: string): Promise<void> {
  try {
    const entry = join(core, "index.ts");
    await promisify(execFile)(process.execPath, [compilerPath(), entry, ...options, "--outFile", path], {cwd: root});
  } catch (error) {
    const {stderr, stdout} = error as {stderr?: string; stdout?: string};
    throw new Error(`${relative(root, core)} does not compile:\n${stderr || stdout || (error as Error).message}`, {
      cause: error
    });
  }
}

/** SHA-256 over the sources, the compiler's version and its options; line ends of Windows do not count. */
export function sourcesHash({core, parts = []}: WasmSources): string {
  const {devDependencies} = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const hash = createHash("sha256").update(`assemblyscript ${devDependencies.assemblyscript} ${options.join(" ")}\n`);
  for (const folder of [core, ...parts]) {
    const names = readdirSync(folder, {recursive: true, encoding: "utf8"}).filter((name) => name.endsWith(".ts"));
    for (const name of names.map((name) => name.replaceAll("\\", "/")).sort())
      hash.update(`${name}\n`).update(readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n"));
  }
  return hash.digest("hex");
}

/** Path of the compiler, a development dependency. */
function compilerPath(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve("assemblyscript/package.json");
    return join(dirname(manifest), "bin", "asc.js");
  } catch (error) {
    throw new Error("the compiler (assemblyscript) is not installed; npm ci without --omit=dev installs it", {
      cause: error
    });
  }
}
