import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {LiveTally} from "../../../capture/live/live-tally.ts";
import {LocalNets} from "../../../capture/live/local-nets.ts";
import {createMeter, defaultSettings} from "../../../capture/meter/wasm-meter.ts";
import {openSource} from "../../../capture/sources/open.ts";
import type {LiveSecond} from "../../../schema/live/seconds.ts";
import {itUnless} from "../../needs.ts";
import {smallCapture} from "../../server/small-capture.ts";
import {noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {ethernetUdp, type MadePacket, pcap} from "../made-capture.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-tally-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** Runs a capture file through meter and tally as a live capture would be. */
async function tallied(path: string, nets: readonly string[], beginMs: number) {
  const meter = await createMeter({...defaultSettings, captureSeed: "0".repeat(64)});
  const source = await openSource(path);
  const tally = new LiveTally(new LocalNets(nets), beginMs);
  const service = (rows: number) => ({codes: new Int32Array(rows).fill(-1), values: []});
  const sink = {
    onPayload: () => false,
    onFlow() {},
    onFlows: (flows: Parameters<LiveTally["ended"]>[0]) => tally.ended(flows, {service: service(flows.rows)})
  };
  const seconds: LiveSecond[] = [];
  try {
    while (await source.next(meter.batch)) {
      meter.process(sink);
      tally.take(meter.batch, meter.packetFlows);
      seconds.push(...tally.takeSeconds());
    }
  } catch {
    // A damaged file ends where it ends.
  }
  await source.close();
  meter.flush(sink);
  tally.closeBefore(Number.POSITIVE_INFINITY);
  seconds.push(...tally.takeSeconds());
  return {seconds, examples: tally.takeExamples(), counters: meter.counters};
}

function file(bytes: Buffer): string {
  const path = join(folder, `${Math.random()}.pcap`);
  writeFileSync(path, bytes);
  return path;
}

describe("seconds of a live capture", () => {
  it("hold each packet once, with empty seconds between, and name directions and destinations", async () => {
    const at = 1_700_000_000;
    const udp = (src: string, dst: string, bytes: number) => ethernetUdp(src, 40_000, dst, 53, Buffer.alloc(bytes));
    const packets: MadePacket[] = [
      {us: at * 1e6, frame: udp("10.0.0.5", "192.0.2.9", 58)},
      {us: at * 1e6 + 10, frame: udp("10.0.0.5", "192.0.2.9", 58)},
      {us: at * 1e6 + 20, frame: ethernetUdp("192.0.2.9", 53, "10.0.0.5", 40_000, Buffer.alloc(158))},
      {us: (at + 2) * 1e6, frame: udp("10.0.0.5", "10.0.0.6", 58)},
      {us: (at + 2) * 1e6 + 1, frame: udp("10.0.0.5", "224.0.0.251", 58)},
      {us: (at + 2) * 1e6 + 2, frame: udp("198.51.100.1", "192.0.2.9", 58)}
    ];
    const {seconds, examples} = await tallied(file(pcap(packets)), ["10.0.0.0/8"], at * 1000);
    expect(seconds.map(({second, volume, newFlows}) => [second - at, ...volume, newFlows])).toEqual([
      [0, 3, 400, 1],
      [1, 0, 0, 0],
      [2, 3, 300, 3]
    ]);
    expect(seconds[0].directions).toEqual([
      [2, 200],
      [1, 200],
      [0, 0],
      [0, 0]
    ]);
    expect(seconds[0].destinations).toEqual([["192.0.2.9", 3, 400]]);
    expect(seconds[2].directions).toEqual([
      [0, 0],
      [0, 0],
      [2, 200],
      [1, 100]
    ]);
    expect(seconds[2].kinds[1]).toEqual([3, 300]);
    expect(examples.packets.map(({dst, bytes, kind}) => [dst, bytes, kind])).toEqual([
      ["192.0.2.9", 100, "udp"],
      ["192.0.2.9", 100, "udp"],
      ["10.0.0.5", 200, "udp"],
      ["10.0.0.6", 100, "udp"],
      ["224.0.0.251", 100, "udp"],
      ["192.0.2.9", 100, "udp"]
    ]);
    const [flow] = examples.flows;
    expect(flow).toMatchObject({src: "10.0.0.5", dst: "192.0.2.9", dstPort: 53, packets: 3, bytes: 400, isOver: true});
    expect(flow.id).toBe(examples.packets[2].flow);
  });

  it("list at most a hundred flows and twelve packets, however many come", async () => {
    const {seconds, examples} = await tallied(
      file(smallCapture({flows: 300, port: 5000, start: 1_700_000_000})),
      ["10.9.0.0/24"],
      1_700_000_000_000
    );
    expect(seconds.length).toBe(300);
    expect(seconds.every(({volume: [packets], newFlows}) => packets === 2 && newFlows === 1)).toBe(true);
    expect(seconds[7].directions.slice(0, 2)).toEqual([
      [1, 82],
      [1, 122]
    ]);
    expect([examples.flows.length, examples.packets.length]).toEqual([100, 12]);
    expect(examples.flows.every(({isOver, packets, state}) => isOver && packets === 2 && state !== null)).toBe(true);
  });

  it("count a packet that comes late in the second that is open", async () => {
    const at = 1_700_000_000;
    const frame = ethernetUdp("10.0.0.5", 1, "10.0.0.6", 2, Buffer.alloc(10));
    const {seconds} = await tallied(
      file(pcap([at + 3, at + 1, at + 4].map((second) => ({us: second * 1e6, frame})))),
      [],
      (at + 3) * 1000
    );
    expect(seconds.map(({second, volume}) => [second - at, volume[0]])).toEqual([
      [3, 2],
      [4, 1]
    ]);
  });

  const captures = ["pcap", "malformed", "truth"] as const;
  itUnless(noSharedData)(
    "add up to the meter's packets and bytes over every shared capture, whatever is in it",
    {timeout: 300_000},
    async () => {
      const files = captures.flatMap(sharedCaptures).filter(({bytes, packets}) => bytes < 3e6 && packets > 0);
      const astray: unknown[] = [];
      let packets = 0;
      for (const {file: name} of files.filter((_, n) => n % 4 === 0)) {
        let result: Awaited<ReturnType<typeof tallied>>;
        try {
          result = await tallied(join(sharedData, name), ["10.0.0.0/8", "fc00::/7"], 0);
        } catch {
          continue;
        }
        const {seconds, counters} = result;
        const sum = (k: 0 | 1) => seconds.reduce((total, {volume}) => total + volume[k], 0);
        if (sum(0) !== counters.packets || sum(1) !== counters.wireBytes)
          astray.push([name, sum(0), counters.packets, sum(1), counters.wireBytes]);
        for (const {volume, directions, destinations} of seconds) {
          const inDirections = directions.reduce((total, [count]) => total + count, 0);
          const named = destinations.reduce((total, [, , bytes]) => total + bytes, 0);
          if (inDirections > volume[0] || named > volume[1]) astray.push([name, inDirections, named, volume]);
        }
        packets += counters.packets;
      }
      expect(astray).toEqual([]);
      expect(packets).toBeGreaterThan(10_000);
    }
  );
});

describe("local networks", () => {
  const bytes = (...parts: number[]) => Uint8Array.from(parts);
  it("are told apart by their prefix, loopback always near", () => {
    const nets = new LocalNets(["172.16.0.0/12", "fe80::/10", "2001:db8:1::/48", "203.0.113.7"]);
    const near = (address: Uint8Array) => nets.has(address, 0, address.length === 4 ? 4 : 6);
    expect(
      [
        bytes(172, 31, 255, 255),
        bytes(172, 32, 0, 0),
        bytes(127, 9, 9, 9),
        bytes(203, 0, 113, 7),
        bytes(203, 0, 113, 8)
      ].map(near)
    ).toEqual([true, false, true, true, false]);
    const six = (...head: number[]) => Uint8Array.from([...head, ...new Array(16 - head.length).fill(0)]);
    const loopback = six();
    loopback[15] = 1;
    expect(
      [
        six(0xfe, 0xbf),
        six(0xfe, 0xc0),
        six(0x20, 1, 0x0d, 0xb8, 0, 1, 0xff),
        six(0x20, 1, 0x0d, 0xb8, 0, 2),
        loopback
      ].map(near)
    ).toEqual([true, false, true, false, true]);
  });
  it("are refused where they are none", () => {
    expect(() => new LocalNets(["10.0.0.0/33"])).toThrow("found 10.0.0.0/33");
    expect(() => new LocalNets(["home"])).toThrow("found home");
  });
});
