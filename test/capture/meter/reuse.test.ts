import {resolve} from "node:path";
import {describe, expect, it} from "vitest";
import {createMeter} from "../../../capture/meter/wasm-meter.ts";
import {udp} from "./frames.ts";
import {meterFile, meterPackets, testSettings} from "./metered.ts";

const demo = resolve(import.meta.dirname, "../../../data/demo/demo.pcap");

describe("a meter made of one that is closed", () => {
  it("tells what a new one tells, whatever the captures before were", async () => {
    const settings = {...testSettings, maxFlows: 64};
    const first = await meterFile(demo, settings);
    const other = await meterFile(demo, {
      ...settings,
      captureSeed: "ffeeddccbbaa99887766554433221100",
      idleTimeoutUs: 1e6
    });
    const again = await meterFile(demo, settings);
    expect(first.counters.evictedFlows).toBeGreaterThan(0);
    expect(other.flows.length).not.toBe(first.flows.length);
    expect(again).toEqual(first);
  });

  it("takes its memory, and leaves it alone", async () => {
    const settings = {...testSettings, maxFlows: 32};
    const left = await createMeter(settings);
    const {buffer} = left.batch.bytes;
    left.close();
    const next = await createMeter(settings);
    expect(next.batch.bytes.buffer).toBe(buffer);
    expect(() => left.counters).toThrow("the meter is closed");
    expect(() => left.read).toThrow("the meter is closed");
    expect(() => left.flush({onPayload: () => false, onFlow() {}, onFlows() {}})).toThrow("the meter is closed");
    const third = await createMeter(settings);
    expect(third.batch.bytes.buffer).not.toBe(buffer);
  });

  it("remembers no host and no pair of three hundred captures before", async () => {
    const settings = {...testSettings, maxFlows: 16};
    const list = [0, 1, 2, 3].map((n) => ({bytes: udp({srcPort: 1000 + n, dstPort: 53, payload: "x"}), ts: n * 1e6}));
    for (let n = 0; n < 300; n++) {
      const {flows, counters} = await meterPackets(list, settings);
      const seen = flows.map((flow) => `${flow.ctx_last_src_hosts} ${flow.ctx_interval_mean_s}`);
      expect(seen.join(", ")).toBe("0 -1, 1 -1, 1 -1, 1 1");
      expect(counters.contextPairsEvicted + counters.contextHostsEvicted).toBe(0);
    }
  });
});
