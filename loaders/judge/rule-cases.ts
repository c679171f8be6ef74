import {readdirSync, statSync} from "node:fs";
import {basename, join} from "node:path";
import {build} from "esbuild";
import {evaluate} from "../../models/rules/evaluate.ts";
import {rules} from "../../models/rules/index.ts";
import type {Finding, Surroundings} from "../../models/rules/rule.ts";
import type {RuleCase} from "../../models/rules/rule-case.ts";
import {captureColumns} from "../../schema/captures.ts";
import type {Column} from "../../schema/column.ts";
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

/** A fixture that cannot be read: where, expected, found. */
export class FixtureProblem extends Error {}

/** A fixture file, or those of a folder, with their cases. Throws a FixtureProblem where a file exports no `cases`. */
export async function readRuleCases(path: string): Promise<{fixture: string; cases: readonly RuleCase[]}[]> {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const fixtures = files.filter((file) => file.endsWith(".ts")).sort();
  if (fixtures.length === 0) throw new FixtureProblem(`${path}: expected fixtures, files ending in .ts, found none`);
  return Promise.all(fixtures.map(async (file) => ({fixture: basename(file, ".ts"), cases: await casesOf(file)})));
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

/** Asks all rules about a case's lake. */
export async function runRuleCase(
  fixture: string,
  ruleCase: RuleCase,
  surroundings: Surroundings
): Promise<CaseResult> {
  const {name, expected, severities: _, captures = capturesOf(ruleCase), ...rows} = ruleCase;
  const engine = await memoryLake({...rows, captures: captures.map((row) => ({...unread, ...row}))});
  try {
    const hashes = captures.map(({capture_sha256}) => String(capture_sha256));
    const findings = await evaluate(engine, rules, hashes, surroundings);
    return {fixture, name, expected, raised: findings.map(({rule}) => rule).sort(), findings};
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
