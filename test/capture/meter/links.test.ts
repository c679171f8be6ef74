import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {itUnless, noProgram} from "../../needs.ts";
import {meterPackets, testSettings} from "./metered.ts";
import {ReferenceMeter} from "./reference.ts";
import {unopened, wrappedFrames} from "./wrapped-frames.ts";

const packets = wrappedFrames.map(({bytes, link}, i) => ({bytes, link, ts: i + 1}));

describe("link types and tunnels", () => {
  it("lead to the packet inside", async () => {
    const {flows} = await meterPackets(packets);
    const found = new Map(flows.map((flow) => [flow.src_port, flow]));
    expect(
      wrappedFrames.map(({name, port}) => {
        const {src_ip, dst_port, tunnel, vlan, src_payload_bytes} = found.get(port) ?? {};
        return [name, src_ip, dst_port, tunnel, vlan, src_payload_bytes];
      })
    ).toEqual(wrappedFrames.map(({name, tunnel, vlan}) => [name, "10.0.0.1", 9, tunnel, vlan ?? null, 20]));
    expect(flows.length).toBe(wrappedFrames.length);
  });

  it("are read as the plain decoder reads them, whole and cut at every byte", async () => {
    const cut = wrappedFrames.flatMap(({bytes, link}) =>
      [...bytes.keys(), bytes.length].map((length) => ({
        bytes: bytes.subarray(0, length),
        wire: bytes.length,
        link,
        ts: 1
      }))
    );
    const {flows, counters} = await meterPackets(cut);
    const reference = new ReferenceMeter(testSettings);
    for (const packet of cut) reference.add(packet);
    reference.flush();
    const {nonIpPackets, malformed} = counters;
    expect([flows.length, nonIpPackets, malformed]).toEqual([
      reference.flows.length,
      reference.counters.nonIpPackets,
      reference.counters.malformed
    ]);
  });

  it("that say nothing of a packet inside leave the outer flow as it is", async () => {
    const {flows} = await meterPackets(unopened.map(({bytes}, i) => ({bytes, ts: i + 1})));
    expect([...new Set(flows.map(({src_ip, tunnel}) => `${src_ip} ${tunnel}`))]).toEqual(["172.16.0.1 null"]);
    expect(flows.reduce((sum, {src_pkts}) => sum + src_pkts, 0)).toBe(unopened.length);
  });

  it("with identifiers of each direction make one flow", async () => {
    const [there] = wrappedFrames.filter(({name}) => name === "L2TP");
    const back = Buffer.from(there.bytes);
    // Tunnel and session of the other end, addresses and ports turned.
    back.set([172, 16, 0, 2, 172, 16, 0, 1], 26);
    back.set([0, 8, 0, 6], 44);
    const inner = 42 + 10;
    back.set([10, 0, 0, 2, 10, 0, 0, 1], inner + 12);
    back.set(
      [there.bytes[inner + 22], there.bytes[inner + 23], there.bytes[inner + 20], there.bytes[inner + 21]],
      inner + 20
    );
    const {flows} = await meterPackets([there.bytes, back].map((bytes, i) => ({bytes, ts: i + 1})));
    expect(flows.map(({src_pkts, dst_pkts, tunnel}) => [src_pkts, dst_pkts, tunnel])).toEqual([[1, 1, "l2tp:5/7"]]);
  });

  /** Link types that this tshark has no dissector for, or reads in another way, with the reason. */
  const notTsharks = new Map([
    ["PPP with pppd's direction", "no dissector"],
    ["multilink frame relay", "no dissector"],
    ["Cisco HDLC with direction", "no dissector"],
    ["frame relay with direction", "no dissector"],
    ["Broadcom's switch tag", "no dissector"],
    ["Broadcom's switch tag before", "no dissector"],
    ["Marvell DSA", "no dissector"],
    ["Marvell EDSA", "no dissector"],
    ["Ethernet with preamble", "wants a right checksum"],
    ["netANALYZER", "wants its header's length"],
    ["L2TPv3 over IP", "wants the control messages of the session"],
    ["L2TPv3 over UDP with a cookie", "wants the control messages of the session"],
    ["CAPWAP, 802.11", "takes all for swapped, a setting"]
  ]);

  itUnless(noProgram("tshark"))("are those that tshark reads", () => {
    const folder = mkdtempSync(join(tmpdir(), "flowbook-links-"));
    try {
      writeFileSync(join(folder, "all.pcapng"), pcapng());
      const text = execFileSync(
        "tshark",
        ["-r", join(folder, "all.pcapng"), "-T", "fields", "-e", "udp.srcport", "-e", "ip.src", "-E", "aggregator=;"],
        {encoding: "utf8", stdio: ["ignore", "pipe", "ignore"]}
      );
      const rows = text.split("\n").map((line) => line.split("\t").map((values) => values.split(";").at(-1)));
      const read = wrappedFrames.map(({name}, i) => [name, ...rows[i]]);
      const meant = wrappedFrames.map(({name, port}) => [name, String(port), "10.0.0.1"]);
      expect(read.filter(([name]) => !notTsharks.has(name!))).toEqual(meant.filter(([name]) => !notTsharks.has(name)));
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});

/** The frames with an interface for each link type. */
function pcapng(): Buffer {
  const types = [...new Set(wrappedFrames.map(({link}) => link))];
  const block = (type: number, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(body.length + 12, 4);
    return Buffer.concat([head, body, head.subarray(4)]);
  };
  const section = Buffer.from("4d3c2b1a01000000ffffffffffffffff", "hex");
  const interfaces = types.map((type) => block(1, Buffer.from([type & 255, type >> 8, 0, 0, 0, 0, 4, 0])));
  const enhanced = wrappedFrames.map(({bytes, link}, i) => {
    const head = Buffer.alloc(20);
    for (const [at, value] of [types.indexOf(link), 0, i + 1, bytes.length, bytes.length].entries())
      head.writeUInt32LE(value, 4 * at);
    return block(6, Buffer.concat([head, bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]));
  });
  return Buffer.concat([block(0x0a0d0d0a, section), ...interfaces, ...enhanced]);
}
