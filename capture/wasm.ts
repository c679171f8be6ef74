import {execFile} from "node:child_process";
import {createHash, randomUUID} from "node:crypto";
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join, relative, resolve} from "node:path";
import {promisify} from "node:util";

const root = resolve(import.meta.dirname, "..");
const options = ["-O3", "--runtime", "stub", "--noAssert", "--enable", "simd"];

/**
 * Path of a folder of AssemblyScript (its `index.ts`, and what it imports from the folders `parts`) as wasm, compiled
 * where that has not been done for these sources. The file's name is `name` with their hash and that of the compiler's
 * version; processes that compile at the same time do not disturb each other. Throws with the compiler's messages where
 * the sources do not compile.
 */
export async function buildWasm(
  core: string,
  name: string,
  directory = join(root, "build"),
  parts: readonly string[] = []
): Promise<string> {
  const compiler = compilerPath();
  const path = join(directory, `${name}-${sourcesHash([core, ...parts], compiler.version).slice(0, 16)}.wasm`);
  if (existsSync(path)) return path;
  mkdirSync(directory, {recursive: true});
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const entry = join(core, "index.ts");
    await promisify(execFile)(process.execPath, [compiler.path, entry, ...options, "--outFile", temporary], {
      cwd: root
    });
  } catch (error) {
    rmSync(temporary, {force: true});
    const {stderr, stdout} = error as {stderr?: string; stdout?: string};
    throw new Error(`${relative(root, core)} does not compile:\n${stderr || stdout || (error as Error).message}`, {
      cause: error
    });
  }
  renameSync(temporary, path);
  return path;
}

function compilerPath(): {path: string; version: string} {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("assemblyscript/package.json");
  const {version} = JSON.parse(readFileSync(manifest, "utf8")) as {version: string};
  return {path: join(dirname(manifest), "bin", "asc.js"), version};
}

function sourcesHash(folders: readonly string[], version: string): string {
  const hash = createHash("sha256").update(`assemblyscript ${version} ${options.join(" ")}\n`);
  for (const folder of folders) {
    const sources = readdirSync(folder, {recursive: true, encoding: "utf8"}).filter((name) => name.endsWith(".ts"));
    for (const name of sources.map((name) => name.replaceAll("\\", "/")).sort())
      hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}
