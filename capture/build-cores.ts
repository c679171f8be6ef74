// `npm run cores`: writes what the cores know of the schema, then builds the modules that ship compiled, those whose
// sources have changed since.
import {readFileSync, writeFileSync} from "node:fs";
import {join, relative} from "node:path";
import {coreColumns} from "./core-columns.ts";
import {buildShipped, type CoreName, cores, hashOf, shippedPath} from "./cores.ts";
import {sourcesHash} from "./wasm.ts";

const columns = join(import.meta.dirname, "core/dissect/columns.ts");
if (readFileSync(columns, "utf8") !== coreColumns()) writeFileSync(columns, coreColumns());

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
