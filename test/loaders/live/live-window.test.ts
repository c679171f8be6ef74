import {describe, expect, it} from "vitest";
import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {isForWindows, LiveWindow, windowLimits} from "../../../loaders/live/live-window.ts";
import {capture, epochUs, flow, probe, rows} from "../../../models/rules/fixtures/rows/flow-rows.ts";
import {rules} from "../../../models/rules/index.ts";
import type {FlowRow} from "../../../schema/flows.ts";
import {table} from "../../../schema/tables.ts";

const localNets = ["10.0.0.0/8"];
const flows = (list: readonly FlowRow[]) => [rowsToBatch(table("flows"), list)];
const open = (row: FlowRow): FlowRow => ({...row, end_reason: "open"});
const at = (seconds: number) => epochUs + seconds * 1e6;

describe("the window over a live capture", () => {
  it("has one row of a flow, the newest", async () => {
    const window = await LiveWindow.open();
    const scan = rows(12, (i) => open(probe({at: i * 0.01, toPort: i + 1})));
    await window.add(flows(scan), at(0.2));
    await window.add(flows(scan.map((row) => ({...row, end_reason: "rst"}))), at(6));
    expect(window.flows).toBe(12);
    const [finding, ...more] = await window.judge(rules, [capture], {localNets}, at(6));
    expect([finding.rule, finding.flows, more]).toEqual(["port_scan", 12, []]);
    await window.close();
  });

  it("judges flows under way when they are a second old", async () => {
    const window = await LiveWindow.open();
    await window.add(flows(rows(12, (i) => open(probe({at: i * 0.01, toPort: i + 1})))), at(0.2));
    expect(await window.judge(rules, [capture], {localNets}, at(0.9))).toEqual([]);
    expect((await window.judge(rules, [capture], {localNets}, at(1.2))).map(({rule}) => rule)).toEqual(["port_scan"]);
    await window.close();
  });

  it("waits for connections to be closed where a rule looks at how they went", async () => {
    const window = await LiveWindow.open();
    const login = (i: number) =>
      flow({at: i, lasts: 0.5, toPort: 21, service: "ftp", sent: 60, received: 120, history: "ShADad", state: "S1"});
    const tries = rows(20, login).map(open);
    await window.add(flows(tries), at(25));
    expect(await window.judge(rules, [capture], {localNets}, at(25))).toEqual([]);
    await window.add(flows(tries.map((row) => ({...row, conn_state: "SF"}))), at(26));
    expect((await window.judge(rules, [capture], {localNets}, at(26))).map(({rule}) => rule)).toEqual(["brute_force"]);
    await window.close();
  });

  it("can be asked by every rule but those that compare captures, and those whose rows sum up what devices announce", () => {
    const others = rules.filter((rule) => !isForWindows(rule)).map(({name, tables}) => [name, ...tables]);
    expect(
      others.filter((tables) => !tables.some((name) => ["captures", "neighbours", "link_layer"].includes(name)))
    ).toEqual([]);
  });

  it("forgets what is older than its time, and the oldest of too many", async () => {
    const window = await LiveWindow.open();
    await window.add(flows(rows(500, (i) => flow({at: i * 0.1}))), at(50));
    expect(window.flows).toBe(500);
    // What ended at 25.2 s is just too old then.
    await window.add([], at(25.25 + windowLimits.seconds));
    expect(window.flows).toBe(249);
    const many = 15_000;
    let now = 0;
    for (let i = 0; i < 10; i++) {
      now = 700 + i;
      await window.add(flows(rows(many, () => flow({at: now, lasts: 0.01}))), at(now + 0.1));
      expect(window.flows).toBeLessThanOrEqual(windowLimits.flows);
    }
    expect(window.crowdedOut).toBe(10 * many - window.flows);
    expect(window.flows).toBeGreaterThan(windowLimits.flows / 2);
    // It says from when on it has all: those of 703 s went with the last ones that were too many.
    expect(window.fromUs(at(now)) - at(703.01)).toBe(1);
    await window.close();
  }, 60_000);
});
