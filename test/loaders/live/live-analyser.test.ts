import {tmpdir} from "node:os";
import {describe, expect, it} from "vitest";
import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {defaultModels} from "../../../loaders/judge/classify.ts";
import {LiveAnalyser} from "../../../loaders/live/live-analyser.ts";
import type {LiveFindings} from "../../../loaders/live/live-analysis.ts";
import {capture, epochUs, probe, rows} from "../../../models/rules/fixtures/rows/flow-rows.ts";
import type {LiveBatch} from "../../../schema/live/batch.ts";
import {table} from "../../../schema/tables.ts";

/** A scan of twelve ports, in flows whose features are all zero. */
function scan(): LiveBatch {
  const flows = rows(12, (i) => probe({at: i * 0.01, toPort: i + 1}));
  const names = table("features").columns.map(({name}) => name);
  const features = flows.map(({flow_id, capture_sha256}) => ({
    ...Object.fromEntries(names.map((name) => [name, 0])),
    flow_id,
    capture_sha256
  }));
  return {
    untilUs: epochUs + 2e6,
    sinceUs: 0,
    flows: [rowsToBatch(table("flows"), flows)],
    features: [rowsToBatch(table("features"), features)],
    records: [],
    left: 3
  };
}

function begin(models: string) {
  const heard: LiveFindings[] = [];
  const failures: Error[] = [];
  const analyser = new LiveAnalyser({
    models,
    lake: tmpdir(),
    capture,
    localNets: ["10.0.0.0/8"],
    onFindings: (findings) => heard.push(findings),
    onFailure: (error) => failures.push(error)
  });
  return {heard, failures, analyser};
}

async function offer(analyser: LiveAnalyser, make: () => LiveBatch): Promise<number> {
  for (let tries = 1; tries < 2000; tries++) {
    if (analyser.offer(make, [])) return tries;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the analyser took nothing");
}

describe("the analyser's thread", {timeout: 60_000}, () => {
  it("judges a batch, takes no other one meanwhile, and ends when it has judged", async () => {
    const {heard, failures, analyser} = begin(defaultModels);
    expect(await offer(analyser, scan)).toBeGreaterThan(1);
    let made = 0;
    const again = () => {
      made++;
      return scan();
    };
    expect([analyser.offer(again, []), made]).toEqual([false, 0]);
    await analyser.close();
    expect(heard.length).toBe(1);
    const [{reason, scored, provisional, findings, left}] = heard;
    expect([reason, scored, provisional, left]).toEqual([null, 12, 0, 3]);
    expect(findings?.map(({rule, flows}) => [rule, flows])).toEqual([["port_scan", 12]]);
    expect([failures, analyser.offer(again, [])]).toEqual([[], false]);
  });

  it("without a model says so, and asks the rules all the same", async () => {
    const {heard, analyser} = begin("/nowhere");
    await offer(analyser, scan);
    await analyser.close();
    const [{reason, scored, findings}] = heard;
    expect(reason).toContain("/nowhere");
    expect([scored, findings?.map(({rule}) => rule)]).toEqual([0, ["port_scan"]]);
  });

  it("that fails says why, once, and takes no more", async () => {
    const {heard, failures, analyser} = begin(defaultModels);
    await offer(analyser, () => ({...scan(), flows: [{table: "flows", rows: 12, columns: [BigInt64Array.of(1n)]}]}));
    await analyser.close();
    expect([heard.length, failures.length, analyser.offer(scan, [])]).toEqual([0, 1, false]);
  });
});
