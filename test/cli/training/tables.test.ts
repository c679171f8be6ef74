import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {gzipSync} from "node:zlib";
import {afterAll, expect, it} from "vitest";
import {classOf} from "../../../cli/training/tables/class-of.ts";
import {trainingFeatures} from "../../../cli/training/training-flows.ts";
import {readTables, type TrainingTable} from "../../../cli/training/training-tables.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-tables-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function read(name: string, text: string, role: "table" | "test" = "table"): Promise<TrainingTable> {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return (await readTables([path], role, 1))[0];
}

const value = ({matrix}: TrainingTable, row: number, feature: string) =>
  matrix[row * trainingFeatures.length + trainingFeatures.indexOf(feature)];

it("CICIDS2017: µs become seconds, rates are computed anew, what its files lack is missing", async () => {
  const head =
    " Flow Duration, Total Fwd Packets, Total Backward Packets,Total Length of Fwd Packets, Total Length of Bwd Packets, Fwd Packet Length Max, Flow IAT Mean, Flow IAT Min,Fwd Header Length, Bwd Header Length, Min Packet Length,Fwd Header Length, Label";
  const table = await read(
    "2017.csv.gz",
    `${head}\n2000000,3,1,600,Infinity,300,0,-5,60,20,0,60,DoS Hulk\n0,1,0,0,0,0,0,0,20,0,0,20,BENIGN\n`
  );
  expect([table.format.name, table.labels, [...table.protocols]]).toEqual([
    "CICFlowMeter",
    ["DoS", "Normal"],
    [-1, -1]
  ]);
  expect(
    ["duration_s", "src_packets_per_s", "src_payload_mean_bytes", "src_header_sum_bytes", "iat_min_s"].map((name) =>
      value(table, 0, name)
    )
  ).toEqual([2, 1.5, 200, 120, 0]);
  // Infinity is no number, and neither is what follows from it.
  expect(["dst_payload_sum_bytes", "payload_bytes_per_s", "turns"].map((name) => value(table, 0, name))).toEqual([
    Number.NaN,
    Number.NaN,
    Number.NaN
  ]);
  expect(value(table, 1, "packets_per_s")).toBe(0);
  expect(table.available).not.toContain("src_psh_count");
});

it("CSE-CIC-IDS2018 has the same columns under other names", async () => {
  const head =
    "Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Tot Bwd Pkts,TotLen Fwd Pkts,TotLen Bwd Pkts,Fwd Packet Length Max,Fwd Pkt Len Min,Flow IAT Mean,Fwd Act Data Pkts,Label";
  const table = await read("2018.csv", `${head}\n22,6,x,1000000,4,5,40,50,20,10,1,2,SSH-Bruteforce\n`);
  expect([
    table.labels,
    [...table.protocols],
    value(table, 0, "dst_payload_sum_bytes"),
    value(table, 0, "src_payload_min_bytes")
  ]).toEqual([["BruteForce"], [6], 50, 10]);
});

it("NSL-KDD has no head, UNSW-NB15 a number for each attack", async () => {
  const kdd = await read(
    "kdd.txt",
    `${["2", "tcp", "http", "SF", "100", "300", ...new Array(35).fill("0.5"), "neptune", "20"].join(",")}\n`
  );
  expect([
    kdd.format.name,
    kdd.labels,
    value(kdd, 0, "payload_bytes_per_s"),
    value(kdd, 0, "ctx_last_dst_port_share")
  ]).toEqual(["NSL-KDD", ["DoS"], 200, 0.5]);
  const head =
    "id,dur,proto,service,state,spkts,dpkts,sbytes,dbytes,sttl,dttl,sload,sinpkt,dinpkt,tcprtt,synack,attack_cat,label";
  const unsw = await read("unsw.csv", `${head}\n1,0.5,tcp,-,FIN,2,3,100,200,1,1,1,250,100,0.01,0,Reconnaissance,1\n`);
  expect([
    unsw.labels,
    value(unsw, 0, "src_iat_mean_s"),
    value(unsw, 0, "handshake_s"),
    value(unsw, 0, "synack_s")
  ]).toEqual([["Probe"], 0.25, expect.closeTo(0.01, 6), -1]);
});

