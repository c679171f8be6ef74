import {existsSync, mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {openTrino, trinoPlace} from "../../loaders/engines/trino.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {RolledModels} from "../../loaders/lake/rollup-files.ts";
import {verdictRows} from "../../schema/verdicts.ts";
import {startCluster} from "./cluster.ts";
import {declareTables, freePort, rollupTables, writeTables} from "./tables.ts";

/**
 * `npm run engine:up [LAKE] [WORKERS]`: a Trino cluster on this machine over what the lake's tables show now (the project's own
 * lake and two workers without arguments), until it is interrupted. It prints the address that `flowbook query --engine trino` takes.
 */
const lake = resolve(process.argv[2] ?? "data/lake");
if (!existsSync(join(lake, "captures"))) {
  console.error(
    `there is no lake at ${lake}: npm start makes the first one, or name another: npm run engine:up -- LAKE`
  );
  process.exit(4);
}
const workers = Number(process.argv[3] ?? 2);
const folder = mkdtempSync(join(tmpdir(), "flowbook-engine-"));
for (const name of ["tables", "metastore"]) mkdirSync(join(folder, name));
try {
  console.error(`writing the tables of ${lake} as they are now`);
  const duck = await openLake(lake, {exportFolder: join(folder, "tables"), timeoutMs: 600_000});
  const model = String((await duck.query(`SELECT max(model) FROM ${verdictRows}`)).rows[0][0]);
  const more = new RolledModels(lake).has(model) ? rollupTables(model) : [];
  await writeTables(duck, join(folder, "tables"), more).finally(() => duck.close());
  console.error(`starting a coordinator and ${workers} workers: a minute, and some more the first time`);
  const cluster = await startCluster({folder, port: await freePort(), workers});
  try {
    await declareTables(openTrino(trinoPlace(cluster.address)), "flowbook", "local:///tables", more);
    console.log(`FLOWBOOK_TRINO=${cluster.address} npx flowbook query --engine trino "SELECT count(*) FROM flows"`);
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
