import {describe, expect, it} from "vitest";
import type {Meter, MeterSink} from "../../../capture/meter/meter.ts";
import {createMeter} from "../../../capture/meter/wasm-meter.ts";
import {ArpRows} from "../../../capture/rows/arp-rows.ts";
import {cellReader} from "../../../loaders/lake/batch-cells.ts";
import type {RowBatch} from "../../../schema/rows.ts";
import {testSettings} from "./metered.ts";

/** An Ethernet frame with an ARP packet, by its bytes in hexadecimal. */
function frame(arp: string, tag = ""): Buffer {
  return Buffer.from(`ffffffffffff020000000005${tag}0806${arp}`.replaceAll(" ", ""), "hex");
}

const asks = "0001 0800 06 04 0001 020000000005 0a000005 000000000000 0a000001";
const tells = "0001 0800 06 04 0002 020000000001 0a000001 020000000005 0a000005";

async function rowsOf(packets: readonly {bytes: Buffer; ts: number}[]) {
  const meter = await createMeter(testSettings);
  const rows = new ArpRows("c0ffee");
  const sink: MeterSink = {
    onPayload: () => true,
    onFlow() {},
    onFlows() {},
    onArp: (packet) => rows.add(packet)
  };
  for (let from = 0; from < packets.length; from += 1500) {
    put(meter, packets.slice(from, from + 1500));
    meter.process(sink);
  }
  return {batch: rows.take(), counters: meter.counters};
}

function put({batch}: Meter, packets: readonly {bytes: Buffer; ts: number}[]): void {
  let at = 0;
  for (const [n, {bytes, ts}] of packets.entries()) {
    batch.bytes.set(bytes, at);
    batch.offset[n] = at;
    batch.captured[n] = batch.wire[n] = bytes.length;
    batch.ts[n] = ts;
    batch.link[n] = 1;
    at += bytes.length;
  }
  batch.count = packets.length;
}

function cells(batch: RowBatch | null) {
  if (!batch) return [];
  const readers = batch.columns.map(cellReader);
  return Array.from({length: batch.rows}, (_, row) => readers.map((read) => read(row)));
}

describe("ARP packets", () => {
  it("give rows with who claims and who is asked for, through VLAN tags", async () => {
    const {batch, counters} = await rowsOf([
      {bytes: frame(asks), ts: 1e6},
      {bytes: frame(tells, "8100 0007"), ts: 1.5e6}
    ]);
    expect(cells(batch)).toEqual([
      ["c0ffee", 1e6, 1, "02:00:00:00:00:05", "10.0.0.5", "00:00:00:00:00:00", "10.0.0.1", null],
      ["c0ffee", 1.5e6, 2, "02:00:00:00:00:01", "10.0.0.1", "02:00:00:00:00:05", "10.0.0.5", 7]
    ]);
    expect([counters.arpPackets, counters.malformed]).toEqual([2, 0]);
  });

  it("of other addresses, or cut, are counted and give no row", async () => {
    const {batch, counters} = await rowsOf([
      {bytes: frame(asks.replace("0001 0800", "0006 0800")), ts: 0},
      {bytes: frame(asks.replace("06 04", "08 04")), ts: 0},
      {bytes: frame(asks).subarray(0, 41), ts: 0},
      {bytes: frame(""), ts: 0}
    ]);
    expect(batch).toBeNull();
    expect(counters.arpPackets).toBe(4);
  });

  it("give at most a thousand rows in a second of packet time, and all are counted", async () => {
    const flood = Array.from({length: 4000}, (_, i) => ({bytes: frame(asks), ts: i * 400}));
    const {batch, counters} = await rowsOf(flood);
    expect([batch?.rows, counters.arpPackets]).toEqual([2000, 4000]);
    const seconds = cells(batch).map(([, ts]) => Math.floor(Number(ts) / 1e6));
    expect([seconds.filter((s) => s === 0).length, seconds.filter((s) => s === 1).length]).toEqual([1000, 1000]);
  });

  it("keep their Ethernet addresses where many take turns, in this batch and the next", async () => {
    const mac = (i: number) => `02${(i * 7919).toString(16).padStart(10, "0")}`;
    const packets = Array.from({length: 900}, (_, i) => ({
      bytes: frame(asks.replace("020000000005", mac(i % 300))),
      ts: i * 1000
    }));
    const expected = packets.map((_, i) => mac(i % 300).replace(/..(?=.)/g, "$&:"));
    const rows = new ArpRows("c0ffee");
    const meter = await createMeter(testSettings);
    for (const part of [packets.slice(0, 500), packets.slice(500)]) {
      put(meter, part);
      meter.process({onFlows() {}, onArp: (packet) => rows.add(packet)});
      expect(cells(rows.take()).map((row) => row[3])).toEqual(expected.splice(0, part.length));
    }
  });
});
