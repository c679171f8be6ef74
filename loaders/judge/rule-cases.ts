import {readdirSync, statSync} from "node:fs";
import {basename, join} from "node:path";
import {build} from "esbuild";
import {evaluate} from "../../models/rules/evaluate.ts";
import {rules} from "../../models/rules/index.ts";
import type {Finding, Rule, Surroundings} from "../../models/rules/rule.ts";
import type {RuleCase} from "../../models/rules/rule-case.ts";
import {captureColumns} from "../../schema/captures.ts";
import type {Column} from "../../schema/column.ts";
import {type TableName, tables} from "../../schema/tables.ts";
import {memoryLake} from "../lake/memory-lake.ts";

export interface CaseResult {
  /** Name of the fixture file, which is that of its rule in kebab case. */
  readonly fixture: string;
  readonly name: string;
  readonly expected: readonly string[];
  /** Names of the rules that raised a notice, one for each notice, sorted. */
  readonly raised: readonly string[];
  readonly findings: readonly Finding[];
}

type Fixtures = readonly {readonly fixture: string; readonly cases: readonly RuleCase[]}[];

/** A fixture that cannot be read: where, expected, found. */
export class FixtureProblem extends Error {}

/** A fixture file, or those of a folder, with their cases as they are written. Throws a FixtureProblem where a file exports no `cases`. */
export async function readFixtures(path: string): Promise<Fixtures> {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const fixtures = files.filter((file) => file.endsWith(".ts")).sort();
  if (fixtures.length === 0) throw new FixtureProblem(`${path}: expected fixtures, files ending in .ts, found none`);
  return Promise.all(fixtures.map(async (file) => ({fixture: basename(file, ".ts"), cases: await casesOf(file)})));
}

/** As {@link readFixtures}, but no two cases are of one capture or flow. */
export async function readRuleCases(path: string): Promise<Fixtures> {
  let k = 0;
  return (await readFixtures(path)).map(({fixture, cases}) => ({fixture, cases: cases.map((one) => apart(one, ++k))}));
}

/** What a TypeScript file exports as `cases`; Node by itself reads none, or only newer versions do. */
async function casesOf(path: string): Promise<readonly RuleCase[]> {
  let cases: unknown;
  try {
    const {outputFiles} = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent"
    });
    ({cases} = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`));
  } catch (error) {
    throw new FixtureProblem(`${path}: ${(error as Error).message}`, {cause: error});
  }
  if (!Array.isArray(cases))
    throw new FixtureProblem(`${path}: expected an array exported as cases, found ${typeof cases}`);
  return cases;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** The case with captures and flows of names that no other case has, so that many can lie in one lake. */
function apart(ruleCase: RuleCase, k: number): RuleCase {
  const ids = new Map<unknown, bigint>();
  const rename = (row: Readonly<Record<string, unknown>>) => {
    const own = {...row};
    if ("capture_sha256" in row) own.capture_sha256 = `${k}-${row.capture_sha256}`;
    if ("flow_id" in row) {
      if (!ids.has(row.flow_id)) ids.set(row.flow_id, (BigInt(k) << 32n) + BigInt(ids.size));
      own.flow_id = ids.get(row.flow_id);
    }
    return own;
  };
  const named = Object.entries(ruleCase).map(([name, rows]) => [
    name,
    tables.some((table) => table.name === name) ? (rows as Rows).map(rename) : rows
  ]);
  return Object.fromEntries(named) as RuleCase;
}

/**
 * Asks all rules about cases, in their order. Cases of one capture share a lake, since planning a rule's query costs far more
 * than a few rows more: rules that compare captures have nothing to compare in them and are left out. A case of several
 * captures has a lake of its own.
 */
export async function runRuleCases(fixtures: Fixtures, surroundings: Surroundings): Promise<CaseResult[]> {
  const all = fixtures.flatMap(({fixture, cases}) => cases.map((ruleCase) => ({fixture, ruleCase})));
  const shared = all.map(({ruleCase}) => ruleCase).filter((one) => capturesOf(one).length === 1 && !one.captures);
  const alone = rules.filter((rule) => !rule.tables.includes("captures"));
  const found = await findingsOf(shared, alone, surroundings);
  const results: CaseResult[] = [];
  for (const {fixture, ruleCase} of all) {
    const {name, expected} = ruleCase;
    const hash = capturesOf(ruleCase)[0]?.capture_sha256;
    const findings = shared.includes(ruleCase)
      ? found.filter(({capture_sha256}) => capture_sha256 === hash)
      : await findingsOf([ruleCase], rules, surroundings);
    results.push({fixture, name, expected, raised: findings.map(({rule}) => rule).sort(), findings});
  }
  return results;
}

async function findingsOf(
  cases: readonly RuleCase[],
  asked: readonly Rule[],
  surroundings: Surroundings
): Promise<Finding[]> {
  const captures = cases.flatMap((one) => one.captures ?? capturesOf(one));
  const rows = tables.map(({name}) => [name, cases.flatMap((one) => (one[name as TableName] ?? []) as Rows)]);
  const engine = await memoryLake({
    ...Object.fromEntries(rows),
    captures: captures.map((row) => ({...unread, ...row}))
  });
  try {
    const hashes = captures.map(({capture_sha256}) => String(capture_sha256));
    return await evaluate(engine, asked, hashes, surroundings);
  } finally {
    await engine.close();
  }
}

function capturesOf({flows, arp = []}: RuleCase) {
  const times = [
    ...flows.map(({capture_sha256, ts_start, ts_end}) => ({capture_sha256, ts_start, ts_end})),
    ...arp.map(({capture_sha256, ts}) => ({capture_sha256, ts_start: ts, ts_end: ts}))
  ];
  const hashes = [...new Set(times.map(({capture_sha256}) => capture_sha256))];
  return hashes.map((capture_sha256) => {
    const own = times.filter((one) => one.capture_sha256 === capture_sha256);
    return {
      capture_sha256,
      first_ts: own.reduce((least, {ts_start}) => Math.min(least, ts_start), Number.POSITIVE_INFINITY),
      last_ts: own.reduce((greatest, {ts_end}) => Math.max(greatest, ts_end), 0)
    };
  });
}

/** The columns of `captures` that no rule asks for. */
const unread = Object.fromEntries(
  (captureColumns as readonly Column[])
    .filter(({nullable}) => !nullable)
    .map(({name, type}) => [name, type === "VARCHAR" ? "" : 0])
);
