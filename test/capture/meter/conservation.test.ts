import {join} from "node:path";
import {expect, it} from "vitest";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {type FlowObject, meterFile, testSettings} from "./metered.ts";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const counts = ["src_pkts", "dst_pkts"];
const packetsOf = (flows: readonly FlowObject[]) => sum(flows.map((flow) => flow.src_pkts + flow.dst_pkts));

/** What more is read than the manifest's plain counter reads, in IP packets. */
const readBeyond: Record<string, [ours: number, manifest: number]> = {
  "pcap/arkime/80211http.pcap": [26, 0],
  "pcap/arkime/nflog.pcap": [10, 0],
  "pcap/zeek-extra/dns-inverse-query.pcap": [11, 0],
  // FabricPath.
  "pcap/ndpi/ajp.pcap": [38, 26],
  // MPLS pseudowires, provider backbone bridges, VN-Tags, IP by LLC, a network service header.
  "pcap/tcpreplay/test.pcap": [176, 166],
  "pcap/zeek/pbb.pcap": [10, 0],
  "pcap/zeek/vntag.pcap": [3, 0],
  "pcap/zeek/vntag_vlan_sandwich_clean.pcap": [1, 0],
  "pcap/arkime/arkime_synthetic.pcap": [913, 911],
  // Headers that contradict themselves.
  "pcap/zeek-extra/trunc/ipv4-truncated-broken-header.pcap": [0, 1],
  "pcap/zeek-extra/trunc/mpls-6in6-broken.pcap.gz": [1775, 1789]
};

/** Link types that are not read, with the packets of all malformed captures that have them. */
const unreadTypes = [8, 123, 129, 132, 137, 149, 164, 178, 195, 242, 271];

describeUnless(noSharedData)("every packet of the shared captures is counted once", () => {
  it("in flows, non-IP, malformed or unread; packets and IP packets are those of the manifest", async () => {
    const unread = new Set<number>();
    const beyond: Record<string, [number, number]> = {};
    let opened = 0;
    for (const capture of [...sharedCaptures("pcap"), ...sharedCaptures("malformed")]) {
      const {file, kind, packets, ip_packets} = capture as typeof capture & {ip_packets?: number};
      const metered = await meterFile(join(sharedData, file), testSettings, counts).catch(() => null);
      if (!metered) continue;
      opened++;
      const {counters, flows} = metered;
      const inFlows = packetsOf(flows);
      for (const type of Object.keys(counters.unread)) unread.add(Number(type));
      const counted = inFlows + counters.nonIpPackets + counters.malformed + sum(Object.values(counters.unread));
      expect({file, counted, flows: flows.length}).toEqual({file, counted: counters.packets, flows: counters.flows});
      if (kind !== "pcap") continue;
      expect([file, counters.packets]).toEqual([file, packets]);
      if (ip_packets !== undefined && ip_packets !== inFlows) beyond[file] = [inFlows, ip_packets];
    }
    expect(opened).toBe(1287);
    expect([...unread].sort((a, b) => a - b)).toEqual(unreadTypes);
    expect(beyond).toEqual(readBeyond);
  }, 200_000);
});
