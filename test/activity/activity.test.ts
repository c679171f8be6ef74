import {join, resolve} from "node:path";
import {describe, expect, it} from "vitest";
import {activeShareOf, readActivity} from "../../src/lib/activity.ts";
import {udp} from "../capture/meter/frames.ts";
import {meterPackets, testSettings} from "../capture/meter/metered.ts";
import {itUnless} from "../needs.ts";
import {noSharedData, sharedData} from "../shared-data.ts";
import {volumeErrors} from "./seconds.ts";

const there = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 4000, dstPort: 5000};
const back = {src: "10.0.0.2", dst: "10.0.0.1", srcPort: 5000, dstPort: 4000};

/** One packet from the originator at each second. */
async function activityAt(seconds: readonly number[]): Promise<string | null> {
  const packets = seconds.map((second) => ({ts: second * 1e6, bytes: udp({...there, payload: "x"})}));
  const settings = {...testSettings, idleTimeoutUs: 1e12, activeTimeoutUs: 1e12};
  return (await meterPackets(packets, settings)).flows[0].activity;
}

describe("the activity of a flow", () => {
  it("has the bytes and packets each way of every second with packets", async () => {
    const {flows} = await meterPackets([
      {ts: 900_000, bytes: udp({...there, payload: "ask"})},
      {ts: 1_000_000, bytes: udp({...back, payload: "answer"})},
      {ts: 1_999_999, bytes: udp({...back, payload: ""})},
      {ts: 7_000_000, bytes: udp({...there, payload: "again"})}
    ]);
    expect(flows[0].activity).toBe("1;0,1,7;45,90,47;45,0,47;1,2,1;1,0,1");
  });

  it("is not told of a flow within one second of the clock", async () => {
    expect(await activityAt([5, 5.2, 5.999])).toBeNull();
    expect(await activityAt([5.999, 6])).toBe("1;0,1;43,43;43,43;1,1;1,1");
  });

  it("has bins twice as wide where a flow has more than there is room for", async () => {
    const lists = async (seconds: number) =>
      (await activityAt(Array.from({length: seconds}, (_, i) => i)))!
        .split(";")
        .map((list) => list.split(",").map(Number));
    for (const [seconds, width, bins] of [
      [65, 1, 65],
      [66, 2, 33],
      [130, 2, 65],
      [1000, 16, 63]
    ]) {
      const [[wide], numbers, , , packets] = await lists(seconds);
      expect([wide, numbers.length, packets.reduce((sum, count) => sum + count)]).toEqual([width, bins, seconds]);
    }
  });

  it("says which part of the bytes lies in a time", () => {
    const activity = readActivity("2;0,3;100,300", 3_000_000, 5_500_000);
    expect(activityParts(activity, [3e6, 4e6, 5e6, 8e6, 8.25e6, 9e6])).toEqual([0.25, 0, 0, 0.375, 0.375]);
  });
});

describe("bytes by second as charts draw them", () => {
  const demo = resolve(import.meta.dirname, "../../data/demo/demo.pcap");

  it("are those of the demo's packets, where flows spread evenly misplace a sixth", async () => {
    const errors = await volumeErrors(demo);
    expect(errors?.drawn).toBeLessThan(0.0001);
    expect(errors?.evenly).toBeGreaterThan(0.15);
  });

  itUnless(noSharedData)("are those of a capture's packets", async () => {
    expect((await volumeErrors(join(sharedData, "pcap/ndpi/1kxun.pcap")))?.drawn).toBeLessThan(0.0001);
  });
});

function activityParts(activity: ReturnType<typeof readActivity>, edges: readonly number[]): number[] {
  return edges.slice(1).map((to, i) => activeShareOf(activity, edges[i], to));
}
