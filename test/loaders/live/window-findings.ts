import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {isForWindows, LiveWindow, windowLimits} from "../../../loaders/live/live-window.ts";
import {rules} from "../../../models/rules/index.ts";
import type {Finding, Surroundings} from "../../../models/rules/rule.ts";
import type {RuleCase} from "../../../models/rules/rule-case.ts";
import {table} from "../../../schema/tables.ts";

const beside = new Set(rules.filter((rule) => !isForWindows(rule)).map(({name}) => name.replaceAll("_", "-")));

/**
 * What rules find of each case in a live window that was given the rows of all; none where a window does not hold the case:
 * rules that compare captures, several captures, more time or flows than a window has.
 */
export async function windowFindings(
  fixture: string,
  cases: readonly RuleCase[],
  surroundings: Surroundings
): Promise<ReadonlyMap<RuleCase, readonly Finding[]>> {
  const held = cases.filter((one) => !beside.has(fixture) && capturesOf(one).length === 1 && fits(one));
  if (held.length === 0) return new Map();
  const batches = held.flatMap(({name: _, expected, severities, captures, ...tables}) =>
    Object.entries(tables).map(([name, rows]) =>
      rowsToBatch(table(name as "flows"), rows as readonly Readonly<Record<string, unknown>>[])
    )
  );
  const ends = held.map((one) => extentOf(one)[1]);
  const window = await LiveWindow.open();
  try {
    await window.add(batches, Math.min(...ends));
    const found = await window.judge(rules, held.flatMap(capturesOf), surroundings, Math.max(...ends) + 2e6);
    return new Map(
      held.map((one) => [one, found.filter(({capture_sha256}) => capturesOf(one).includes(capture_sha256))])
    );
  } finally {
    await window.close();
  }
}

const capturesOf = ({flows, arp = []}: RuleCase) => [
  ...new Set([...flows, ...arp].map(({capture_sha256}) => capture_sha256))
];

function fits(ruleCase: RuleCase): boolean {
  const [from, until] = extentOf(ruleCase);
  return until - from <= windowLimits.seconds * 1e6 && ruleCase.flows.length <= windowLimits.flows;
}

/** From the first to the last moment of a case's rows, µs since 1970. */
function extentOf({flows, arp = []}: RuleCase): [number, number] {
  const starts = [...flows.map((row) => row.ts_start), ...arp.map((row) => row.ts)];
  const ends = [...flows.map((row) => row.ts_end), ...arp.map((row) => row.ts)];
  return [starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY), ends.reduce((a, b) => Math.max(a, b), 0)];
}
