// `npm run cores`: writes what the cores know of the schema, then builds the modules that ship compiled, those whose
// sources have changed since.
import {existsSync, readFileSync, writeFileSync} from "node:fs";
import {join, relative} from "node:path";
import {generatedSources} from "./core-columns.ts";
import {buildShipped, type CoreName, cores, hashOf, shippedPath} from "./cores.ts";
import {sourcesHash} from "./wasm.ts";

for (const [path, source] of Object.entries(generatedSources)) {
  const file = join(import.meta.dirname, path);
  if (!existsSync(file) || readFileSync(file, "utf8") !== source()) writeFileSync(file, source());
}

const isForced = process.argv.includes("--force");
for (const name of Object.keys(cores) as CoreName[]) {
  const path = shippedPath(name);
  if (!isForced && isCurrent(name)) continue;
  await buildShipped(cores[name], path);
  console.log(`${relative(process.cwd(), path)}: ${readFileSync(path).length.toLocaleString("en")} bytes`);
}

function isCurrent(name: CoreName): boolean {
  try {
    return hashOf(readFileSync(shippedPath(name))) === sourcesHash(cores[name]);
  } catch {
    return false;
  }
}
