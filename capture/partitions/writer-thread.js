// The first file of the writer's thread, in plain JavaScript: runs writer-thread.ts as one bundled module, made where
// these sources have none yet. A thread would need a TypeScript loader of its own otherwise (0.15 CPU s each start).
import {createHash} from "node:crypto";
import {existsSync, readdirSync, readFileSync, renameSync, rmSync} from "node:fs";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";
import {threadId} from "node:worker_threads";

const root = resolve(import.meta.dirname, "../..");
/** Folders that the thread's modules lie in. */
const folders = ["capture/partitions", "capture/meter", "schema"];

const bundle = join(root, "build", `writer-thread-${sourcesHash()}.mjs`);
if (!existsSync(bundle)) await make();
await import(pathToFileURL(bundle).href);

function sourcesHash() {
  const hash = createHash("sha256");
  for (const folder of folders)
    for (const name of readdirSync(join(root, folder)).sort())
      if (name.endsWith(".ts")) hash.update(`${folder}/${name}\n`).update(readFileSync(join(root, folder, name)));
  return hash.digest("hex").slice(0, 16);
}

async function make() {
  const {build} = await import("esbuild");
  const temporary = `${bundle}.${process.pid}.${threadId}.tmp`;
  try {
    await build({
      entryPoints: [join(import.meta.dirname, "writer-thread.ts")],
      outfile: temporary,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      logLevel: "silent"
    });
    renameSync(temporary, bundle);
  } finally {
    rmSync(temporary, {force: true});
  }
}
