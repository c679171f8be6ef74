import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {parseArgs} from "node:util";
import {importCaptures} from "../../capture/import/import.ts";
import {openTrino, trinoPlace} from "../../loaders/engines/trino.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {evidenceOf} from "../../loaders/judge/incident-evidence.ts";
import {listIncidents} from "../../loaders/judge/incident-list.ts";
import {judgeLake} from "../../loaders/judge/incidents.ts";
import {listNotices} from "../../loaders/judge/notice-list.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {RolledModels} from "../../loaders/lake/rollup-files.ts";
import {ask} from "../../loaders/questions/ask.ts";
import {rolledSql} from "../../loaders/questions/rolled-sql.ts";
import {packed, packedFlows} from "../../loaders/results/packed-data.ts";
import {flowsData} from "../../loaders/results/page-data.ts";
import {evaluate} from "../../models/rules/evaluate.ts";
import {rules} from "../../models/rules/index.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {verdictRows} from "../../schema/verdicts.ts";
import {lossSql} from "../../src/lib/loss-sql.ts";
import {PackedColumns} from "../../src/lib/packed-columns.ts";
import {packedFlowTable} from "../../src/lib/packed-flows.ts";
import {questions} from "../../src/lib/questions/all.ts";
import {gridFor, windowOf} from "../../src/lib/time-grid.ts";
import {randomFilter, randomFrom} from "../pages/random-filter.ts";
import {startCluster} from "./cluster.ts";
import {type Gateway, startGateway} from "./s3-gateway.ts";
import {declareTables, freePort, rollupTables, writeTables} from "./tables.ts";

type Asked = (engine: QueryEngine) => Promise<unknown>;

interface Answer {
  /** Or what the engine said instead. */
  readonly text: string;
  readonly ms: number;
  readonly isFinished: boolean;
}

/**
 * `npm run engines [--workers N] [--heap MB] [--filters N] [--queries N] [--s3] [--rules NAMES] [--skip-rules NAMES] [--only PARTS] [--bound S] [--lake DIR | CAPTURE…]`:
 * a lake of these captures (the demo without any) on DuckDB and on a Trino cluster of a coordinator and two workers, over files
 * and with `--s3` over a store, too; every question for random filters and for some queries of the query box, of all flows and
 * of roll-ups where the lake has them, every rule and what judges, compared. `--only` takes some of the parts questions, rules
 * and judgements; names stand apart by commas. Rules are asked in the order of what they take on DuckDB. An answer that takes
 * longer than the bound (ten minutes) is counted as not finished. Prints what differs, and how long each engine took.
 */
const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    workers: {type: "string", default: "2"},
    filters: {type: "string", default: "3"},
    queries: {type: "string", default: "5"},
    s3: {type: "boolean", default: false},
    heap: {type: "string", default: "1024"},
    rules: {type: "string"},
    "skip-rules": {type: "string", default: ""},
    only: {type: "string", default: "questions,rules,judgements"},
    bound: {type: "string", default: "600"},
    lake: {type: "string"}
  }
});
const parts = namesOf("only", values.only, ["questions", "rules", "judgements"]);
const ruleNames = rules.map(({name}) => name);
const skipped = namesOf("skip-rules", values["skip-rules"], ruleNames);
const chosen = namesOf("rules", values.rules ?? ruleNames.join(","), ruleNames).filter(
  (name) => !skipped.includes(name)
);
const boundS = Number(values.bound);
const project = resolve(import.meta.dirname, "../..");
const paths = positionals.length > 0 ? positionals : [join(project, "data/demo")];
const nets = {localNets: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]};
const folder = mkdtempSync(join(tmpdir(), "flowbook-engines-"));
const lake = values.lake ?? join(folder, "lake");
// The folder below which the cluster reads, and the bucket of the store.
const shared = join(folder, "shared");
for (const name of ["tables", "metastore"]) mkdirSync(join(shared, name), {recursive: true});

