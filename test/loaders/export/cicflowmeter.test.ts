import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {cicColumns, cicStatistics} from "../../../schema/cicflowmeter.ts";
import {type MadePacket, pcap} from "../../capture/made-capture.ts";
import {icmpEcho, tcpSegment, udp6Datagram, udpDatagram} from "../../conformance/made-frames.ts";

const start = 1_700_000_000_000_000;
const [client, server] = [
  {ip: "10.0.0.1", port: 40_000},
  {ip: "10.0.0.2", port: 80}
];

/** A connection with its times in µs after the start: both handshakes, a bulk of four answers, six seconds of silence. */
const connection: MadePacket[] = (
  [
    [0, "up", "S", 0, 1000],
    [100, "down", "SA", 0, 2000],
    [200, "up", "A", 0, 900],
    [1200, "up", "PA", 100, 900],
    [1300, "down", "A", 0, 1990],
    [2300, "down", "A", 500, 1990],
    [2400, "down", "A", 500, 1990],
    [2600, "down", "A", 500, 1990],
    [3000, "down", "PA", 300, 1990],
    [3100, "up", "A", 0, 890],
    [6_003_100, "up", "PUA", 50, 890],
    [6_003_200, "down", "A", 0, 1980],
    [6_004_200, "up", "FA", 0, 890],
    [6_004_300, "down", "FA", 0, 1980],
    [6_004_400, "up", "A", 0, 890]
  ] as const
).reduce<{packets: MadePacket[]; sent: {up: number; down: number}}>(
  ({packets, sent}, [us, way, flags, payload, window]) => {
    const other = way === "up" ? "down" : "up";
    const [from, to] = way === "up" ? [client, server] : [server, client];
    const frame = tcpSegment({from, to, sequence: sent[way], acknowledged: sent[other], flags, window, payload});
    const length = payload + (/[SF]/.test(flags) ? 1 : 0);
    return {packets: [...packets, {us: start + us, frame}], sent: {...sent, [way]: sent[way] + length}};
  },
  {packets: [], sent: {up: 1000, down: 5000}}
).packets;

/** By hand from the segments above: SYN and SYN-ACK have 24 bytes of header, the others 20. */
const expectedConnection: Readonly<Record<string, number>> = {
  "Flow Duration": 6004400,
  "Total Fwd Packet": 7,
  "Total Bwd packets": 8,
  "Total Length of Fwd Packet": 150,
  "Total Length of Bwd Packet": 1800,
  "Fwd Packet Length Max": 100,
  "Fwd Packet Length Min": 0,
  "Fwd Packet Length Mean": 21.428571,
  "Fwd Packet Length Std": 39.33979,
  "Bwd Packet Length Max": 500,
  "Bwd Packet Length Min": 0,
  "Bwd Packet Length Mean": 225,
  "Bwd Packet Length Std": 249.284691,
  "Flow Bytes/s": 324.761841,
  "Flow Packets/s": 2.498168,
  "Flow IAT Mean": 428885.714286,
  "Flow IAT Std": 1603477.036777,
  "Flow IAT Max": 6000000,
  "Flow IAT Min": 100,
  "Fwd IAT Total": 6004400,
  "Fwd IAT Mean": 1000733.333333,
  "Fwd IAT Std": 2449130.567092,
  "Fwd IAT Max": 6000000,
  "Fwd IAT Min": 200,
  "Bwd IAT Total": 6004200,
  "Bwd IAT Mean": 857742.857143,
  "Bwd IAT Std": 2267610.498489,
  "Bwd IAT Max": 6000200,
  "Bwd IAT Min": 100,
  "Fwd PSH Flags": 2,
  "Bwd PSH Flags": 1,
  "Fwd URG Flags": 1,
  "Bwd URG Flags": 0,
  "Fwd Header Length": 144,
  "Bwd Header Length": 164,
  "Fwd Packets/s": 1.165812,
  "Bwd Packets/s": 1.332356,
  "Packet Length Min": 0,
  "Packet Length Max": 500,
  "Packet Length Mean": 130,
  "Packet Length Std": 206.847079,
  "Packet Length Variance": 42785.714286,
  "FIN Flag Count": 2,
  "SYN Flag Count": 2,
  "RST Flag Count": 0,
  "PSH Flag Count": 3,
  "ACK Flag Count": 14,
  "URG Flag Count": 1,
  "CWR Flag Count": 0,
  "ECE Flag Count": 0,
  "Down/Up Ratio": 1.142857,
  "Average Packet Size": 130,
  "Fwd Segment Size Avg": 21.428571,
  "Bwd Segment Size Avg": 225,
  "Fwd Bytes/Bulk Avg": 0,
  "Fwd Packet/Bulk Avg": 0,
  "Fwd Bulk Rate Avg": 0,
  "Bwd Bytes/Bulk Avg": 1800,
  "Bwd Packet/Bulk Avg": 4,
  "Bwd Bulk Rate Avg": 2571428.571429,
  "Subflow Fwd Packets": 3.5,
  "Subflow Fwd Bytes": 75,
  "Subflow Bwd Packets": 4,
  "Subflow Bwd Bytes": 900,
  "FWD Init Win Bytes": 1000,
  "Bwd Init Win Bytes": 2000,
  "Fwd Act Data Pkts": 2,
  "Fwd Seg Size Min": 20,
  "Active Mean": 2200,
  "Active Std": 1272.792206,
  "Active Max": 3100,
  "Active Min": 1300,
  "Idle Mean": 6000000,
  "Idle Std": 0,
  "Idle Max": 6000000,
  "Idle Min": 6000000
};

