import {describe, expect, it} from "vitest";
import type {Meter, MeterSink} from "../../../capture/meter/meter.ts";
import {createMeter} from "../../../capture/meter/wasm-meter.ts";
import {tcp, udp} from "./frames.ts";
import {type FlowObject, meterPackets, type TestPacket, testSettings} from "./metered.ts";
import {randomPackets} from "./random-packets.ts";

const second = 1e6;
const from = (host: number, ts: number, port = 1000): TestPacket => ({
  bytes: udp({src: `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`, srcPort: port, dstPort: 2000, payload: "x"}),
  ts
});

/** Meters a batch of one packet. */
function meterOne(meter: Meter, {bytes, ts}: TestPacket, sink: MeterSink): void {
  const {batch} = meter;
  batch.bytes.set(bytes);
  batch.offset[0] = 0;
  batch.captured[0] = batch.wire[0] = bytes.length;
  batch.ts[0] = ts;
  batch.link[0] = 1;
  batch.count = 1;
  meter.process(sink);
}

const packets = (flows: readonly FlowObject[]) => flows.map((flow) => flow.src_pkts + flow.dst_pkts);

describe("timeouts in packet time", () => {
  it("end a flow after a silence longer than the idle timeout", async () => {
    const times = [0, 120, 241].map((t) => t * second);
    const {flows} = await meterPackets(times.map((ts) => from(1, ts)));
    expect(flows.map((flow) => [flow.src_pkts, flow.end_reason, flow.duration_us])).toEqual([
      [2, "idle", 120 * second],
      [1, "end", 0]
    ]);
  });

  it("cut a flow that lasts longer than the active timeout, with the same roles", async () => {
    const back = {src: "10.0.0.2", dst: "10.0.0.1", srcPort: 2000, dstPort: 1000};
    const list: TestPacket[] = [
      from(1, 0),
      ...Array.from({length: 25}, (_, i) => ({bytes: udp({...back, payload: "y"}), ts: (i + 1) * 100 * second}))
    ];
    const {flows} = await meterPackets(list);
    expect(flows.map((flow) => [flow.src_ip, flow.src_pkts, flow.dst_pkts, flow.end_reason])).toEqual([
      ["10.0.0.1", 1, 18, "active"],
      ["10.0.0.1", 0, 7, "end"]
    ]);
  });

  it("tell which flow goes on where the active timeout cut one", async () => {
    const meter = await createMeter({...testSettings, maxFlows: 4});
    const told: (readonly number[])[] = [];
    const sink = {
      onPayload: ({slot}: {slot: number}) => told.push([slot]) > 0,
      onFlow: (slot: number, row: number, continuedIn: number) => told.push([slot, row, continuedIn]),
      onFlows() {}
    };
    const list = Array.from({length: 20}, (_, i) => from(1, i * 100 * second));
    for (const packet of list) meterOne(meter, packet, sink);
    meter.flush(sink);
    const [first, last] = [told[0][0], told.at(-1)![0]];
    expect(told).toEqual([...Array.from({length: 19}, () => [first]), [first, 0, last], [last], [last, 1, -1]]);
  });

  it("bear times that run backwards", async () => {
    const {flows} = await meterPackets([from(1, 10 * second), from(1, 4 * second), from(1, 12 * second)]);
    expect(flows.map((flow) => [flow.src_pkts, flow.ts_start, flow.duration_us, flow.iat_min_s])).toEqual([
      [3, 4 * second, 8 * second, 0]
    ]);
  });

  it("are not those of records without any bytes", async () => {
    const nothing = {bytes: new Uint8Array(0), ts: 0, wire: 0};
    const {flows, counters} = await meterPackets([from(1, 10 * second), nothing, from(1, 12 * second), nothing]);
    expect(packets(flows)).toEqual([2]);
    const {malformed, firstTs, lastTs} = counters;
    expect([counters.packets, malformed, firstTs, lastTs]).toEqual([4, 2, 10 * second, 12 * second]);
  });

  it("outlive a single time far in the future", async () => {
    const list = [...Array(10).keys()].map((i) => from(1, i * second));
    const {flows, counters} = await meterPackets([
      ...list,
      from(2, 1e15),
      ...[...Array(10).keys()].map((i) => from(1, (10 + i) * second))
    ]);
    expect(packets(flows)).toEqual([1, 20]);
    expect([counters.misdated, counters.lastTs]).toEqual([1, 19 * second]);
  });

  it("outlive a single time long past, and end where all later times are far", async () => {
    const list = [...Array(10).keys()].map((i) => from(1, 1e15 + i * second));
    const past = await meterPackets([...list.slice(0, 5), from(1, second), ...list.slice(5)]);
    expect([packets(past.flows), past.counters.misdated, past.counters.firstTs]).toEqual([[11], 1, 1e15]);
    const later = await meterPackets([...list, ...[...Array(3).keys()].map((i) => from(1, 2e15 + i * second))]);
    expect([packets(later.flows), later.counters.misdated]).toEqual([[10, 3], 0]);
  });
});

