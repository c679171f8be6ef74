import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {openSource} from "../../../capture/sources/open.ts";
import {itUnless, noProgram} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {plainBatch} from "../sources/packets.ts";
import {ethernet, tcp, udp} from "./frames.ts";
import {meterFile, meterPackets, testSettings} from "./metered.ts";

const at = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 4000, dstPort: 5000};
const packet = (ts: number, payload: string) => ({ts, bytes: udp({...at, payload})});
const dedup = {...testSettings, leavesOutDuplicates: true};

describe("packets that were captured twice", () => {
  it("are counted, and left out where that is asked for", async () => {
    const packets = [
      packet(0, "one"),
      packet(3, "one"),
      packet(10, "two"),
      packet(500, "one"),
      // The same again, later than a millisecond after: it was sent twice.
      packet(1_600, "one"),
      packet(1_601, "other")
    ];
    const plain = await meterPackets(packets);
    expect([plain.counters.duplicates, plain.flows[0].src_pkts]).toEqual([2, 6]);
    const without = await meterPackets(packets, dedup);
    expect([without.counters.packets, without.counters.duplicates, without.flows[0].src_pkts]).toEqual([6, 2, 4]);
  });

  it("are not those of equal ends only", async () => {
    const {counters} = await meterPackets([packet(0, "a long one: same end"), packet(1, "a lone one: same end")]);
    expect(counters.duplicates).toBe(0);
  });

  it("are copies behind a router or in another VLAN, and not what was sent again or with another TTL", async () => {
    const sent = Buffer.from(tcp({...at, id: 7, flags: "PA", seq: 1, ack: 1, payload: "said once"}));
    const changed = (edit: (frame: Buffer) => void) => {
      const frame = Buffer.from(sent);
      edit(frame);
      return frame;
    };
    const routed = changed((frame) => {
      frame[5] = frame[11] = 9;
      frame[22]--;
      frame.writeUInt16BE(0x1234, 24);
    });
    const tagged = Buffer.concat([sent.subarray(0, 12), Buffer.from([0x81, 0, 0, 7]), sent.subarray(12)]);
    const [again, probe, other] = [
      changed((frame) => frame.writeUInt16BE(8, 18)),
      changed((frame) => frame[22]--),
      changed((frame) => frame[60]++)
    ];
    const counted = async (second: Uint8Array, settings = testSettings) =>
      (
        await meterPackets(
          [0, 40].map((ts, i) => ({ts, bytes: i === 0 ? sent : second})),
          settings
        )
      ).counters.duplicates;
    expect([await counted(routed), await counted(tagged)]).toEqual([1, 1]);
    expect([await counted(again), await counted(probe), await counted(other)]).toEqual([0, 0, 0]);
    const {flows} = await meterPackets(
      [sent, routed, tagged].map((bytes, i) => ({ts: i * 40, bytes})),
      dedup
    );
    expect(flows.map(({src_pkts, src_retransmits}) => [src_pkts, src_retransmits])).toEqual([[1, 0]]);
  });

  it("of IPv6 are copies behind a router, and not probes with another hop limit or what came again later", async () => {
    const sent = Buffer.from(
      tcp({src: "2001:db8::1", dst: "2001:db8::2", flags: "PA", seq: 1, ack: 1, payload: "said once"})
    );
    const changed = (edit: (frame: Buffer) => void) => {
      const frame = Buffer.from(sent);
      edit(frame);
      return frame;
    };
    const routed = changed((frame) => {
      frame[5] = frame[11] = 9;
      frame[14 + 7]--;
    });
    const tagged = Buffer.concat([routed.subarray(0, 12), Buffer.from([0x81, 0, 0, 7]), routed.subarray(12)]);
    const [probe, other] = [changed((frame) => frame[14 + 7]--), changed((frame) => frame[80]++)];
    const counted = async (second: Uint8Array, after = 40) =>
      (
        await meterPackets([
          {ts: 0, bytes: sent},
          {ts: after, bytes: second}
        ])
      ).counters.duplicates;
    expect([await counted(routed), await counted(tagged), await counted(sent)]).toEqual([1, 1, 1]);
    expect([await counted(probe), await counted(other), await counted(routed, 1_500)]).toEqual([0, 0, 0]);
  });

  it("in tunnels are copies of what is outside, or in another one, and not what was sent again or with another TTL", async () => {
    const inner = (edit: (packet: Buffer) => void = () => {}, payload = "said once, wrapped twice") => {
      const sent = Buffer.from(tcp({...at, id: 7, flags: "PA", seq: 1, ack: 1, payload}).subarray(14));
      edit(sent);
      return sent;
    };
    const outside = (packet: Uint8Array) => Buffer.concat([Buffer.alloc(12, 2), Buffer.from([8, 0]), packet]);
    const gre = (packet: Uint8Array, id: number) =>
      Buffer.from(
        ethernet(47, Buffer.concat([Buffer.from([0, 0, 8, 0]), packet]), {src: "192.0.2.1", dst: "192.0.2.2", id})
      );
    // A packet in a tunnel comes first, so that the capture is known to have them.
    const counted = async (frames: readonly Uint8Array[], settings = testSettings, every = 40) => {
      const packets = [gre(inner(undefined, "another one"), 1), ...frames].map((bytes, i) => ({bytes, ts: i * every}));
      const {counters, flows} = await meterPackets(packets, settings);
      return [counters.duplicates, flows.reduce((sum, {src_pkts}) => sum + src_pkts, 0)];
    };
    const routed = (packet: Buffer) => {
      packet[8]--;
      packet.writeUInt16BE(0x1234, 10);
    };
    const padded = (packet: Uint8Array) => Buffer.concat([outside(packet), Buffer.alloc(9)]);
    expect(await counted([outside(inner()), gre(inner(), 2)])).toEqual([1, 3]);
    expect(await counted([outside(inner()), gre(inner(), 2)], dedup)).toEqual([1, 2]);
    expect(await counted([gre(inner(), 2), padded(inner(routed))], dedup)).toEqual([1, 2]);
    expect(await counted([gre(inner(), 2), gre(inner(), 3), outside(inner())], dedup)).toEqual([2, 2]);
    // With another TTL in the same wrapping, another identification, other content, or later.
    expect(await counted([gre(inner(), 2), gre(inner(routed), 3)])).toEqual([0, 3]);
    expect(
      await counted([
        outside(inner()),
        gre(
          inner((packet) => packet.writeUInt16BE(8, 4)),
          2
        )
      ])
    ).toEqual([0, 3]);
    expect(
      await counted([
        outside(inner()),
        gre(
          inner((packet) => packet[45]++),
          2
        )
      ])
    ).toEqual([0, 3]);
    expect(await counted([outside(inner()), gre(inner(), 2)], testSettings, 1001)).toEqual([0, 3]);
  });

  it("in tunnels of IPv6 are copies, with another hop limit in another wrapping only", async () => {
    const sent = (hops: number) => {
      const packet = Buffer.from(udp({src: "2001:db8::1", dst: "2001:db8::2", payload: "said once"}).subarray(14));
      packet[7] = hops;
      return packet;
    };
    const wrapped = (packet: Uint8Array, id: number) => ethernet(41, packet, {src: "192.0.2.1", dst: "192.0.2.2", id});
    const outside = (packet: Uint8Array) => Buffer.concat([Buffer.alloc(12, 2), Buffer.from([0x86, 0xdd]), packet]);
    const counted = async (...frames: Uint8Array[]) =>
      (await meterPackets(frames.map((bytes, i) => ({bytes, ts: 40 * i})))).counters.duplicates;
    expect(await counted(wrapped(sent(64), 1), outside(sent(63)))).toBe(1);
    expect(await counted(wrapped(sent(64), 1), wrapped(sent(64), 2))).toBe(1);
    expect(await counted(wrapped(sent(64), 1), wrapped(sent(63), 2))).toBe(0);
  });

  itUnless(noSharedData)("are the seven packets of a mirrored trunk that a router sent on", async () => {
    // Packets 2, 5, 8, 11, 22, 24 and 26. The server's SYN-ACK of the last connection was captured in VLAN 50 first, its
    // client in VLAN 300, so that they stay two flows.
    const file = join(sharedData, "pcap/ndpi/mongodb.pcap");
    const [plain, without] = [await meterFile(file), await meterFile(file, dedup)];
    expect([plain.counters.duplicates, plain.flows.length, without.flows.length]).toEqual([7, 8, 6]);
  });

  for (const name of ["pcap/ndpi/dnp3.pcap", "faults/pktmon_dup.pcapng"])
    itUnless(noSharedData ?? noProgram("editcap"))(`are those that editcap removes from ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "flowbook-duplicates-"));
      try {
        const left = join(folder, "left.pcapng");
        execFileSync("editcap", ["-w", "0.001", join(sharedData, name), left], {stdio: "ignore"});
        const {counters, flows} = await meterFile(join(sharedData, name), dedup);
        expect(counters.packets - counters.duplicates).toBe(await packetsOf(left));
        const expected = await meterFile(left, testSettings);
        expect(flows.map(({src_pkts, dst_pkts}) => [src_pkts, dst_pkts])).toEqual(
          expected.flows.map(({src_pkts, dst_pkts}) => [src_pkts, dst_pkts])
        );
      } finally {
        rmSync(folder, {recursive: true});
      }
    });
});

async function packetsOf(file: string): Promise<number> {
  const batch = plainBatch();
  const source = await openSource(file);
  let packets = 0;
  while (await source.next(batch)) packets += batch.count;
  await source.close();
  return packets;
}
