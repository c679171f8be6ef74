/**
 * `npm run rollups LAKE [EVERY]`: makes the roll-ups of a lake that miss, then asks every question of a dashboard of them and of all
 * flows (every so manieth; without it every one), for no filter, an hour, a service and a host. Prints what each took of the processor, and answers that differ.
 */
import {resolve} from "node:path";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {renewRollups} from "../../loaders/lake/rollup-renew.ts";
import {rolledSql} from "../../loaders/questions/rolled-sql.ts";
import {verdictRows} from "../../schema/verdicts.ts";
import type {Filter} from "../../src/lib/filter.ts";
import {questions} from "../../src/lib/questions/all.ts";
import {toSql} from "../../src/lib/sql.ts";
import {gridFor, windowOf} from "../../src/lib/time-grid.ts";

const lake = resolve(process.argv[2] ?? "data/lake");
const every = Number(process.argv[3] ?? 1);
const hourUs = 3600e6;
const cpuMs = () => {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
};
const engine = await openLake(lake, {threads: 1, timeoutMs: 600_000});
const one = async (sql: string) => (await engine.query(sql)).rows[0];
const [hash] = await one(`SELECT max(model) FROM ${verdictRows}`);
const model = hash === null ? null : String(hash);
const before = cpuMs();
const {made} = await renewRollups(lake, {model, nowMs: Date.now()});
console.log(`${made} roll-ups made in ${Math.round((cpuMs() - before) / 1000)} CPU s`);
await engine.refresh();

const [flows, first, last] = (
  await one("SELECT count(*), epoch_us(min(ts_start)), epoch_us(max(ts_end)) FROM flows")
).map(Number);
const span = {from: first, to: last + 1};
const [host] = await one("SELECT src_ip FROM flows GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1");
const [service] = await one(
  "SELECT service FROM flows WHERE service IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
);
const from = Math.ceil(first / hourUs) * hourUs;
const filters: readonly Filter[] = [{}, {from, to: from + hourUs}, {services: [String(service)]}, {host: String(host)}];

const took: {readonly name: string; readonly rolled: number; readonly whole: number | null}[] = [];
let compared = 0;
let [different, whole] = [0, 0];
for (const question of questions)
  for (const filter of filters) {
    const grid = gridFor(windowOf(span, filter), 60);
    const asked = {question, filter, ...(question.time ? {grid} : {})};
    const rolled = rolledSql(asked, {model, verdicts: verdictRows});
    if (rolled === null) {
      whole++;
      continue;
    }
    const byRollups = await timed(rolled);
    const name = `${question.name} ${JSON.stringify(filter)}`;
    if (took.length % every > 0) {
      took.push({name, rolled: byRollups.ms, whole: null});
      continue;
    }
    const byFlows = await timed(toSql(asked, {model, verdicts: verdictRows}));
    took.push({name, rolled: byRollups.ms, whole: byFlows.ms});
    compared++;
    if (byRollups.answer === byFlows.answer) continue;
    different++;
    console.log(
      `${question.name} ${JSON.stringify(filter)}\n  ${byRollups.answer.slice(0, 400)}\n  ${byFlows.answer.slice(0, 400)}`
    );
  }
await engine.close();
const at = (of: "rolled" | "whole", share: number) => {
  const sorted = took.flatMap((each) => each[of] ?? []).sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
};
for (const {name, rolled, whole} of took.toSorted((a, b) => b.rolled - a.rolled).slice(0, 5))
  console.log(
    `${name}: ${Math.round(rolled)} CPU ms, of all flows ${whole === null ? "not asked" : Math.round(whole)}`
  );
console.log(
  JSON.stringify({
    flows,
    asked: took.length,
    askedOfAllFlowsAlone: whole,
    compared,
    different,
    cpuMs: {
      rolled: {p50: at("rolled", 0.5), p95: at("rolled", 0.95)},
      whole: {p50: at("whole", 0.5), p95: at("whole", 0.95)}
    }
  })
);
process.exitCode = different === 0 ? 0 : 1;

async function timed(sql: string): Promise<{ms: number; answer: string}> {
  const begin = cpuMs();
  const {rows} = await engine.query(sql);
  const ms = cpuMs() - begin;
  // Sums of parts of bytes are added in another order: nine digits are compared.
  const answer = JSON.stringify(rows, (_, value) =>
    typeof value === "bigint"
      ? Number(value)
      : typeof value === "number" && !Number.isInteger(value)
        ? Number(value.toPrecision(9))
        : value
  );
  return {ms, answer};
}
