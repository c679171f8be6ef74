import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {openTrino, trinoPlace} from "../../loaders/engines/trino.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {startCluster} from "./cluster.ts";
import {declareTables, freePort, writeTables} from "./tables.ts";

/**
 * `npm run engines-kill [FLOWS]`: a coordinator and two workers that make lost tasks again; one worker is killed while both
 * read rows for a query over a made lake (a million flows without a number), whose answer has to be DuckDB's. Fails where the
 * query ended before the kill.
 */
const flows = Number(process.argv[2] ?? 1_000_000);
/** Each flow is counted so many times, so that the query lasts. */
const times = 400;
const folder = mkdtempSync(join(tmpdir(), "flowbook-engines-"));
const shared = join(folder, "shared");
for (const name of ["tables", "metastore", "exchange"]) mkdirSync(join(shared, name), {recursive: true});
await makeLake(join(folder, "lake"), flows);
const duck = await openLake(join(folder, "lake"), {exportFolder: join(shared, "tables"), timeoutMs: 600_000});
await writeTables(duck, join(shared, "tables"));
const figures = (from: string) =>
  `SELECT service, dst_port, count(*), sum(src_wire_bytes + n), min(ts_start), max(ts_end) FROM ${from} GROUP BY service, dst_port ORDER BY 1, 2`;
const right = text((await duck.query(figures(`flows CROSS JOIN range(1, ${times + 1}) AS u(n)`))).rows);
await duck.close();

const cluster = await startCluster({folder: shared, port: await freePort(), workers: 2, retries: true});
const trino = openTrino(trinoPlace(cluster.address));
try {
  await declareTables(trino, "flowbook", "local:///tables");
  const began = performance.now();
  let isDone = false;
  const answer = trino
    .query(figures(`flows CROSS JOIN UNNEST(sequence(1, ${times})) AS u(n)`))
    .finally(() => (isDone = true));
  const reading = await workersThatRead();
  if (isDone) {
    await answer;
    throw new Error(`the query ended before both workers had read rows: take more than ${flows} flows`);
  }
  await cluster.kill(1);
  const killedAfter = performance.now() - began;
  const isEqual = text((await answer).rows) === right;
  const endedAfter = performance.now() - began;
  const seconds = (ms: number) => Math.round(ms / 100) / 10;
  console.log(JSON.stringify({reading, killedAfterS: seconds(killedAfter), endedAfterS: seconds(endedAfter), isEqual}));
  process.exitCode = isEqual ? 0 : 1;

  /** Rows read by each worker, once both have read some. */
  async function workersThatRead(): Promise<Record<string, number>> {
    while (!isDone) {
      const {rows} = await trino.query(
        `SELECT node_id, CAST(sum(processed_input_rows) AS BIGINT) FROM system.runtime.tasks
         WHERE state = 'RUNNING' AND node_id <> 'node-0' AND processed_input_rows > 0 GROUP BY node_id`
      );
      if (rows.length === 2) return Object.fromEntries(rows.map(([node, read]) => [String(node), Number(read)]));
      await sleep(100);
    }
    return {};
  }
} finally {
  await cluster.stop();
  rmSync(folder, {recursive: true, force: true});
}

function text(rows: unknown): string {
  return JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? String(value) : value));
}
