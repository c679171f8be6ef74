import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {isForWindows, LiveWindow, windowLimits} from "../../../loaders/live/live-window.ts";
import {rules} from "../../../models/rules/index.ts";
import type {Finding, Surroundings} from "../../../models/rules/rule.ts";
import type {RuleCase} from "../../../models/rules/rule-case.ts";
import {table} from "../../../schema/tables.ts";

const beside = new Set(rules.filter((rule) => !isForWindows(rule)).map(({name}) => name.replaceAll("_", "-")));

/**
 * What rules find in a live window that was given a case's rows; null where a window does not hold the case: rules that
 * compare captures, several captures, more time or flows than a window has.
 */
export async function windowFindings(
  fixture: string,
  ruleCase: RuleCase,
  surroundings: Surroundings
): Promise<Finding[] | null> {
  const {name: _, expected, severities, captures: own, ...tables} = ruleCase;
  const {flows, arp} = tables;
  const [from, until] = extentOf(ruleCase);
  const captures = new Set([...flows, ...(arp ?? [])].map(({capture_sha256}) => capture_sha256));
  if (beside.has(fixture) || captures.size !== 1) return null;
  if (until - from > windowLimits.seconds * 1e6 || flows.length > windowLimits.flows) return null;
  const batches = Object.entries(tables).map(([name, rows]) =>
    rowsToBatch(table(name as "flows"), rows as readonly Readonly<Record<string, unknown>>[])
  );
  const window = await LiveWindow.open();
  try {
    await window.add(batches, until);
    return await window.judge(rules, [...captures][0], surroundings, until + 2e6);
  } finally {
    await window.close();
  }
}

/** From the first to the last moment of a case's rows, µs since 1970. */
function extentOf({flows, arp = []}: RuleCase): [number, number] {
  const starts = [...flows.map((row) => row.ts_start), ...arp.map((row) => row.ts)];
  const ends = [...flows.map((row) => row.ts_end), ...arp.map((row) => row.ts)];
  return [starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY), ends.reduce((a, b) => Math.max(a, b), 0)];
}
