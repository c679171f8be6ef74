import {mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {hostname, tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, expect, it} from "vitest";
import {holdInterface} from "../../../capture/live/interface-hold.ts";
import {closeRun, removeLeftovers} from "../../../capture/partitions/run.ts";

let lake: string;
beforeEach(() => {
  lake = mkdtempSync(join(tmpdir(), "flowbook-hold-"));
});
afterEach(() => rmSync(lake, {recursive: true, force: true}));

const now = Date.now();
const hold = (name: string, filter = "") => holdInterface(lake, {interface: name, filter}, now);
const refusal = {
  kind: "captured-already",
  message: `interface eth0 is captured into this lake already, by process ${process.pid}: its packets would count twice`
};

it("a second capture of an interface into one lake is refused, also of all interfaces, until the first ends", () => {
  const {run} = hold("eth0");
  expect(() => hold("eth0")).toThrow(expect.objectContaining(refusal));
  expect(() => hold("eth0", "tcp")).toThrow(expect.objectContaining(refusal));
  expect(() => hold("any")).toThrow(expect.objectContaining(refusal));
  closeRun(hold("eth1").run);
  closeRun(run);
  closeRun(hold("eth0").run);
  expect(readdirSync(join(lake, ".runs"))).toEqual([]);
});

it("two captures with different filters go on, with a warning", () => {
  hold("eth0", "udp port 53");
  expect(hold("eth0", "tcp").warnings).toEqual([
    `process ${process.pid} captures eth0 into this lake, too: packets that its filter "udp port 53" selects as well count twice`
  ]);
});

it("a capture that was killed holds nothing, and what it left is swept", () => {
  const {run} = hold("eth0");
  const dead = {pid: 2 ** 22 + 1, host: hostname(), started: "1"};
  writeFileSync(join(run.folder, "owner.json"), JSON.stringify(dead));
  const next = hold("eth0");
  expect(next.warnings).toEqual([]);
  removeLeftovers(lake, now);
  expect(readdirSync(join(lake, ".runs"))).toEqual([next.run.id]);
});
