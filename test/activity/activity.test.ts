import {join, resolve} from "node:path";
import {describe, expect, it} from "vitest";
import {openEngine} from "../../capture/partitions/engine.ts";
import {activeShare, type DividedColumn, dividedColumns, readActivities} from "../../src/lib/activity.ts";
import type {Asked, Question} from "../../src/lib/question.ts";
import {directions} from "../../src/lib/questions/directions.ts";
import {toSql} from "../../src/lib/sql.ts";
import {udp} from "../capture/meter/frames.ts";
import {type FlowObject, meterPackets, testSettings} from "../capture/meter/metered.ts";
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
    expect(flows[0].activity).toBe("1,1,1;0,1,7;45,90,47;45,0,47;1,2,1;1,0,1");
  });

  it("is not told of a flow within one second of the clock", async () => {
    expect(await activityAt([5, 5.2, 5.999])).toBeNull();
    expect(await activityAt([5.999, 6])).toBe("1,1;0,1;43,43;43,43;1,1;1,1");
  });

  it("has a packet that was stored late in its own second", async () => {
    expect(await activityAt([5, 9, 6, 2, 9.5, 6.5])).toBe("1,1,1,1;0,3,4,7;43,43,86,86;43,43,86,86;1,1,2,2;1,1,2,2");
  });

  it("joins neighbours of about the same rate where a flow has more seconds than there is room for", async () => {
    const lists = async (seconds: readonly number[]) =>
      (await activityAt(seconds))!.split(";").map((list) => list.split(",").map(Number));
    const all = (count: number) => Array.from({length: count}, (_, i) => i);
    // A burst every tenth second keeps its own.
    const bursts = all(400).flatMap((i) => (i % 10 === 0 ? Array.from({length: 40}, (_, j) => i + j / 100) : [i]));
    for (const [seconds, packets] of [
      [all(97), 97],
      [all(98), 98],
      [all(1000), 1000],
      [bursts, bursts.length]
    ] as const) {
      const [widths, firsts, , , counts] = await lists(seconds);
      expect([widths.length, counts.reduce((sum, count) => sum + count)]).toEqual([97, packets]);
      for (const [i, first] of firsts.entries())
        expect(counts[i]).toBe(seconds.filter((one) => one >= first && one < first + widths[i]).length);
      if (seconds === bursts) expect(counts.filter((count) => count === 40)).toHaveLength(40);
    }
  });

  it("says which part of bytes and packets each way lies in a time", () => {
    const texts = ["1,1;0,2;5,5;5,5;1,1;1,1", "1,2;0,5;100,300;40,160;1,3;1,1"];
    const edges = [3e6, 4e6, 5e6, 8e6, 8.25e6, 9e6];
    const read = readActivities(texts);
    const parts = (column: DividedColumn) =>
      edges.slice(1).map((to, i) => activeShare(read, 1, 3e6, 8.5e6, edges[i], to, column));
    expect(parts("src_wire_bytes")).toEqual([0.2, 0, 0, 0.4, 0.4]);
    expect(parts("dst_wire_bytes")).toEqual([0.3, 0, 0, 0.35, 0.35]);
    expect(parts("src_pkts")).toEqual([0.5, 0, 0, 0.25, 0.25]);
    expect(parts("dst_pkts")).toEqual([0, 0, 0, 0.5, 0.5]);
  });
});

const demo = resolve(import.meta.dirname, "../../data/demo/demo.pcap");

describe("packets by second as charts draw them", () => {
  it("are those of the demo's packets, where flows spread evenly misplace a tenth", async () => {
    const errors = await volumeErrors(demo, 1e6, "packets");
    expect(errors?.drawn).toBeLessThan(0.001);
    expect(errors?.evenly).toBeGreaterThan(0.1);
  });

  it("and bytes are each direction's own, where few large packets follow many small ones", async () => {
    const ask = (second: number, count: number) =>
      Array.from({length: count}, (_, i) => ({ts: second * 1e6 + i, bytes: udp({...there, payload: "ask"})}));
    const answer = (second: number, count: number) =>
      Array.from({length: count}, (_, i) => ({
        ts: second * 1e6 + 9 + i,
        bytes: udp({...back, payload: "x".repeat(1000)})
      }));
    const packets = [...ask(5, 7), ...answer(5, 1), ...answer(6, 3), ...ask(8, 49), ...answer(8, 2)];
    const {flows} = await meterPackets(packets);
    const asked = {question: directions, filter: {}, grid: {originUs: 5e6, widthUs: 1e6, count: 4}};
    expect(await drawn(flows, asked)).toEqual([
      [5e6, 7 * 45, 1042, 7, 1],
      [6e6, 0, 3 * 1042, 0, 3],
      [8e6, 49 * 45, 2 * 1042, 49, 2]
    ]);
    // A window takes of a flow what came in it.
    const totals = {name: "totals", title: "", by: [], measures: directions.measures} as const satisfies Question;
    const inWindow = {question: totals, filter: {from: 6e6, to: 8e6}};
    expect(await drawn(flows, inWindow)).toEqual([[0, 3 * 1042, 0, 3]]);
  });
});

/** Rows of a question's SQL over metered flows. */
async function drawn(flows: readonly FlowObject[], asked: Asked): Promise<number[][]> {
  const instance = await openEngine("128MB");
  try {
    const connection = await instance.connect();
    const rows = flows.map(
      (flow) =>
        `(make_timestamp(${flow.ts_start}), ${flow.duration_us}, ${dividedColumns.map((name) => flow[name]).join(", ")}, '${flow.activity}')`
    );
    await connection.run(
      `CREATE TABLE flows AS SELECT * FROM (VALUES ${rows.join(", ")}) AS f(ts_start, duration_us, ${dividedColumns.join(", ")}, activity)`
    );
    const read = await connection.runAndReadAll(toSql(asked, {model: null}));
    return read.getRowsJS().map((row) => row.map(Number));
  } finally {
    instance.closeSync();
  }
}

describe("bytes by second as charts draw them", () => {
  it("are those of the demo's packets, where flows spread evenly misplace a sixth", async () => {
    const errors = await volumeErrors(demo);
    expect(errors?.drawn).toBeLessThan(0.0001);
    expect(errors?.evenly).toBeGreaterThan(0.15);
  });

  itUnless(noSharedData)("are those of a capture's packets", async () => {
    expect((await volumeErrors(join(sharedData, "pcap/ndpi/1kxun.pcap")))?.drawn).toBeLessThan(0.0001);
  });
});
