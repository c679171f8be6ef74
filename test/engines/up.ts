import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {openTrino, trinoPlace} from "../../loaders/engines/trino.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {startCluster} from "./cluster.ts";
import {declareTables, freePort, writeTables} from "./tables.ts";

/**
 * `npm run engine:up [LAKE] [WORKERS]`: a Trino cluster on this machine over what the lake's tables show now (the project's own
 * lake and two workers without arguments), until it is interrupted. It prints the address that `flowbook query --engine trino` takes.
 */
const lake = resolve(process.argv[2] ?? "data/lake");
const workers = Number(process.argv[3] ?? 2);
const folder = mkdtempSync(join(tmpdir(), "flowbook-engine-"));
for (const name of ["tables", "metastore"]) mkdirSync(join(folder, name));
try {
  const duck = await openLake(lake, {exportFolder: join(folder, "tables"), timeoutMs: 600_000});
  await writeTables(duck, join(folder, "tables")).finally(() => duck.close());
  const cluster = await startCluster({folder, port: await freePort(), workers});
  try {
    await declareTables(openTrino(trinoPlace(cluster.address)), "flowbook", "local:///tables");
    console.log(`FLOWBOOK_TRINO=${cluster.address} flowbook query --engine trino "SELECT count(*) FROM flows"`);
    console.log("Ctrl-C ends it.");
    await new Promise<void>((end) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end());
      // A promise alone does not keep a process running.
      setInterval(() => {}, 60_000);
    });
  } finally {
    await cluster.stop();
  }
} finally {
  rmSync(folder, {recursive: true, force: true});
}
process.exit();
