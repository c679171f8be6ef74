import {join} from "node:path";
import {expect} from "vitest";
import {itUnless} from "../needs.ts";
import {noSharedData, sharedData} from "../shared-data.ts";
import {dissectFiles} from "./dissect/metered.ts";
import {meterFile} from "./meter/metered.ts";

/** Small captures that failed once: packets each way, state and history of their flows, services, and rows of records. */
const right: Readonly<
  Record<string, {flows: (readonly [string, number, number, string, string])[]; services: string[]; records: object}>
> = {
  "concat.pcap": {
    flows: [
      ["10.0.0.1", 5, 3, "SF", "ShADdFf"],
      ["10.0.0.1", 5, 3, "SF", "ShADdFf"]
    ],
    services: ["http", "http"],
    records: {http: 2}
  },
  "dcerpc-135.pcap": {flows: [["10.0.0.1", 3, 1, "S1", "ShAD"]], services: ["dcerpc"], records: {dcerpc: 1}},
  "dhcp-bcast.pcap": {flows: [["10.0.0.1", 1, 0, "S0", "D"]], services: ["dhcp"], records: {}},
  "disordered.pcap": {flows: [["10.0.0.1", 1, 1, "OTH", "^hS"]], services: ["-"], records: {}},
  "dns-frag-only-response.pcap": {flows: [["10.0.0.1", 0, 2, "SHR", "^d"]], services: ["dns"], records: {dns: 1}},
  "future_one.pcap": {
    flows: [
      ["10.0.0.1", 5, 3, "SF", "ShADdFf"],
      ["10.0.0.1", 5, 3, "SF", "ShADdFf"],
      ["10.0.0.9", 1, 0, "S0", "D"]
    ],
    services: ["-", "http", "http"],
    records: {http: 2}
  },
  "http-data-hole100.pcap": {flows: [["10.0.0.1", 4, 4, "OTH", "Dd"]], services: ["http"], records: {http: 4}},
  "irc-user-first.pcap": {flows: [["10.0.0.1", 6, 3, "SF", "ShADdFf"]], services: ["irc"], records: {}},
  "mid_8081.pcap": {flows: [["10.0.0.1", 2, 2, "SF", "^dFfA"]], services: ["http"], records: {http: 1}},
  "pktmon_dup.pcapng": {flows: [["10.0.0.1", 20, 12, "SF", "ShADTdtFf"]], services: ["http"], records: {http: 1}},
  "proxyproto.pcap": {flows: [["10.0.0.1", 6, 3, "SF", "ShADdFf"]], services: ["proxy-protocol"], records: {http: 1}},
  "simopen.pcap": {flows: [["10.0.0.1", 3, 3, "S1", "SsDa"]], services: ["-"], records: {}},
  "socks5-http.pcap": {flows: [["10.0.0.1", 5, 4, "S1", "ShADd"]], services: ["socks"], records: {http: 1}},
  "syn-slow.pcap": {flows: [["10.0.0.1", 5, 1, "S1", "ShAD"]], services: ["-"], records: {}},
  "trailing.pcap": {flows: [["10.0.0.1", 5, 3, "SF", "ShADdFf"]], services: ["http"], records: {http: 1}},
  "vxlan-gbp.pcap": {flows: [["10.0.0.1", 6, 3, "SF", "ShADdFf"]], services: ["http"], records: {http: 1}}
};

for (const [name, expected] of Object.entries(right))
  itUnless(noSharedData)(`${name}, which failed once, is read as it is`, async () => {
    const path = join(sharedData, "faults", name);
    const {flows, counters} = await meterFile(path);
    expect(
      flows
        .map(({src_ip, src_pkts, dst_pkts, conn_state, history}) => [src_ip, src_pkts, dst_pkts, conn_state, history])
        .sort()
    ).toEqual(expected.flows);
    const {flows: named, records} = await dissectFiles([path]);
    expect(named.map(({service}) => service ?? "-").sort()).toEqual(expected.services);
    expect(Object.fromEntries(Object.entries(records).map(([table, rows]) => [table, rows.length]))).toMatchObject(
      expected.records
    );
    const {duplicates, misdated, malformed, firstTs, lastTs} = counters;
    expect([duplicates, misdated, malformed]).toEqual([
      name === "pktmon_dup.pcapng" ? 24 : 0,
      name === "future_one.pcap" ? 1 : 0,
      name === "trailing.pcap" ? 4 : 0
    ]);
    // All of them were made to begin at one time, and to last a few seconds.
    expect([Math.floor(firstTs / 1e6), lastTs - firstTs < 10e6]).toEqual([1_700_000_000, true]);
  });
