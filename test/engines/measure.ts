import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {createServer} from "node:net";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {importCaptures} from "../../capture/import/import.ts";
import {openTrino, trinoPlace} from "../../loaders/engines/trino.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {evidenceOf} from "../../loaders/judge/incident-evidence.ts";
import {listIncidents} from "../../loaders/judge/incident-list.ts";
import {judgeLake} from "../../loaders/judge/incidents.ts";
import {listNotices} from "../../loaders/judge/notice-list.ts";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {ask} from "../../loaders/questions/ask.ts";
import {flowsData} from "../../loaders/results/page-data.ts";
import {evaluate} from "../../models/rules/evaluate.ts";
import {rules} from "../../models/rules/index.ts";
import {credentialsView} from "../../schema/credentials-view.ts";
import {quoted} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {lossView} from "../../schema/loss-view.ts";
import {tables} from "../../schema/tables.ts";
import {flowIncidentsView, verdictRows, verdictView} from "../../schema/verdicts.ts";
import {flowTable} from "../../src/lib/flow-table.ts";
import {lossSql} from "../../src/lib/loss-sql.ts";
import {questions} from "../../src/lib/questions/all.ts";
import {gridFor, windowOf} from "../../src/lib/time-grid.ts";
import {randomFilter, randomFrom} from "../pages/random-filter.ts";
import {readParquet} from "../pages/read-parquet.ts";
import {spanOf} from "../pages/span-of.ts";
import {startCluster} from "./cluster.ts";

/**
 * `npm run engines [CAPTURE…]`: a lake of these captures (the demo without any) on DuckDB and on a Trino cluster of a coordinator
 * and two workers; every question for random filters, every rule and what judges, compared. Prints what differs.
 */
const filtersPerQuestion = 3;
const project = resolve(import.meta.dirname, "../..");
const paths = process.argv.length > 2 ? process.argv.slice(2) : [join(project, "data/demo")];
const folder = mkdtempSync(join(tmpdir(), "flowbook-engines-"));
const lake = join(folder, "lake");
const shared = join(folder, "shared");
for (const name of ["tables", "metastore"]) mkdirSync(join(shared, name), {recursive: true});

await importCaptures(paths, {lake, clock: Date.now, sensor: "north"});
const {verdicts} = await classifyNewFlows(lake, {clock: Date.now});
await judgeLake({lake, clock: Date.now, localNets: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]});
const duck = await openLake(lake, {exportFolder: join(shared, "tables"), timeoutMs: 600_000});
const began = performance.now();
const cluster = await startCluster(shared, await freePort(), Number(process.env.ENGINE_WORKERS ?? 2));
console.error(`cluster ready in ${Math.round((performance.now() - began) / 1000)} s at ${cluster.address}`);
let [compared, different] = [0, 0];
try {
  const trino = openTrino(trinoPlace(cluster.address));
  await makeTables(duck, trino);
  const flows = (await duck.query("SELECT count(*) FROM flows")).rows[0][0];
  console.error(`${flows} flows, ${verdicts} verdicts`);
  const model = String((await duck.query(`SELECT max(model) FROM ${verdictRows}`)).rows[0][0]);
  await duck.copyToParquet(flowsData.sql(model), join(shared, "tables/all-flows.parquet"));
  const table = flowTable(readParquet(join(shared, "tables/all-flows.parquet")));
  const span = spanOf(table)!;
  const random = randomFrom(20_261_129);
  const filters = [{}, ...Array.from({length: filtersPerQuestion - 1}, () => randomFilter(table, span, random))];
  const queries = [
    "host:10.0.0.0/8 port:443",
    "name~e",
    "host:10.0.0.1-10.0.0.77",
    "src:fe80::/10 or not class:none",
    "bytes>1000"
  ];
  const asked = [...filters, ...queries.map((query) => ({query}))];
  for (const question of questions)
    for (const filter of asked) {
      const grid = gridFor(windowOf(span, filter), 60);
      await same(
        `question ${question.name} ${JSON.stringify(filter)}`,
        async (engine) => (await ask(engine, {question, filter, grid}, model)).rows
      );
    }
  for (const filter of filters) {
    const grid = gridFor(windowOf(span, filter), 60);
    await same("losses", async (engine) => (await engine.query(lossSql(filter, grid, engine.dialect))).rows);
  }
  const captures = (await duck.query("SELECT capture_sha256 FROM captures ORDER BY 1")).rows.map(([hash]) =>
    String(hash)
  );
  const nets = {localNets: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]};
  for (const rule of rules) await same(`rule ${rule.name}`, (engine) => evaluate(engine, [rule], captures, nets));
  await same("incidents", listIncidents);
  await same("notices", listNotices);
  await same("evidence", (engine) => evidenceOf(engine, captures, model));
  await same(
    "credentials",
    async (engine) =>
      (await engine.query("SELECT protocol, user_name, attempts FROM credentials_seen ORDER BY 1, 2, 3")).rows
  );
  const nodes = await trino.query(
    "SELECT count(DISTINCT node_id) FROM system.runtime.tasks WHERE processed_input_rows > 0 AND node_id <> 'node-0'"
  );
  console.log(JSON.stringify({compared, different, workersThatReadRows: Number(nodes.rows[0][0])}));
  process.exitCode = different === 0 ? 0 : 1;

  async function same(name: string, of: (engine: QueryEngine) => Promise<unknown>): Promise<void> {
    compared++;
    try {
      const [a, b] = [comparable(await of(duck)), comparable(await of(trino))];
      if (a === b) return;
      different++;
      console.log(`${name}\n  DuckDB ${a.slice(0, 400)}\n  Trino  ${b.slice(0, 400)}`);
    } catch (error) {
      different++;
      console.log(`${name}\n  ${(error as Error).message.slice(0, 600)}`);
    }
  }
} finally {
  await cluster.stop();
  await duck.close();
  rmSync(folder, {recursive: true, force: true});
}

/** Sums of parts of bytes are added in another order: nine digits are compared. */
function comparable(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    typeof one === "bigint"
      ? String(one)
      : typeof one === "number" && !Number.isInteger(one)
        ? Number(one.toPrecision(9))
        : one
  );
}

/** What the lake's views show, as files of Parquet below the cluster's folder, and the views over them. */
async function makeTables(from: LakeEngine, to: QueryEngine): Promise<void> {
  await to.query("CREATE SCHEMA IF NOT EXISTS flowbook");
  for (const {name: table, columns} of tables) {
    const name = table === "verdicts" ? verdictRows : table;
    mkdirSync(join(shared, "tables", name));
    await from.copyToParquet(
      `SELECT ${columns.map((column) => quoted(column.name)).join(", ")} FROM ${quoted(name)}`,
      join(shared, "tables", name, "all.parquet")
    );
    const types: Readonly<Record<string, string>> = {FLOAT: "REAL", TIMESTAMP: "TIMESTAMP(6)"};
    const declared = columns.map((column) => `${quoted(column.name)} ${types[column.type] ?? column.type}`);
    await to.query(
      `CREATE TABLE ${quoted(name)} (${declared.join(", ")}) WITH (format = 'PARQUET', external_location = 'local:///tables/${name}')`
    );
  }
  for (const {name, sql} of [flowIncidentsView, verdictView, lossView, credentialsView])
    await to.query(`CREATE VIEW ${quoted(name)} AS ${sql}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const {port} = server.address() as {port: number};
  await new Promise((done) => server.close(done));
  return port;
}