it("IoT-23: the context of a flow is counted from the log's own hosts and times", async () => {
  const fields =
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto duration orig_bytes resp_bytes orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes".split(
      " "
    );
  const rows = [
    ["0.0", "a", "10.0.0.1", 1, "10.0.0.9", 80, "tcp", "1.0", 100, 50, 2, 180, 1, 90],
    ["1.0", "b", "10.0.0.1", 2, "10.0.0.8", 81, "tcp", "-", "-", "-", 1, 40, 0, 0],
    ["7.5", "c", "10.0.0.1", 3, "10.0.0.9", 80, "tcp", "-", "-", "-", 1, 40, 0, 0]
  ];
  const ends = ["-   benign   -", "-   Malicious   PartOfAHorizontalPortScan", "-   Malicious   C&C"];
  const text = `#separator \\x09\n#fields\t${[...fields, "tunnel_parents   label   detailed-label"].join("\t")}\n#types\tx\n${rows.map((row, i) => [...row, ends[i]].join("\t")).join("\n")}\n#close\t2020\n`;
  const table = await read("conn.log.labeled", text);
  expect(table.labels).toEqual(["Normal", "PortScan", "Botnet"]);
  const column = (name: string) => [0, 1, 2].map((row) => value(table, row, name));
  expect(column("src_header_sum_bytes")).toEqual([80, 40, 40]);
  expect(column("ctx_src_flows")).toEqual([0, 1, 0]);
  expect(column("ctx_last_src_hosts")).toEqual([0, 1, 2]);
  expect(column("duration_s")).toEqual([1, 0, 0]);
});

it("rows that are only called malicious are tested with, and not learnt", async () => {
  const text = `Flow Duration,Fwd Packet Length Max,Flow IAT Mean,Label\n1,1,1,1\n1,1,1,0\n`;
  expect((await read("binary.csv", text)).labels).toEqual([null, "Normal"]);
  expect((await read("binary.csv", text, "test")).labels).toEqual(["Attack", "Normal"]);
});

it.each([
  ["a,b\n1,2\n", "expected a table by CICFlowMeter"],
  ["Flow Duration,Fwd Packet Length Max,Flow IAT Mean\n1,1,1\n", "CICFlowMeter without a column of labels"],
  ["", "found nothing"]
])("a file that is no labelled table is refused: %j", async (text, why) => {
  await expect(read("other.csv", text)).rejects.toThrow(why);
});

it.each([
  ["Web Attack – Brute Force", "WebAttack"],
  ["Brute Force -XSS", "WebAttack"],
  ["FTP-Patator", "BruteForce"],
  ["DoS attacks-SlowHTTPTest", "DoS"],
  ["DDOS attack-HOIC", "DDoS"],
  ["Infilteration", "Infiltration"],
  ["BENIGN", "Normal"],
  ["NeedManualLabel", null]
])("%s is %s", (label, expected) => expect(classOf(label)).toBe(expected));

it("a file that is missing, a folder, JSON that is cut, or gzip that is cut is refused by name", async () => {
  const cut = join(folder, "cut.csv.gz");
  const rows = Array.from({length: 5000}, (_, n) => `${n * 7919},${n % 11},${n % 7},${n},${n},${n % 1460},BENIGN`);
  const head =
    "Flow Duration,Total Fwd Packets,Total Backward Packets,Total Length of Fwd Packets,Total Length of Bwd Packets,Fwd Packet Length Max,Label";
  writeFileSync(cut, gzipSync([head, ...rows].join("\n")).subarray(0, 20_000));
  await expect(readTables([cut], "table", 1)).rejects.toThrow(`${cut}: gzip: unexpected end of file`);
  await expect(readTables([join(folder, "none.csv")], "table", 1)).rejects.toThrow("none.csv: ENOENT");
  await expect(readTables([folder], "table", 1)).rejects.toThrow("EISDIR");
  await expect(read("bad.json", '{"ts": 1}\n{"ts": ')).rejects.toThrow("bad.json: line 2: expected an object of JSON");
});
