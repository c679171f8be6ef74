import {literal} from "../../schema/ddl.ts";
import type {QueryEngine, Result, Value} from "../../schema/engine.ts";
import type {TableName} from "../../schema/tables.ts";
import type {Finding, Rule, RuleRow, Scope, Surroundings} from "./rule.ts";
import {type Found, withoutYielding} from "./yielding.ts";

/**
 * Asks every rule about these captures and leaves out what another rule tells better. The findings are in order of
 * capture, start and rule. Each capture is judged by itself, whatever else is asked about with it. `restrict`: a condition
 * on the rows of a table that a rule gets; null for all of them.
 */
export async function evaluate(
  engine: QueryEngine,
  rules: readonly Rule[],
  captures: readonly string[],
  surroundings: Surroundings,
  restrict: (rule: Rule, table: TableName) => string | null = () => null
): Promise<Finding[]> {
  if (captures.length === 0) return [];
  const found: Found[] = [];
  const begun = await rulesThatBegin(
    engine,
    rules,
    scopeOf(engine, captures, surroundings, () => null)
  );
  for (const rule of begun) {
    const scope = scopeOf(engine, captures, surroundings, (table) => restrict(rule, table));
    const rows = rowsOf(await ask(engine, rule, scope));
    for (const incident of rule.incidents(rows, rule.limits, surroundings))
      found.push({rule, finding: {...incident, rule: rule.name}});
  }
  return withoutYielding(found).sort(
    (a, b) => compare(a.capture_sha256, b.capture_sha256) || a.ts_start - b.ts_start || compare(a.rule, b.rule)
  );
}

/** Conditions asked for in one query: it holds memory for each of them, and a live window has little. */
const askedTogether = 24;

/** The rules that have something to begin with. */
async function rulesThatBegin(engine: QueryEngine, rules: readonly Rule[], scope: Scope): Promise<readonly Rule[]> {
  const starts = (rule: Rule) =>
    Object.entries(rule.startsFrom ?? {}).map(
      ([table, condition]) => `${scope.rows(table as TableName)} x WHERE ${condition}`
    );
  const asked = [...new Set(rules.flatMap(starts))];
  if (asked.length === 0) return rules;
  const present = new Set<string>();
  for (let at = 0; at < asked.length; at += askedTogether) {
    const some = asked.slice(at, at + askedTogether);
    const {rows} = await engine.query(`SELECT ${some.map((from) => `EXISTS (SELECT 1 FROM ${from})`).join(", ")}`);
    some.forEach((from, k) => {
      if (rows[0][k] === true) present.add(from);
    });
  }
  return rules.filter((rule) => !rule.startsFrom || starts(rule).some((from) => present.has(from)));
}

function scopeOf(
  engine: QueryEngine,
  captures: readonly string[],
  surroundings: Surroundings,
  restrict: (table: TableName) => string | null
): Scope {
  const list = captures.map(literal).join(", ");
  const isLookedAt = (column: string) => `${column} IN (${list})`;
  return {
    dialect: engine.dialect,
    rows(table) {
      const condition = restrict(table);
      return `(SELECT * FROM ${table} WHERE ${isLookedAt("capture_sha256")}${condition === null ? "" : ` AND ${condition}`})`;
    },
    isLookedAt,
    surroundings
  };
}

async function ask(engine: QueryEngine, rule: Rule, scope: Scope): Promise<Result> {
  try {
    return await engine.query(rule.query(scope, rule.limits));
  } catch (error) {
    throw new Error(`rule ${rule.name}: ${(error as Error).message}`, {cause: error});
  }
}

function rowsOf({columns, rows}: Result): RuleRow[] {
  return rows.map((row) => Object.fromEntries(columns.map(({name}, k) => [name, plain(row[k])])));
}

function plain(value: Value): Exclude<Value, bigint> {
  return typeof value === "bigint" ? Number(value) : value;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