describe("the flow table", () => {
  it("evicts the least recently seen flow when it is full, and counts it", async () => {
    const list = [from(1, 0), from(2, 2 * second), from(1, 4 * second), from(3, 5 * second)];
    const {flows, counters} = await meterPackets(list, {...testSettings, maxFlows: 2});
    expect(flows.map((flow) => [flow.src_ip, flow.src_pkts, flow.end_reason])).toEqual([
      ["10.0.0.2", 1, "evicted"],
      ["10.0.0.1", 2, "end"],
      ["10.0.0.3", 1, "end"]
    ]);
    expect([counters.flows, counters.evictedFlows]).toEqual([3, 1]);
  });

  it("grows to many live flows without losing any", async () => {
    const hosts = [...Array(12_000).keys()];
    const list = [...hosts.map((host) => from(host, host)), ...hosts.map((host) => from(host, 20_000 + host))];
    const columns = ["flow_id", "src_pkts", "dst_pkts"];
    const {flows, counters} = await meterPackets(list, testSettings, {columns});
    expect([flows.length, counters.evictedFlows, new Set(packets(flows))]).toEqual([12_000, 0, new Set([2])]);
    expect(new Set(flows.map((flow) => flow.flow_id)).size).toBe(12_000);
  });

  it("remembers the last flows of so many hosts, and counts those that gave way", async () => {
    const hosts = 100_000;
    const columns = ["ctx_last_src_hosts", "ctx_last_dst_sources", "ctx_last_dst_port_share"];
    const list = Array.from({length: hosts}, (_, i) => from(i, i * 10));
    const {flows, counters} = await meterPackets(list, testSettings, {columns});
    expect(flows.length).toBe(hosts);
    // Sets of four: some overflow before the table of 65,536 is full.
    expect(counters.contextHostsEvicted).toBeGreaterThanOrEqual(hosts + 1 - 65_536);
    expect(counters.contextHostsEvicted).toBeLessThan(hosts);
    expect(flows.at(-1)).toMatchObject({ctx_last_src_hosts: 0, ctx_last_dst_sources: 15, ctx_last_dst_port_share: 1});
  });

  it("hands out payloads to a sink that takes them, and to the same flow's later one", async () => {
    const meter = await createMeter({...testSettings, maxFlows: 4});
    const told: number[] = [];
    const takes = {onPayload: ({ts}: {ts: number}) => told.push(ts) < 3, onFlows() {}};
    for (const [ts, sink] of [{onFlows() {}}, takes, takes, {onFlows() {}}, takes, takes, takes].entries()) {
      meterOne(meter, from(1, ts), sink);
    }
    expect(told).toEqual([1, 2, 4]);
  });

  it("gives back each slot for its own flow only", async () => {
    const meter = await createMeter({...testSettings, maxFlows: 2});
    const list = [from(1, 0), from(2, 1), from(3, 2), from(1, 3)];
    const live = new Map<number, string>();
    const ended: string[] = [];
    const sink = {
      onPayload({slot}: {slot: number}) {
        const address = meter.address(slot, 0);
        expect(live.get(slot) ?? address).toBe(address);
        live.set(slot, address);
        return true;
      },
      onFlow(slot: number) {
        expect(meter.address(slot, 0)).toBe(live.get(slot));
        ended.push(live.get(slot)!);
        live.delete(slot);
      },
      onFlows() {}
    };
    for (const packet of list) meterOne(meter, packet, sink);
    meter.flush(sink);
    expect(ended).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1"]);
    expect(() => meter.address(0, 0)).toThrow("outside its own callback");
  });
});

describe("the meter", () => {
  it("finds the same whatever the size of the batches", async () => {
    const list = randomPackets(5, 2500);
    const all = await meterPackets(list);
    for (const perBatch of [1, 1000]) expect(await meterPackets(list, testSettings, {perBatch})).toEqual(all);
  });

  it("survives every truncation of a frame", async () => {
    const whole = tcp({src: "fd00::1", dst: "fd00::2", flags: "PA", payload: "hello", vlans: [1, 2]});
    for (const link of [0, 1, 9, 10, 50, 51, 101, 104, 105, 113, 127, 228, 229, 239, 276, 9999]) {
      const list = Array.from({length: whole.length}, (_, n) => ({
        bytes: new Uint8Array(whole.subarray(0, n)),
        wire: whole.length,
        ts: n,
        link
      }));
      const {flows, counters} = await meterPackets(list);
      const unread = counters.unread[link] ?? 0;
      const counted = packets(flows).reduce((a, b) => a + b, 0) + counters.malformed + counters.nonIpPackets + unread;
      expect({link, counted}).toEqual({link, counted: list.length});
    }
  });

  it("takes no length from a wire length below that of the headers, as damaged files have it", async () => {
    const bytes = new Uint8Array(udp({src: "10.0.0.1", payload: "x"}));
    // Total length 0: what was on the wire stands for it.
    bytes.fill(0, 16, 18);
    const {flows} = await meterPackets([{bytes, ts: 1, wire: 1}], {...testSettings, verifiesChecksums: true});
    expect(flows.map((flow) => [flow.src_pkts, flow.src_ip_bytes, flow.src_payload_bytes])).toEqual([[1, 20, 0]]);
  });

  it("says which setting is wrong", async () => {
    await expect(createMeter({...testSettings, maxFlows: 1})).rejects.toThrow(
      "maxFlows: expected a whole number from 2 to 1048576, found 1"
    );
    await expect(createMeter({...testSettings, idleTimeoutUs: 0})).rejects.toThrow(
      "idleTimeoutUs: expected a time above 0 µs, found 0"
    );
    await expect(createMeter({...testSettings, captureSeed: "x"})).rejects.toThrow(
      'captureSeed: expected at least 16 hexadecimal digits, found "x"'
    );
  });
});
