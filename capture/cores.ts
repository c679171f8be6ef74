import {existsSync} from "node:fs";
import {mkdir, readFile, writeFile} from "node:fs/promises";
import {dirname, join} from "node:path";
import {cachedWasm, compileWasm, sourcesHash, type WasmSources} from "./wasm.ts";

const folder = (name: string) => join(import.meta.dirname, name);

/** The AssemblyScript modules that ship compiled, each as `wasm/NAME.wasm`. */
export const cores = {
  meter: {core: folder("core")},
  encoder: {core: folder("core/encoder")},
  trees: {core: folder("../models/core")}
} satisfies Record<string, WasmSources>;

export type CoreName = keyof typeof cores;

/** Characters of the sources' hash, which stands at the end of a shipped module as a custom section. */
const hashLength = 64;

/** Where the module lies that ships with the program. */
export function shippedPath(name: CoreName): string {
  return folder(`wasm/${name}.wasm`);
}

/** Bytes of a module, as `moduleBytes` finds them. */
export function coreBytes(name: CoreName): Promise<Uint8Array<ArrayBuffer>> {
  return moduleBytes(name, cores[name], shippedPath(name));
}

/**
 * Bytes of a module. The one shipped at `shipped` is used unless its sources lie here and have been changed since it
 * was built; then they are compiled, once for each state of the sources, into `cache` (default: build/).
 */
export async function moduleBytes(
  name: string,
  sources: WasmSources,
  shipped: string,
  cache?: string
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readFile(shipped).catch(() => null);
  const isCurrent = bytes && (!existsSync(sources.core) || hashOf(bytes) === sourcesHash(sources));
  return new Uint8Array(isCurrent ? bytes : await readFile(await cachedWasm(name, sources, cache)));
}

/** Builds the module that ships at `path`: the compiler's output with the hash of its sources at the end. */
export async function buildShipped(sources: WasmSources, path: string): Promise<void> {
  await mkdir(dirname(path), {recursive: true});
  const hash = sourcesHash(sources);
  await compileWasm(sources, path);
  await writeFile(path, Buffer.concat([await readFile(path), customSection("sources", hash)]));
}

/** Hash of the sources that a shipped module was built from. */
export function hashOf(module: Uint8Array): string {
  return Buffer.from(module.subarray(-hashLength)).toString("latin1");
}

/** A custom section of fewer than 128 bytes (WebAssembly 1.0 §5.5.3); engines ignore it. */
function customSection(name: string, content: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, 1 + name.length + content.length, name.length]),
    Buffer.from(name + content, "latin1")
  ]);
}
