import {createHash} from "node:crypto";
import {createReadStream, readFileSync, statSync} from "node:fs";
import {basename, isAbsolute, join, relative, sep} from "node:path";
import {build} from "esbuild";
import {partFiles, sealedParts} from "../../capture/partitions/layout.ts";
import {lakeDamage} from "../../capture/partitions/lost-files.ts";
import {tables} from "../../schema/tables.ts";
import {lockPath} from "../../scripts/working-copy.js";
import {readExperiments} from "./experiments.ts";
import type {Inputs} from "./freshness.ts";

/** A sealed file's hash, kept so that a file is read once; size and time only tell whether to read it again. */
export interface PartRecord {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

export type Parts = Readonly<Record<string, PartRecord>>;

/**
 * The lake's tables as inputs: one hash a table, over the names and content hashes of its sealed Parquet files. `known`
 * are the parts of the last call; a file of the same size and time is not read again. Returns the parts found, too.
 */
export async function tableInputs(lake: string, known: Parts): Promise<{inputs: Inputs; parts: Parts}> {
  const parts: Record<string, PartRecord> = {};
  const tables = new Map<string, ReturnType<typeof createHash>>();
  for (const path of sealedFiles(lake)) {
    const {size, mtimeMs} = statSync(join(lake, path));
    const old = known[path];
    const same = old !== undefined && old.size === size && old.mtimeMs === mtimeMs;
    parts[path] = same ? old : {size, mtimeMs, sha256: await fileHash(join(lake, path))};
    const table = path.slice(0, path.indexOf("/"));
    const hash = tables.get(table) ?? createHash("sha256");
    tables.set(table, hash.update(path).update("\0").update(parts[path].sha256).update("\0"));
  }
  const inputs = Object.fromEntries([...tables].map(([table, hash]) => [`table ${table}`, hash.digest("hex")]));
  const damage = lakeDamage(lake);
  if (damage.length > 0) inputs[`table ${damageInput}`] = textHash(JSON.stringify(damage));
  const experiments = readExperiments(lake);
  if (experiments.length > 0) inputs[`table ${experimentsInput}`] = textHash(JSON.stringify(experiments));
  return {inputs, parts};
}

/** The name by which a loader says that it reads what is damaged in the lake. */
export const damageInput = "damage";

/** The name by which a loader says that it reads the lake's training runs. */
export const experimentsInput = "experiments";

/** Files of sealed parts that readers see, sorted, as `table/file.parquet`; a part that is being written is not there yet. */
function sealedFiles(lake: string): string[] {
  const parts = sealedParts(lake);
  return tables.flatMap(({name}) => partFiles(lake, name, parts).map(({path}) => `${name}/${basename(path)}`)).sort();
}

/**
 * A loader's source as inputs: its file and every file of the project that it imports, directly or not; packages count
 * by the lock. Files in other languages count alone. Throws where an import leads nowhere.
 */
export async function sourceInputs(project: string, loader: string): Promise<Inputs> {
  const files = /\.[jt]s$/.test(loader) ? await importedFiles(project, loader) : [loader];
  return Object.fromEntries(
    files.sort().map((file) => [`source ${file}`, textHash(readFileSync(join(project, file)))])
  );
}

async function importedFiles(project: string, loader: string): Promise<string[]> {
  const {metafile} = await build({
    entryPoints: [loader],
    absWorkingDir: project,
    bundle: true,
    write: false,
    metafile: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "silent",
    // A wasm or a model that is imported counts by its bytes.
    loader: {".wasm": "empty", ".onnx": "empty", ".json": "json"}
  });
  return Object.keys(metafile.inputs).map((path) => {
    const name = isAbsolute(path) ? relative(project, path) : path;
    return name.split(sep).join("/");
  });
}

/** The installed packages as an input: another DuckDB may answer differently. */
export function packageInputs(project: string): Inputs {
  return {packages: textHash(readFileSync(lockPath(project)))};
}

/** Settings as inputs, one each, by their JSON. */
export function settingInputs(settings: Readonly<Record<string, unknown>>): Inputs {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`setting ${name}`, textHash(JSON.stringify(value) ?? "undefined")])
  );
}

/** SHA-256 of a file in hex, read as a stream. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, {highWaterMark: 1 << 20})) hash.update(chunk);
  return hash.digest("hex");
}

function textHash(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}