const nothing = Object.fromEntries(cicStatistics.map(({name}) => [name, 0]));

let folder: string;
let engine: LakeEngine;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-cic-"));
  const [a, b] = ["10.0.0.5", "10.0.0.6"];
  const [dns, asker] = [
    {ip: "10.0.0.4", port: 53},
    {ip: "10.0.0.3", port: 5353}
  ];
  const [far, near] = [
    {ip: "2001:db8::2", port: 9000},
    {ip: "2001:db8::1", port: 9001}
  ];
  const packets = [
    ...connection,
    {us: start + 10, frame: udpDatagram(asker, dns, 30)},
    {us: start + 20, frame: icmpEcho(a, b, "request", 56)},
    {us: start + 50, frame: icmpEcho(b, a, "reply", 56)},
    {us: start + 1_500_020, frame: icmpEcho(a, b, "request", 56)},
    {us: start + 1_500_080, frame: icmpEcho(b, a, "reply", 56)},
    {us: start + 30, frame: udp6Datagram(near, far, 10)},
    {us: start + 1030, frame: udp6Datagram(near, far, 30)}
  ].sort((x, y) => x.us - y.us);
  writeFileSync(join(folder, "made.pcap"), pcap(packets));
  await importCaptures([join(folder, "made.pcap")], {lake: join(folder, "lake"), clock: () => 0});
  engine = await openLake(join(folder, "lake"), {threads: 1});
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

async function flow(source: string, view = "cicflowmeter"): Promise<Record<string, unknown>> {
  const column = view === "cicflowmeter" ? "Src IP" : "Source IP";
  const {columns, rows} = await engine.query(`SELECT * FROM ${view} WHERE "${column}" = '${source}'`);
  expect(rows).toHaveLength(1);
  return Object.fromEntries(rows[0].map((value, i) => [columns[i].name, value]));
}

/** Every statistic of a flow, within what a 32-bit float holds. */
async function expectStatistics(source: string, expected: Readonly<Record<string, number>>): Promise<void> {
  const row = await flow(source);
  expect(Object.keys(expected)).toEqual(cicStatistics.map(({name}) => name));
  for (const [name, value] of Object.entries(expected)) {
    const difference = Math.abs(Number(row[name]) - value);
    expect(difference <= 3e-7 * Math.abs(value), `${name}: ${row[name]}, expected ${value}`).toBe(true);
  }
}

