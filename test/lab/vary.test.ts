import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, describe, expect, it} from "vitest";
import type {Truth, TruthEvent} from "../../lab/truth.ts";
import {parts, toNumber, toText} from "../../lab/vary/frame.ts";
import {PcapFile, PcapOutput} from "../../lab/vary/pcap-file.ts";
import type {Variation} from "../../lab/vary/variation.ts";
import {vary} from "../../lab/vary/vary.ts";

const second = 1e6;
const start = 1_700_000_000 * second;
const [web, ann, ben, foe] = ["203.0.113.5", "10.0.0.11", "10.0.0.12", "10.0.0.66"];

interface Sent {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly sport: number;
  readonly dport: number;
  readonly proto?: 6 | 17;
}

/** An Ethernet frame with IPv4 and TCP or UDP, checksums right. */
function frame({from, to, sport, dport, proto = 6}: Sent): Buffer {
  const mac = (address: string) => [2, 0x42, ...address.split(".").map(Number)];
  const segment = Buffer.alloc(proto === 6 ? 40 : 30, 7);
  segment.writeUInt16BE(sport, 0);
  segment.writeUInt16BE(dport, 2);
  if (proto === 17) segment.writeUInt16BE(segment.length, 4);
  const sumAt = proto === 6 ? 16 : 6;
  segment.writeUInt16BE(0, sumAt);
  const head = Buffer.alloc(20);
  head.set([0x45, 0, 0, 20 + segment.length, 0, 1, 0, 0, 64, proto]);
  head.writeUInt32BE(toNumber(from), 12);
  head.writeUInt32BE(toNumber(to), 16);
  head.writeUInt16BE(checksum(head), 10);
  segment.writeUInt16BE(
    checksum(Buffer.concat([head.subarray(12), Buffer.from([0, proto, 0, segment.length]), segment])),
    sumAt
  );
  return Buffer.concat([Buffer.from([...mac(to), ...mac(from), 8, 0]), head, segment]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** True where the checksums of the frame's IPv4 and TCP or UDP headers hold. */
function holds(bytes: Buffer): boolean {
  const segment = bytes.subarray(34);
  const pseudo = Buffer.concat([bytes.subarray(26, 34), Buffer.from([0, bytes[23], 0, segment.length]), segment]);
  return checksum(bytes.subarray(14, 34)) === 0 && checksum(pseudo) === 0;
}

/** Ann and Ben read a page at the same time from the same port, the foe scans Ben, then the web server. */
const sent: Sent[] = [
  {at: 0, from: ann, to: web, sport: 5000, dport: 80},
  {at: 0.1, from: web, to: ann, sport: 80, dport: 5000},
  {at: 1, from: ben, to: web, sport: 5000, dport: 80},
  {at: 1.1, from: web, to: ben, sport: 80, dport: 5000},
  {at: 2, from: ann, to: ben, sport: 6000, dport: 445},
  {at: 20, from: foe, to: ben, sport: 7000, dport: 22},
  {at: 20.1, from: foe, to: web, sport: 7001, dport: 23},
  {at: 20.2, from: web, to: foe, sport: 23, dport: 7001},
  {at: 40, from: ann, to: web, sport: 5000, dport: 80},
  {at: 41, from: ann, to: web, sport: 123, dport: 123, proto: 17}
];

const scan: TruthEvent = {
  label: "PortScan",
  tool: "nmap",
  t0: start + 19.9 * second,
  t1: start + 20.5 * second,
  src: [foe],
  dst: [ben, web],
  commands: [`nmap ${web}`]
};
const truth: Truth = {
  format: "flowbook-truth-1",
  made_by: "test",
  licence: "the project's own",
  configuration: "small",
  seed: 1,
  seconds: 41,
  capture: "small.pcap",
  capture_sha256: "0".repeat(64),
  started: new Date(start / 1000).toISOString(),
  kernel_drops: 0,
  hosts: {web: [web], ann: [ann], ben: [ben], foe: [foe]},
  services: {http: `${web}:80`},
  tools: {},
  events: [scan]
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-vary-"));
  const file = new PcapOutput(join(folder, "small.pcap"), 256);
  for (const one of sent) file.write(start + one.at * second, frame(one).length, frame(one));
  file.close();
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

async function varied(variation: Partial<Variation>) {
  const output = join(folder, "other.pcap");
  const result = await vary(join(folder, "small.pcap"), truth, {seed: 1, ...variation}, output);
  const file = new PcapFile(output);
  const packets = [...file].map(({ts, wireLength, frame}) => {
    const {src, dst, srcPort, dstPort} = parts(frame);
    return {
      at: Math.round((ts - start) / 1000) / 1000,
      from: toText(src),
      to: toText(dst),
      sport: srcPort,
      dport: dstPort,
      length: frame.length,
      wireLength,
      holds: holds(frame)
    };
  });
  file.close();
  const told: Truth = JSON.parse(readFileSync(join(folder, "other.truth.json"), "utf8"));
  return {result, packets, told};
}

describe("a capture made of another", () => {
  it("without a variation has the same packets and events", async () => {
    const {result, packets, told} = await varied({});
    expect(result).toEqual({read: 10, written: 10, events: 1});
    expect(packets.map(({at, from, to}) => ({at, from, to}))).toEqual(sent.map(({at, from, to}) => ({at, from, to})));
    expect(told.events).toEqual([scan]);
    expect(told.varied).toEqual({capture_sha256: truth.capture_sha256, seed: 1});
  });

  it("cut has the seconds asked for and the events in them", async () => {
    expect((await varied({cut: [0.05, 15]})).result).toEqual({read: 10, written: 4, events: 0});
    expect((await varied({cut: [15, 30]})).result).toEqual({read: 10, written: 3, events: 1});
  });

  it("thinned to nothing keeps attackers and servers", async () => {
    const {packets} = await varied({thin: 0});
    expect(packets.map(({from, to}) => [from, to])).toEqual([
      [foe, web],
      [web, foe]
    ]);
  });

  it("seen at the border has nothing that stays inside", async () => {
    const {packets} = await varied({border: true});
    expect(packets.length).toBe(8);
    expect(packets.every(({from, to}) => from === web || to === web)).toBe(true);
  });

  it("one way has only the side that spoke first", async () => {
    const {packets} = await varied({oneWay: true});
    expect(packets.map(({from}) => from)).toEqual([ann, ben, ann, foe, foe, ann, ann]);
  });

  it("cut short in its packets keeps their length on the wire", async () => {
    const {packets} = await varied({snapLength: 60});
    expect(packets.map(({length}) => length)).toEqual(sent.map(() => 60));
    expect(packets[0].wireLength).toBe(74);
  });

  it("loses about the share of packets that it is told to", async () => {
    const {result} = await varied({loss: 0.5});
    expect(result.written).toBeGreaterThan(1);
    expect(result.written).toBeLessThan(9);
  });

  it("with other addresses keeps neighbours, checksums and what the truth says", async () => {
    const {packets, told} = await varied({remap: true});
    expect(packets.every((packet) => packet.holds)).toBe(true);
    const [a, b] = [packets[0].from, packets[2].from];
    expect(a.split(".").slice(0, 3)).toEqual(b.split(".").slice(0, 3));
    expect(a).toMatch(/^10\./);
    expect([ann, ben, web, foe]).not.toContain(a);
    expect(told.hosts).toEqual({web: [packets[0].to], ann: [a], ben: [b], foe: [packets[6].from]});
    expect(told.services).toEqual({http: `${packets[0].to}:80`});
    expect(told.events[0].src).toEqual([packets[6].from]);
    expect(told.events[0].dst).toEqual([b, packets[0].to]);
    expect(told.events[0].commands).toEqual([`nmap ${packets[0].to}`]);
  });

  it("behind a shared address hides its hosts, their ports and what they say to each other", async () => {
    const {packets, told} = await varied({nat: 3});
    expect(packets.every((packet) => packet.holds)).toBe(true);
    const shared = packets[0].from;
    expect([ann, ben, foe]).toContain(shared);
    // Of ten packets two stay among the three.
    expect(packets.map(({from, to, sport, dport}) => [from, to, sport, dport])).toEqual([
      [shared, web, 5000, 80],
      [web, shared, 80, 5000],
      [shared, web, 20_000, 80],
      [web, shared, 80, 20_000],
      [shared, web, 7001, 23],
      [web, shared, 23, 7001],
      [shared, web, 5000, 80],
      [shared, web, 123, 123]
    ]);
    // Ordinary connections of the same address in the attack's time are not the attack's.
    expect(told.events[0].src).toEqual([shared]);
    expect(told.events[0].connections).toEqual([{proto: 6, src_port: 7001, dst: web, dst_port: 23}]);
  });

  it("stretched has longer pauses between connections, and not within", async () => {
    const {packets, told} = await varied({stretch: 10});
    expect(packets.map(({at}) => at)).toEqual([0, 0.1, 10, 10.1, 20, 200, 201, 201.1, 400, 410]);
    expect((told.events[0].t0 - start) / second).toBeCloseTo(199, 3);
    expect((told.events[0].t1 - start) / second).toBeCloseTo(205, 3);
    expect(told.seconds).toBe(410);
  });

  it("refuses what is no capture of the lab", async () => {
    await expect(
      vary(join(import.meta.dirname, "vary.test.ts"), truth, {seed: 1}, join(folder, "x.pcap"))
    ).rejects.toThrow(/expected a capture of the lab/);
  });
});
