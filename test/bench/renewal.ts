/**
 * `npm run renewal LAKE [SEALS] [FLOWS]`: what it costs a server when a live capture seals a part (three without a number, of
 * ten thousand flows each): CPU of all processes until results and roll-ups are renewed, and the memory of the largest. LAKE is a made
 * one (`test/bench/wide-lake.ts` makes it as large as one likes); its own parts stay, those of the run are removed.
 */
import {createHash} from "node:crypto";
import {readdirSync, readFileSync, rmSync} from "node:fs";
import {loadavg} from "node:os";
import {join, resolve} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {DuckDBInstance} from "@duckdb/node-api";
import {readLedger} from "../../loaders/results/freshness-ledger.ts";
import {schemaVersion} from "../../schema/tables.ts";
import {serveNotebook} from "../browser/notebook-under-test.ts";
import {processCpu} from "./process-cpu.ts";

const lake = resolve(process.argv[2] ?? "");
const seals = Number(process.argv[3] ?? 3);
const flows = Number(process.argv[4] ?? 10_000);
const wanted = {cpuS: 2, memoryMb: 1024};
const patienceMs = 600_000;
const run = "renewal";
const tables = ["flows", "verdicts", "captures"] as const;

const instance = await DuckDBInstance.create(":memory:", {threads: "1", memory_limit: "512MB"});
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");
removeParts();
const served = await serveNotebook({firstCapture: null, lake});
try {
  const [[all]] = await served.rows("SELECT count(*) FROM flows");
  const parts = readdirSync(join(lake, "captures")).length;
  console.info(
    `${Number(all).toLocaleString("en")} flows in ${parts} parts, load of the machine ${loadavg()[0].toFixed(1)}`
  );
  await atRest();
  for (let seal = 1; seal <= seals; seal++) {
    const before = total();
    const runs = readLedger(lake).runs.length;
    const largest = watchMemory();
    const making = ownCpu();
    await sealPart(seal);
    const made = ownCpu() - making;
    await renewed(runs);
    await atRest();
    const cpuS = (total() - before - made) / 1000;
    const {server, other} = largest();
    const steps = readLedger(lake)
      .runs.slice(runs)
      .flatMap(({steps}) => steps.map(({name, state, tookMs}) => `${name} ${state} ${tookMs} ms`));
    console.info(
      `seal ${seal}: ${cpuS.toFixed(2)} CPU s (wanted ${wanted.cpuS}); memory: server ${server} MB, largest process beside it ${other} MB (wanted ${wanted.memoryMb})`
    );
    console.info(`  ${steps.join(", ")}`);
  }
} finally {
  await served.close();
  removeParts();
  instance.closeSync();
}

/** As a live capture seals a part: files of flows and verdicts, and last the row of its capture. */
async function sealPart(seal: number): Promise<void> {
  const capture = createHash("sha256").update("renewal").digest("hex");
  const first = (table: string) => join(lake, table, readdirSync(join(lake, table)).sort()[0]);
  const id = `flow_id + ${seal} * 1000000000000`;
  const replaced = {
    flows: `${id} AS flow_id, '${capture}' AS capture_sha256`,
    verdicts: `${id} AS flow_id, '${capture}' AS capture_sha256`,
    captures: `'${capture}' AS capture_sha256, 'renewal' AS path`
  };
  const chosen = `(SELECT flow_id FROM '${first("flows")}' ORDER BY flow_id LIMIT ${flows})`;
  for (const table of tables) {
    const rows = table === "captures" ? "LIMIT 1" : `WHERE flow_id IN ${chosen}`;
    await connection.run(
      `COPY (SELECT * REPLACE (${replaced[table]}) FROM '${first(table)}' ${rows}) TO '${join(lake, table, `${run}-${seal}.parquet`)}' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {'flowbook.schema_version': '${schemaVersion}'})`
    );
  }
}

function removeParts(): void {
  for (const table of tables.toReversed())
    for (const name of readdirSync(join(lake, table)).filter((name) => name.startsWith(`${run}-`)))
      rmSync(join(lake, table, name));
}

async function renewed(runs: number): Promise<void> {
  const until = performance.now() + patienceMs;
  while (readLedger(lake).runs.length <= runs) {
    if (performance.now() > until) throw new Error(`no renewal in ${patienceMs / 1000} s`);
    await sleep(200);
  }
}

/** Until all processes together have done next to nothing for two seconds. */
async function atRest(): Promise<void> {
  for (let quiet = 0, last = total(); quiet < 2; ) {
    await sleep(1000);
    const now = total();
    quiet = now - last < 150 ? quiet + 1 : 0;
    last = now;
  }
}

function ownCpu(): number {
  return processCpu().own;
}

/** CPU ms of this process, of those that run beneath it and of those that have ended. */
function total(): number {
  const {own, queries, others} = processCpu();
  return own + queries + others;
}

/** The largest resident memory in MB from now on, of this process and of one beneath it. */
function watchMemory(): () => {server: number; other: number} {
  let other = 0;
  const look = () => {
    for (const pid of descendants()) other = Math.max(other, peakMb(pid));
  };
  const timer = setInterval(look, 100);
  return () => {
    clearInterval(timer);
    look();
    return {server: peakMb(process.pid), other};
  };
}

function peakMb(pid: number): number {
  try {
    return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function descendants(): number[] {
  const below = (pid: number): number[] => {
    try {
      return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
        readFileSync(`/proc/${pid}/task/${task}/children`, "latin1")
          .split(" ")
          .filter(Boolean)
          .flatMap((child) => [Number(child), ...below(Number(child))])
      );
    } catch {
      return [];
    }
  };
  return below(process.pid);
}
