import {describe, expect, it} from "vitest";
import type {FinishedFlows, Meter, MeterSink} from "../../../capture/meter/meter.ts";
import {createMeter} from "../../../capture/meter/wasm-meter.ts";
import {udp} from "./frames.ts";
import {type FlowObject, flowObjects, meteredColumns, meterPackets, type TestPacket, testSettings} from "./metered.ts";
import {randomPackets} from "./random-packets.ts";

function put({batch}: Meter, packets: readonly TestPacket[]): void {
  let at = 0;
  for (const [n, {bytes, ts, wire, link}] of packets.entries()) {
    batch.bytes.set(bytes, at);
    batch.offset[n] = at;
    batch.captured[n] = bytes.length;
    batch.wire[n] = wire ?? bytes.length;
    batch.ts[n] = ts;
    batch.link[n] = link ?? 1;
    at += bytes.length;
  }
  batch.count = packets.length;
}

const rowsOf = (flows: FinishedFlows) => flowObjects(flows, meteredColumns);

const byId = (rows: readonly FlowObject[]) =>
  rows.toSorted((a, b) => (a.flow_id < b.flow_id ? -1 : a.flow_id > b.flow_id ? 1 : a.ts_start - b.ts_start));

/** Meters the packets with a snapshot of all flows after every `every` of them. */
async function withSnapshots(packets: readonly TestPacket[], every: number) {
  const meter = await createMeter(testSettings);
  const ended: FlowObject[] = [];
  const snapshots: {packets: number; rows: FlowObject[]}[] = [];
  const sink: MeterSink = {onPayload: () => true, onFlow() {}, onFlows: (flows) => void ended.push(...rowsOf(flows))};
  for (let from = 0; from < packets.length; from += every) {
    put(meter, packets.slice(from, from + every));
    meter.process(sink);
    meter.advance(sink);
    const rows: FlowObject[] = [];
    const left = meter.snapshot(Number.NEGATIVE_INFINITY, 1e6, (flows) => rows.push(...rowsOf(flows)));
    expect(left).toBe(0);
    expect(rows.length).toBe(meter.liveFlows);
    snapshots.push({packets: from + every, rows});
  }
  meter.flush(sink);
  return {ended, snapshots};
}

const seed = 20261121;
const packets = randomPackets(seed, 3000);

describe(`a snapshot of the flows under way (seed ${seed})`, () => {
  it("leaves the flows' final rows as they would be without it", async () => {
    const {ended} = await withSnapshots(packets, 250);
    const plain = await meterPackets(packets);
    expect(byId(ended)).toEqual(byId(plain.flows));
  });

  it("has the rows that the flows would have if the capture ended there", async () => {
    const {snapshots} = await withSnapshots(packets, 500);
    for (const {packets: count, rows} of snapshots) {
      const {flows} = await meterPackets(packets.slice(0, count));
      const open = new Map(rows.map((row) => [row.flow_id, row]));
      expect(new Set(rows.map(({end_reason}) => end_reason))).toEqual(new Set(["open"]));
      const would = flows.filter(({flow_id}) => open.has(flow_id));
      expect(would.length).toBe(rows.length);
      const alike = (row: FlowObject) => ({...row, end_reason: "open"});
      expect(byId(rows)).toEqual(byId(would.map(alike)));
    }
  });

  const from = (host: number, ts: number): TestPacket => ({
    bytes: udp({src: `10.0.${host >> 8}.${host & 255}`, srcPort: 1000, dstPort: 2000, payload: "x"}),
    ts
  });

  it("tells only of flows with a packet since then, and counts what it had no room for", async () => {
    const meter = await createMeter(testSettings);
    const sink: MeterSink = {onPayload: () => true, onFlow() {}, onFlows() {}};
    // 5000 flows in 10 s, then another packet of the first one: more rows than the output holds at once.
    put(meter, [...Array.from({length: 5000}, (_, i) => from(i, i * 2000)), from(0, 10e6)]);
    meter.process(sink);
    const starts: number[] = [];
    const take = (flows: FinishedFlows) => starts.push(...(flows.column("ts_start") as Float64Array));
    expect(meter.snapshot(9e6, 1e6, take)).toBe(0);
    expect(starts.length).toBe(501);
    expect(starts.toSorted((a, b) => a - b).slice(0, 3)).toEqual([0, 9e6, 9.002e6]);
    starts.length = 0;
    expect(meter.snapshot(0, 3000, take)).toBe(2000);
    expect(starts.length).toBe(3000);
    expect(starts[0]).toBe(0);
    expect(meter.snapshot(10.1e6, 1e6, take)).toBe(0);
    expect(starts.length).toBe(3000);
  });
});
