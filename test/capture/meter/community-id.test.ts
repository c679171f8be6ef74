import {readFileSync} from "node:fs";
import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {itUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {icmp, tcp} from "./frames.ts";
import {meterFile, meterPackets, withoutTimeouts} from "./metered.ts";

interface Baseline {
  readonly proto: number;
  readonly saddr: string;
  readonly daddr: string;
  readonly sport: number | null;
  readonly dport: number | null;
  readonly communityid: string;
}

describe("Community ID", () => {
  it("is that of the specification's example, the same from both ends", async () => {
    const ends = {src: "128.232.110.120", dst: "66.35.250.204", srcPort: 34855, dstPort: 80};
    const back = {src: ends.dst, dst: ends.src, srcPort: 80, dstPort: 34855};
    const there = await meterPackets([{bytes: tcp({...ends, flags: "S"}), ts: 1}]);
    const here = await meterPackets([{bytes: tcp({...back, flags: "S"}), ts: 1}]);
    expect([there.flows[0].community_id, here.flows[0].community_id]).toEqual([
      "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
      "1:LQU9qZlK+B5F3KDmev6m5PMibrg="
    ]);
  });

  it("keeps the direction of ICMP messages that have no counterpart", async () => {
    const ends = {src: "10.0.0.2", dst: "10.0.0.1"};
    const back = {src: "10.0.0.1", dst: "10.0.0.2"};
    const {flows} = await meterPackets([
      {bytes: icmp(3, 3, ends), ts: 1},
      {bytes: icmp(3, 3, back), ts: 2}
    ]);
    expect(flows.map((flow) => [flow.src_ip, flow.src_port, flow.dst_port])).toEqual([
      ["10.0.0.2", 3, 3],
      ["10.0.0.1", 3, 3]
    ]);
    expect(flows[0].community_id).not.toBe(flows[1].community_id);
  });

  itUnless(noSharedData)("equals the baseline for every flow of its captures", async () => {
    const baseline = JSON.parse(
      readFileSync(join(sharedData, "truth/community-id/baseline_deflt.json"), "utf8")
    ) as Baseline[];
    const known = new Map(
      baseline.map((row) => [[row.proto, row.saddr, row.sport ?? 0, row.daddr, row.dport ?? 0].join(), row.communityid])
    );
    const found: string[] = [];
    for (const name of ["arp", "icmp", "icmp6", "ipv6", "rsvp", "sctp", "tcp", "udp"]) {
      const {flows} = await meterFile(join(sharedData, `pcap/community-id/${name}.pcap`), withoutTimeouts);
      for (const flow of flows) {
        const key = [flow.proto, flow.src_ip, flow.src_port, flow.dst_ip, flow.dst_port].join();
        expect({key, id: flow.community_id}).toEqual({key, id: known.get(key)});
        found.push(flow.community_id);
      }
    }
    expect(new Set(found)).toEqual(new Set(known.values()));
  });
});
