import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {isForWindows, LiveWindow, windowLimits} from "../../../loaders/live/live-window.ts";
import {rules} from "../../../models/rules/index.ts";
import type {Finding, Surroundings} from "../../../models/rules/rule.ts";
import type {RuleCase} from "../../../models/rules/rule-case.ts";
import {table} from "../../../schema/tables.ts";

const beside = new Set(rules.filter((rule) => !isForWindows(rule)).map(({name}) => name.replaceAll("_", "-")));

/**
 * What rules find of each case in a live window that was given the rows of many; none where a window does not hold the case:
 * rules that compare captures, several captures, more time or flows than a window has. Cases of about the same time share a
 * window, since planning a rule's query costs far more than a few rows more.
 */
export async function windowFindings(
  fixtures: readonly {readonly fixture: string; readonly cases: readonly RuleCase[]}[],
  surroundings: Surroundings
): Promise<ReadonlyMap<RuleCase, readonly Finding[]>> {
  const windows: {cases: RuleCase[]; extent: Extent}[] = [];
  for (const {fixture, cases} of fixtures) {
    if (beside.has(fixture)) continue;
    for (const one of cases.filter((each) => capturesOf(each).length === 1)) {
      const own = extentOf(one);
      if (!fits(own)) continue;
      const window = windows.find(({extent}) => fits(joined(extent, own)));
      if (window) {
        window.cases.push(one);
        window.extent = joined(window.extent, own);
      } else windows.push({cases: [one], extent: own});
    }
  }
  const found = new Map<RuleCase, readonly Finding[]>();
  for (const {cases, extent} of windows)
    for (const [one, findings] of await judged(cases, extent.until, surroundings)) found.set(one, findings);
  return found;
}

/** What rules find of each of these cases in one window. */
async function judged(
  cases: readonly RuleCase[],
  until: number,
  surroundings: Surroundings
): Promise<readonly (readonly [RuleCase, readonly Finding[]])[]> {
  const batches = cases.flatMap(({name: _, expected, severities, summaries, captures, ...tables}) =>
    Object.entries(tables).map(([name, rows]) =>
      rowsToBatch(table(name as "flows"), rows as readonly Readonly<Record<string, unknown>>[])
    )
  );
  const window = await LiveWindow.open();
  try {
    await window.add(batches, until);
    const found = await window.judge(rules, cases.flatMap(capturesOf), surroundings, until + 2e6);
    return cases.map((one) => {
      const own = new Set(capturesOf(one));
      return [one, found.filter(({capture_sha256}) => own.has(capture_sha256))];
    });
  } finally {
    await window.close();
  }
}

const capturesOf = ({flows, arp = []}: RuleCase) => [
  ...new Set([...flows, ...arp].map(({capture_sha256}) => capture_sha256))
];

/** From the first to the last moment of rows, µs since 1970, and the number of flows. */
interface Extent {
  readonly from: number;
  readonly until: number;
  readonly flows: number;
}

function fits({from, until, flows}: Extent): boolean {
  return until - from <= windowLimits.seconds * 1e6 && flows <= windowLimits.flows;
}

function joined(a: Extent, b: Extent): Extent {
  return {from: Math.min(a.from, b.from), until: Math.max(a.until, b.until), flows: a.flows + b.flows};
}

function extentOf({flows, arp = []}: RuleCase): Extent {
  const starts = [...flows.map((row) => row.ts_start), ...arp.map((row) => row.ts)];
  const ends = [...flows.map((row) => row.ts_end), ...arp.map((row) => row.ts)];
  return {
    from: starts.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    until: ends.reduce((a, b) => Math.max(a, b), 0),
    flows: flows.length
  };
}