if (!values.lake) {
  await importCaptures(paths, {lake, clock: Date.now, sensor: "north"});
  await classifyNewFlows(lake, {clock: Date.now});
  await judgeLake({lake, clock: Date.now, ...nets});
}
const duck = await openLake(lake, {exportFolder: join(shared, "tables"), timeoutMs: boundS * 1000});
let gateway: Gateway | null = null;
let [compared, different, notFinished] = [0, 0, 0];
/** Milliseconds that answers took, by engine and what was asked. */
const times = new Map<string, number[]>();
const began = performance.now();
if (values.s3) gateway = await startGateway(folder);
const cluster = await startCluster({
  folder: shared,
  port: await freePort(),
  workers: Number(values.workers),
  heapMb: Number(values.heap),
  boundS,
  s3: gateway?.keys
});
console.error(`cluster ready in ${Math.round((performance.now() - began) / 1000)} s at ${cluster.address}`);
try {
  const trino = openTrino(trinoPlace(cluster.address));
  const model = String((await duck.query(`SELECT max(model) FROM ${verdictRows}`)).rows[0][0]);
  const isRolled = new RolledModels(lake).has(model);
  const more = isRolled && parts.includes("questions") ? rollupTables(model) : [];
  await writeTables(duck, join(shared, "tables"), more);
  await declareTables(trino, "flowbook", "local:///tables", more);
  const others: [string, QueryEngine][] = [["Trino", trino]];
  if (gateway) {
    const stored = openTrino(trinoPlace(cluster.address.replace(/flowbook$/, "stored")));
    await declareTables(stored, "stored", "s3://shared/tables", more);
    others.push(["Trino, S3", stored]);
  }
  const [[flows, first, last]] = (
    await duck.query("SELECT count(*), epoch_us(min(ts_start)), epoch_us(max(ts_end)) FROM flows")
  ).rows;
  console.error(`${flows} flows${more.length > 0 ? ", with roll-ups" : ""}`);
  const captures = (await duck.query("SELECT capture_sha256 FROM captures ORDER BY 1")).rows.map(([hash]) =>
    String(hash)
  );
  if (parts.includes("questions")) await askQuestions({from: Number(first), to: Number(last) + 1});
  if (parts.includes("rules")) await askRules();
  if (parts.includes("judgements")) await askJudgements();
  for (const [kind, all] of times) {
    const sorted = all.toSorted((a, b) => a - b);
    console.log(`${kind}: median ${Math.round(sorted[sorted.length >> 1])} ms of ${sorted.length}`);
  }
  const nodes = await trino.query(
    "SELECT count(DISTINCT node_id) FROM system.runtime.tasks WHERE processed_input_rows > 0 AND node_id <> 'node-0'"
  );
  console.log(JSON.stringify({compared, different, notFinished, workersThatReadRows: Number(nodes.rows[0][0])}));
  process.exitCode = different + notFinished === 0 ? 0 : 1;

  async function askQuestions(span: {readonly from: number; readonly to: number}): Promise<void> {
    // What random filters are drawn from.
    const some = {...packedFlows, sql: () => `SELECT * FROM (${flowsData.sql(model)}) AS flows_of_a_page LIMIT 100000`};
    const table = packedFlowTable(new PackedColumns(await packed(duck, some, model, join(shared, "tables"))));
    const random = randomFrom(20_261_129);
    const filters = [{}, ...Array.from({length: Number(values.filters) - 1}, () => randomFilter(table, span, random))];
    const queries = [
      "host:10.0.0.0/8 port:443",
      "name~e",
      "host:10.0.0.1-10.0.0.77",
      "src:fe80::/10 or not class:none",
      "bytes>1000"
    ].slice(0, Number(values.queries));
    const asked = [...filters, ...queries.map((query) => ({query}))];
    for (const question of questions)
      for (const filter of asked) {
        const grid = gridFor(windowOf(span, filter), 60);
        const named = `${question.name} ${JSON.stringify(filter)}`;
        await same(`question ${named}`, async (engine) => (await ask(engine, {question, filter, grid}, model)).rows);
        const rolled = (engine: QueryEngine) => rolledSql({question, filter, grid}, {model, spelling: engine.dialect});
        if (isRolled && rolled(duck) !== null)
          await same(`roll-ups ${named}`, async (engine) => (await engine.query(rolled(engine) as string)).rows);
      }
    for (const filter of filters) {
      const grid = gridFor(windowOf(span, filter), 60);
      await same("losses", async (engine) => (await engine.query(lossSql(filter, grid, engine.dialect))).rows);
    }
  }

  /** Cheap rules first: what a dear one takes is not taken from the others where the measurement is ended early. */
  async function askRules(): Promise<void> {
    const asked: {name: string; of: Asked; right: Answer}[] = [];
    for (const rule of rules.filter(({name}) => chosen.includes(name))) {
      // Its statement is asked also where the lake has nothing that it starts from.
      const of: Asked = (engine) => evaluate(engine, [{...rule, startsFrom: undefined}], captures, nets);
      asked.push({name: `rule ${rule.name}`, of, right: await timed("DuckDB", duck, `rule ${rule.name}`, of)});
    }
    for (const {name, of, right} of asked.toSorted((a, b) => a.right.ms - b.right.ms)) await compare(name, of, right);
  }

  async function askJudgements(): Promise<void> {
    await same("incidents", listIncidents);
    await same("notices", listNotices);
    await same("evidence", (engine) => evidenceOf(engine, captures, model));
    await same(
      "credentials",
      async (engine) =>
        (await engine.query("SELECT protocol, user_name, attempts FROM credentials_seen ORDER BY 1, 2, 3")).rows
    );
  }

  async function same(name: string, of: Asked): Promise<void> {
    await compare(name, of, await timed("DuckDB", duck, name, of));
  }

  async function compare(name: string, of: Asked, right: Answer): Promise<void> {
    for (const [engineName, engine] of others) {
      const found = right.isFinished ? await timed(engineName, engine, name, of) : right;
      if (!found.isFinished) {
        notFinished++;
        continue;
      }
      compared++;
      if (found.text === right.text) continue;
      different++;
      console.log(`${name}\n  DuckDB ${right.text.slice(0, 600)}\n  ${engineName} ${found.text.slice(0, 600)}`);
    }
  }

  /** The answer, once the time that it took is told and noted by engine and kind. */
  async function timed(engineName: string, engine: QueryEngine, name: string, of: Asked): Promise<Answer> {
    const begin = performance.now();
    const cpu = process.cpuUsage();
    const found = await of(engine).then(comparable, (error: Error) => error);
    const ms = performance.now() - begin;
    const kind = `${engineName}, ${name.split(" ", 1)[0]}`;
    times.set(kind, [...(times.get(kind) ?? []), ms]);
    const isFinished = !(found instanceof Error && isOverdue(found));
    const text = found instanceof Error ? found.message : found;
    const {user, system} = process.cpuUsage(cpu);
    const used = engine === duck ? `, CPU ${((user + system) / 1e6).toFixed(2)} s` : "";
    const said = isFinished ? (found instanceof Error ? text : `${text.length} characters`) : "not finished";
    console.error(`${name}: ${engineName} ${(ms / 1000).toFixed(2)} s${used}, ${said}`);
    return {text, ms, isFinished};
  }
} finally {
  await cluster.stop();
  gateway?.stop();
  await duck.close();
  rmSync(folder, {recursive: true, force: true});
}

/** Names apart by commas, each of them known. */
function namesOf(option: string, list: string, known: readonly string[]): readonly string[] {
  const names = list.split(",").filter((name) => name !== "");
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0)
    throw new Error(`--${option}: there is no ${strange.join(", ")}; expected ${known.join(", ")}`);
  return names;
}

/** Whether an engine gave up at the bound. What a rule says has the engine's error as its cause. */
function isOverdue({message, cause}: Error): boolean {
  return /longer than \d+ s|exceeded .*time limit/i.test(message) || (cause instanceof Error && isOverdue(cause));
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