describe("a flow in CICFlowMeter's columns", () => {
  it("has the columns in the order of its files, then the keys of the lake", async () => {
    const {columns} = await engine.query("SELECT * FROM cicflowmeter LIMIT 0");
    expect(columns.map(({name}) => name)).toEqual([...cicColumns.map(({name}) => name), "flow_id", "capture_sha256"]);
    expect(cicColumns).toHaveLength(84);
  });

  it("is named by addresses, ports, protocol and start in UTC", async () => {
    expect(await flow("10.0.0.1")).toMatchObject({
      "Flow ID": "10.0.0.1-10.0.0.2-40000-80-6",
      "Src Port": 40_000,
      "Dst IP": "10.0.0.2",
      "Dst Port": 80,
      Protocol: 6,
      Timestamp: "2023-11-14 22:13:20.000000",
      Label: "NeedManualLabel"
    });
  });

  it("of a TCP connection has the statistics that its segments give by hand", () =>
    expectStatistics("10.0.0.1", expectedConnection));

  it("of a single datagram has rates of 0, not Infinity, and counts its payload once", () =>
    expectStatistics("10.0.0.3", {
      ...nothing,
      "Total Fwd Packet": 1,
      "Total Length of Fwd Packet": 30,
      "Fwd Packet Length Max": 30,
      "Fwd Packet Length Min": 30,
      "Fwd Packet Length Mean": 30,
      "Fwd Header Length": 8,
      "Packet Length Min": 30,
      "Packet Length Max": 30,
      "Packet Length Mean": 30,
      "Average Packet Size": 30,
      "Fwd Segment Size Avg": 30,
      "Subflow Fwd Packets": 1,
      "Subflow Fwd Bytes": 30,
      "FWD Init Win Bytes": -1,
      "Bwd Init Win Bytes": -1,
      "Fwd Act Data Pkts": 1,
      "Fwd Seg Size Min": 8
    }));

  it("of ICMP has the payload of its messages, ports of 0, and a subflow for each side of a silence", async () => {
    expect(await flow("10.0.0.5")).toMatchObject({"Flow ID": "10.0.0.5-10.0.0.6-0-0-1", "Src Port": 0, "Dst Port": 0});
    await expectStatistics("10.0.0.5", {
      ...nothing,
      "Flow Duration": 1_500_060,
      "Total Fwd Packet": 2,
      "Total Bwd packets": 2,
      "Total Length of Fwd Packet": 112,
      "Total Length of Bwd Packet": 112,
      "Fwd Packet Length Max": 56,
      "Fwd Packet Length Min": 56,
      "Fwd Packet Length Mean": 56,
      "Bwd Packet Length Max": 56,
      "Bwd Packet Length Min": 56,
      "Bwd Packet Length Mean": 56,
      "Flow Bytes/s": 149.327360238924,
      "Flow Packets/s": 2.66656000426649,
      "Flow IAT Mean": 500_020,
      // Of 30, 1,499,970 and 60 µs.
      "Flow IAT Std": 865_982.055939777,
      "Flow IAT Max": 1_499_970,
      "Flow IAT Min": 30,
      "Fwd IAT Total": 1_500_000,
      "Fwd IAT Mean": 1_500_000,
      "Fwd IAT Max": 1_500_000,
      "Fwd IAT Min": 1_500_000,
      "Bwd IAT Total": 1_500_030,
      "Bwd IAT Mean": 1_500_030,
      "Bwd IAT Max": 1_500_030,
      "Bwd IAT Min": 1_500_030,
      "Fwd Header Length": 16,
      "Bwd Header Length": 16,
      "Fwd Packets/s": 1.33328000213325,
      "Bwd Packets/s": 1.33328000213325,
      "Packet Length Min": 56,
      "Packet Length Max": 56,
      "Packet Length Mean": 56,
      "Down/Up Ratio": 1,
      "Average Packet Size": 56,
      "Fwd Segment Size Avg": 56,
      "Bwd Segment Size Avg": 56,
      "Subflow Fwd Packets": 1,
      "Subflow Fwd Bytes": 56,
      "Subflow Bwd Packets": 1,
      "Subflow Bwd Bytes": 56,
      "FWD Init Win Bytes": -1,
      "Bwd Init Win Bytes": -1,
      "Fwd Act Data Pkts": 2,
      "Fwd Seg Size Min": 8
    });
  });

  it("over IPv6 has times in µs and headers without the 40 bytes of IP", () =>
    expectStatistics("2001:db8::1", {
      ...nothing,
      "Flow Duration": 1000,
      "Total Fwd Packet": 2,
      "Total Length of Fwd Packet": 40,
      "Fwd Packet Length Max": 30,
      "Fwd Packet Length Min": 10,
      "Fwd Packet Length Mean": 20,
      // √200
      "Fwd Packet Length Std": 14.1421356237,
      "Flow Bytes/s": 40_000,
      "Flow Packets/s": 2000,
      "Flow IAT Mean": 1000,
      "Flow IAT Max": 1000,
      "Flow IAT Min": 1000,
      "Fwd IAT Total": 1000,
      "Fwd IAT Mean": 1000,
      "Fwd IAT Max": 1000,
      "Fwd IAT Min": 1000,
      "Fwd Header Length": 16,
      "Fwd Packets/s": 2000,
      "Packet Length Min": 10,
      "Packet Length Max": 30,
      "Packet Length Mean": 20,
      "Packet Length Std": 14.1421356237,
      "Packet Length Variance": 200,
      "Average Packet Size": 20,
      "Fwd Segment Size Avg": 20,
      "Subflow Fwd Packets": 2,
      "Subflow Fwd Bytes": 40,
      "FWD Init Win Bytes": -1,
      "Bwd Init Win Bytes": -1,
      "Fwd Act Data Pkts": 2,
      "Fwd Seg Size Min": 8
    }));

  it("has the same values under the names of CICIDS2017, Fwd Header Length twice", async () => {
    const [named, row] = [await flow("10.0.0.1", "cicids2017"), await flow("10.0.0.1")];
    for (const {name, name2017} of cicColumns) expect([name2017, named[name2017]]).toEqual([name2017, row[name]]);
    expect(named["Fwd Header Length.1"]).toBe(row["Fwd Header Length"]);
    expect(Object.keys(named).indexOf("Fwd Header Length.1")).toBe(
      Object.keys(named).indexOf("Avg Bwd Segment Size") + 1
    );
  });
});

describe("a lake without flows", () => {
  it("has the views, without rows", async () => {
    const empty = await openLake(join(folder, "no lake"), {threads: 1});
    try {
      expect((await empty.query("SELECT COUNT(*) FROM cicflowmeter")).rows).toEqual([[0n]]);
      expect((await empty.query("SELECT COUNT(*) FROM cicids2017")).rows).toEqual([[0n]]);
    } finally {
      await empty.close();
    }
  });
});
