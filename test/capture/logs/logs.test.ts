import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type ImportResult, importCaptures} from "../../../capture/import/import.ts";
import {FlowRows} from "../../../capture/logs/flow-rows.ts";
import {readFlowPackets} from "../../../capture/packets/flow-packets.ts";
import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {judgeLake} from "../../../loaders/judge/incidents.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import type {RecordQuestion} from "../../../src/lib/records/record-source.ts";
import {recordQuestionSql} from "../../../src/lib/records/record-sql.ts";
import {tcpFigures, tcpServers} from "../../../src/lib/records/tcp.ts";
import {gridFor} from "../../../src/lib/time-grid.ts";
import {madeLogs} from "./made-logs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-logs-"));
const lake = join(folder, "lake");
const names = Object.keys(madeLogs);
const path = (name: string) => join(folder, name);
let first: ImportResult;

beforeAll(async () => {
  for (const [name, bytes] of Object.entries(madeLogs)) writeFileSync(path(name), bytes);
  first = await importCaptures(names.map(path), {lake, clock: () => 1_700_000_100_000, workers: 1});
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function rows(sql: string): Promise<unknown[][]> {
  const engine = await openLake(lake);
  try {
    return (await engine.query(sql)).rows.map((row) =>
      row.map((value) => (typeof value === "bigint" ? Number(value) : value))
    );
  } finally {
    await engine.close();
  }
}

const flowsOf = (name: string, columns: string) =>
  rows(
    `SELECT ${columns} FROM flows JOIN captures USING (capture_sha256) WHERE path = '${path(name)}' ORDER BY ts_start, src_port, proto`
  );

const both =
  "epoch_us(ts_start), duration_us, src_ip, src_port, dst_ip, dst_port, proto, src_pkts, dst_pkts, src_wire_bytes, dst_wire_bytes, conn_state";
const connection = [1_700_000_000_250_000, 1_500_000, "10.0.0.1", 50_000, "192.0.2.9", 443, 6, 9, 8];

describe("logs of flows of other programs", () => {
  it("each becomes a capture with its flows, and says which lines could not be read", async () => {
    expect(
      first.captures.map(({row}) => [
        row.path.slice(folder.length + 1),
        row.format,
        Number(row.packets),
        Number(row.flows),
        row.problem
      ])
    ).toEqual([
      ["conn.log", "zeek-conn", 18, 3, `${path("conn.log")}: line 9: id.orig_p: expected a number, found "port"`],
      ["conn.json", "zeek-conn.gz", 17, 2, null],
      ["eve.json", "eve-flow", 19, 2, null],
      ["nfstream.csv", "nfstream", 18, 2, null],
      ["cic.csv", "cicflowmeter", 17, 1, `${path("cic.csv")}: line 3: timestamp: expected a time, found ""`],
      [
        "v5.nf",
        "netflow-v5",
        17,
        1,
        `${path("v5.nf")}: expected all packets, found one sampled of 100; counts are of the sampled ones`
      ],
      [
        "v9.nf",
        "netflow-v9",
        1,
        1,
        `${path("v9.nf")}: expected templates before the records, found 1 sets without one`
      ],
      [
        "flows.ipfix",
        "ipfix",
        17,
        1,
        `${path("flows.ipfix")}: expected addresses and a time in every record, found 1 without`
      ]
    ]);
    expect(first.failed).toEqual([]);
  });

  it("one connection is the same in all of them, with the bytes that each counts", async () => {
    expect((await flowsOf("conn.log", both))[0]).toEqual([...connection, 1001, 4432, "SF"]);
    expect((await flowsOf("conn.json", both))[0]).toEqual([
      1_700_000_000_250_000,
      0,
      ...connection.slice(2),
      null,
      null,
      "SF"
    ]);
    expect((await flowsOf("eve.json", both))[0]).toEqual([...connection, 1127, 4544, "SF"]);
    expect((await flowsOf("nfstream.csv", both))[0]).toEqual([...connection, 1127, 4544, "RSTR"]);
    expect((await flowsOf("cic.csv", both))[0]).toEqual([
      1_700_000_000_000_000,
      ...connection.slice(1),
      517,
      4000,
      null
    ]);
    expect((await flowsOf("v5.nf", both))[0]).toEqual([...connection, 1001, 4432, "SF"]);
    expect((await flowsOf("flows.ipfix", both))[0]).toEqual([...connection, 1001, 4432, null]);
  });

  it("what a log does not say is NULL, and what follows from it is given", async () => {
    const columns =
      "src_ip, src_port, dst_ip, dst_port, proto, service, service_guess, vlan, server_name, src_payload_bytes, src_retransmits, history";
    expect(await flowsOf("conn.log", columns)).toEqual([
      ["10.0.0.1", 50_000, "192.0.2.9", 443, 6, "tls", null, null, null, 517, null, "ShADadFf"],
      ["10.0.0.1", 8, "192.0.2.9", 0, 1, null, null, null, null, null, null, null],
      ["fe80::1", 5353, "2001:db8::1", 53, 17, null, "dns", null, null, null, null, null]
    ]);
    // Without a handshake there was no payload.
    expect(await flowsOf("conn.json", "src_payload_bytes, conn_state, history")).toEqual([
      [null, "SF", null],
      [0, "S0", "S"]
    ]);
    expect(await flowsOf("conn.json", "service, service_guess, vlan, community_id, src_pkts")).toEqual([
      [null, "tls", 7, "1:own", 9],
      [null, "redis", null, "1:XKdiolCe5g89A/OGI6sAohtLBa0=", null]
    ]);
    expect(await flowsOf("eve.json", "service, vlan, end_reason, src_port, conn_state")).toEqual([
      ["tls", 12, "timeout", 50_000, "SF"],
      [null, null, "shutdown", 8, "OTH"]
    ]);
    expect(await flowsOf("v5.nf", "src_payload_bytes")).toEqual([[null]]);
    expect(await flowsOf("nfstream.csv", "service, server_name, vlan, conn_state")).toEqual([
      ["tls", 'a "name".example', null, "RSTR"],
      [null, null, null, "S0"]
    ]);
    expect(await flowsOf("v9.nf", "src_ip, dst_ip, epoch_us(ts_start), src_ip_bytes, dst_pkts, conn_state")).toEqual([
      ["2001:db8::1", "2001:db8::2", 1_700_000_000_250_000, 70, 0, "S0"]
    ]);
  });

  it("what no log says is unknown in the figures of TCP, not zero", async () => {
    const span = {from: 1_700_000_000_000_000, to: 1_700_000_060_000_000};
    const asked = (question: RecordQuestion) => recordQuestionSql(question, {}, gridFor(span, 60), {model: null});
    expect(await rows(asked(tcpFigures))).toEqual([[8, null, null, null, null, 1, 0]]);
    const waited = tcpServers.columns.findIndex(({name}) => name === "waited_us");
    expect(new Set((await rows(asked(tcpServers))).map((row) => row[waited]))).toEqual(new Set([null]));
  });

  it("a second import of the same logs changes nothing", async () => {
    const again = await importCaptures(names.map(path), {lake, clock: () => 1_700_000_200_000, workers: 1});
    expect(again.captures.map(({known}) => known)).toEqual(names.map(() => true));
    expect(await rows("SELECT count(*) FROM flows")).toEqual([[13]]);
  });

  it("flows without features get no verdict, and rules judge them", async () => {
    const classified = await classifyNewFlows(lake, {clock: Date.now});
    expect([classified.verdicts, classified.reason]).toEqual([0, null]);
    expect(await judgeLake({lake, clock: Date.now, localNets: ["10.0.0.0/8"]})).toMatchObject({incidents: 0});
  });

  it("numbers that no flow can have are the line's fault", () => {
    const side = {packets: 1, wireBytes: null, ipBytes: 60, payloadBytes: null};
    const flow = {
      startUs: 1e15,
      durationUs: 0,
      srcIp: "10.0.0.1",
      srcPort: 1,
      dstIp: "10.0.0.2",
      dstPort: 2,
      proto: 6,
      src: side,
      dst: side,
      vlan: null,
      service: null,
      serverName: null,
      connState: null,
      history: null,
      endReason: null,
      communityId: null
    };
    const problem = (change: object) => {
      try {
        return new FlowRows("a".repeat(64)).row({...flow, ...change}).src_ip_bytes;
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect([
      problem({}),
      problem({srcPort: 70_000}),
      problem({proto: 256}),
      problem({vlan: 5000}),
      problem({src: {...side, packets: 2 ** 60}}),
      problem({startUs: -1}),
      problem({dstIp: "host"})
    ]).toEqual([
      60n,
      "port: expected 0 to 65,535, found 70000",
      "protocol: expected 0 to 255, found 256",
      "VLAN: expected 0 to 4,095, found 5000",
      "packets or bytes: expected 0 to 9,007,199,254,740,991, found 1152921504606847000",
      "expected a time from 1970 on, found -1 µs",
      'expected an IP address, found "host"'
    ]);
  });

  it("it has no packets to show", async () => {
    const {capture_sha256: capture, path: file, format, meter} = first.captures[0].row;
    const wanted = {capture, path: file, format, meter, flows: new Set([1n])};
    const read = await readFlowPackets(lake, wanted, () => expect.unreachable());
    expect(read).toEqual({kept: 0, reason: `${file} is a log of flows: it has no packets`});
  });

  it("a table without addresses is none of them, and a folder's logs are left out beside its captures", async () => {
    writeFileSync(path("ml.csv"), "Flow Duration,Total Fwd Packets,Label\n1,2,BENIGN\n");
    writeFileSync(path("cut.json.gz"), madeLogs["conn.json"].subarray(0, 12));
    writeFileSync(path("later.json.gz"), madeLogs["conn.json"].subarray(0, -9));
    const cut = ["ml.csv", "cut.json.gz", "later.json.gz"].map(path);
    const alone = await importCaptures(cut, {lake, clock: Date.now, workers: 1});
    expect(alone.failed.map(({problem}) => problem.replace(/^.*?: (byte 0: .*?)(?:, plain| after).*$/, "$1"))).toEqual([
      "byte 0: expected a pcap or pcapng file",
      "byte 0: gzip: unexpected end of file"
    ]);
    // Cut at its end, a log is kept so far.
    expect(alone.captures.map(({row}) => [Number(row.flows), row.problem?.replace(/ after .*$/, "")])).toEqual([
      [1, `${path("later.json.gz")}: gzip: unexpected end of file`]
    ]);
    const whole = await importCaptures([folder], {lake, clock: Date.now, workers: 1});
    expect(whole.skipped).toContain(path("conn.log"));
  });
});
