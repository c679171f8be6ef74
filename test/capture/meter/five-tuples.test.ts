import {readdirSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {expect, it} from "vitest";
import {describeUnless} from "../../needs.ts";
import {hasSharedData, noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {type FlowObject, meterFile, withoutTimeouts} from "./metered.ts";

const oracle = join(sharedData, "truth/oracle");
const numbers: Record<string, number> = {icmp: 1, igmp: 2, tcp: 6, udp: 17, icmpv6: 58, sctp: 132};

const columns = [
  ...["proto", "src_port", "dst_port", "outer_src_ip", "outer_dst_ip"],
  ...["src_pkts", "dst_pkts", "src_wire_bytes", "dst_wire_bytes"]
];

/** Packets and wire bytes each way, from the lower endpoint first. */
type Sums = [number, number, number, number];

/** Adds to the sums of a pair of endpoints, whichever of them comes first. */
function add(all: Map<string, Sums>, proto: number, a: string, b: string, sums: Sums): void {
  const [key, [p, q, r, s]] =
    a <= b ? [`${proto} ${a} ${b}`, sums] : [`${proto} ${b} ${a}`, [sums[1], sums[0], sums[3], sums[2]]];
  const have = all.get(key) ?? [0, 0, 0, 0];
  all.set(key, [have[0] + p, have[1] + q, have[2] + r, have[3] + s]);
}

/** The oracle's rows: outermost addresses; no ports but for TCP, UDP and SCTP. */
function oracleSums(file: string): Map<string, Sums> {
  const all = new Map<string, Sums>();
  for (const line of readFileSync(join(oracle, file), "utf8").trim().split("\n").slice(1)) {
    const [proto, src, sport, dst, dport, ...counts] = line.split(",");
    const [forward, backward, bytesForward, bytesBackward] = counts.slice(0, 4).map(Number);
    add(all, numbers[proto] ?? Number(proto.replace("ip-", "")), `${src}|${sport}`, `${dst}|${dport}`, [
      forward,
      backward,
      bytesForward,
      bytesBackward
    ]);
  }
  return all;
}

function meteredSums(flows: readonly FlowObject[]): Map<string, Sums> {
  const all = new Map<string, Sums>();
  for (const flow of flows) {
    const hasPorts = [6, 17, 132].includes(flow.proto) && flow.src_port + flow.dst_port > 0;
    const end = (ip: string, port: number) => `${ip}|${hasPorts ? port : ""}`;
    add(all, flow.proto, end(flow.outer_src_ip, flow.src_port), end(flow.outer_dst_ip, flow.dst_port), [
      flow.src_pkts,
      flow.dst_pkts,
      flow.src_wire_bytes,
      flow.dst_wire_bytes
    ]);
  }
  return all;
}

describeUnless(noSharedData)("sums over five-tuples equal those of tshark", () => {
  const oracles = hasSharedData ? readdirSync(oracle).filter((name) => name.endsWith(".flows.csv")) : [];
  const captures = sharedCaptures("pcap").map(({file}) => file);

  for (const name of oracles)
    it(name, async () => {
      const file = captures.find(
        (capture) => capture.slice("pcap/".length).replaceAll("/", "_") === name.replace(".flows.csv", "")
      );
      const {flows} = await meterFile(join(sharedData, file ?? name), withoutTimeouts, columns);
      const found = [...meteredSums(flows)].sort();
      expect(found).toEqual([...oracleSums(name)].sort());
    });
});
