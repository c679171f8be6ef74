import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {exportRows} from "../../../loaders/export/export.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {foreignViews} from "../../../schema/foreign/index.ts";
import {zeekConn} from "../../../schema/foreign/zeek-conn.ts";
import {type MadePacket, pcap} from "../../capture/made-capture.ts";
import {icmpEcho, tcpSegment, udp6Datagram} from "../../conformance/made-frames.ts";
import {describeUnless} from "../../needs.ts";
import {noSharedData, type SharedCapture, sharedCaptures, sharedData} from "../../shared-data.ts";

let folder: string;
let engine: LakeEngine;

/** Objects of a view, nested as its NDJSON file has them. */
async function rowsOf(view: string, lake = join(folder, "lake")): Promise<Record<string, unknown>[]> {
  const file = join(lake, "..", `${view}.ndjson`);
  const order = foreignViews.find(({name}) => name === view)!.order;
  await exportRows({lake, sql: `SELECT * FROM ${view} ORDER BY ${order}`, format: "ndjson", to: file});
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("a lake of a refused connection, an echo, a datagram over IPv6 and a request", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-foreign-"));
    const [client, server] = [
      {ip: "10.0.0.1", port: 40_000},
      {ip: "10.0.0.2", port: 80}
    ];
    const syn = {from: client, to: server, sequence: 1000, acknowledged: 0, flags: "S", window: 1000, payload: 0};
    const rst = {from: server, to: client, sequence: 0, acknowledged: 1001, flags: "RA", window: 0, payload: 0};
    const packets: MadePacket[] = [
      {us: 1_700_000_000_000_000, frame: tcpSegment(syn)},
      {us: 1_700_000_000_000_250, frame: tcpSegment(rst)},
      {us: 1_700_000_001_000_000, frame: icmpEcho("10.0.0.5", "93.184.215.14", "request", 56)},
      {us: 1_700_000_001_002_000, frame: icmpEcho("93.184.215.14", "10.0.0.5", "reply", 56)},
      {
        us: 1_700_000_002_000_000,
        frame: udp6Datagram({ip: "2001:db8::1", port: 9001}, {ip: "2001:db8::2", port: 9000}, 10)
      }
    ];
    writeFileSync(join(folder, "made.pcap"), pcap(packets));
    await importCaptures([join(folder, "made.pcap")], {lake: join(folder, "lake"), clock: () => 0});
    engine = await openLake(join(folder, "lake"), {threads: 1});
  });
  afterAll(async () => {
    await engine?.close();
    rmSync(folder, {recursive: true, force: true});
  });

  it("shows it as Zeek's conn.log", async () => {
    const [refused, echo, datagram] = await rowsOf("zeek_conn");
    expect(refused).toMatchObject({
      ts: 1_700_000_000,
      "id.orig_h": "10.0.0.1",
      "id.orig_p": 40_000,
      "id.resp_p": 80,
      proto: "tcp",
      duration: 0.00025,
      orig_bytes: 0,
      conn_state: "REJ",
      local_orig: true,
      local_resp: true,
      history: "Sr",
      ip_proto: 6
    });
    expect(echo).toMatchObject({
      proto: "icmp",
      local_resp: false,
      "id.orig_p": 8,
      "id.resp_p": 0,
      orig_bytes: 56,
      resp_bytes: 56
    });
    // One packet: no duration, and so no bytes.
    expect(datagram).toMatchObject({duration: null, orig_bytes: null, local_orig: true, local_resp: true});
    expect(datagram.uid).toMatch(/^C[0-9a-f]{1,16}$/);
  });

  it("shows it in the fields of ECS", async () => {
    const [refused, echo, datagram] = await rowsOf("ecs");
    expect(refused).toMatchObject({
      "@timestamp": "2023-11-14T22:13:20.000000Z",
      "event.category": ["network"],
      "event.type": ["connection", "start", "end"],
      "event.duration": 250_000,
      "network.iana_number": "6",
      "network.direction": "internal",
      "network.packets": 2,
      "destination.port": 80,
      "related.ip": expect.arrayContaining(["10.0.0.1", "10.0.0.2"])
    });
    expect(echo).toMatchObject({"network.transport": "icmp", "network.direction": "outbound", "source.port": null});
    expect(datagram).toMatchObject({"network.type": "ipv6", "network.transport": "udp"});
  });

  it("shows it as events of OCSF, with what the class and its objects require", async () => {
    const [refused, echo] = await rowsOf("ocsf");
    expect(refused).toMatchObject({
      activity_id: 5,
      activity_name: "Refuse",
      category_uid: 4,
      class_uid: 4001,
      type_uid: 400_105,
      severity_id: 1,
      time: 1_700_000_000_000,
      metadata: {version: "1.4.0", product: {name: "flowbook", vendor_name: "flowbook"}},
      src_endpoint: {ip: "10.0.0.1", port: 40_000},
      dst_endpoint: {ip: "10.0.0.2", port: 80},
      connection_info: {direction_id: 3, protocol_num: 6, protocol_ver_id: 4, flag_history: "Sr"},
      traffic: {packets: 2, packets_out: 1, packets_in: 1}
    });
    expect(echo).toMatchObject({activity_id: 6, src_endpoint: {ip: "10.0.0.5", port: null}});
  });

  it("shows it in IPFIX's elements, both directions in one record", async () => {
    const [refused, echo, datagram] = await rowsOf("ipfix");
    expect(refused).toMatchObject({
      flowDurationMicroseconds: 250,
      sourceIPv4Address: "10.0.0.1",
      sourceIPv6Address: null,
      destinationTransportPort: 80,
      packetDeltaCount: 1,
      reversePacketDeltaCount: 1,
      tcpControlBits: 0x02,
      reverseTcpControlBits: 0x14,
      flowEndReason: 3
    });
    expect(echo).toMatchObject({icmpTypeIPv4: 8, sourceTransportPort: null, tcpControlBits: null});
    expect(datagram).toMatchObject({ipVersion: 6, sourceIPv6Address: "2001:db8::1", sourceIPv4Address: null});
  });

  it("has each view also where the lake is empty, with the types that it states", async () => {
    const empty = await openLake(join(folder, "no lake"), {threads: 1});
    try {
      for (const {name, columns} of foreignViews) {
        const shown = await empty.query(`SELECT * FROM ${name}`);
        expect(shown.rows).toEqual([]);
        expect(shown.columns.slice(0, -2).map(({name: column}) => column)).toEqual(columns.map((each) => each.name));
        expect(new Set(columns.map((each) => each.name)).size).toBe(columns.length);
      }
    } finally {
      await empty.close();
    }
  });
});

describeUnless(noSharedData)("zeek_conn over Zeek's own captures", () => {
  const logs = (sharedCaptures("pcap") as (SharedCapture & {truth?: readonly string[]})[]).flatMap(
    ({file, sha256, truth = []}) =>
      truth.filter((path) => path.endsWith("conn.log")).map((log) => ({file, sha256, log}))
  );
  it("has the columns of conn.log in its order, and its values", async () => {
    const zeekFolder = mkdtempSync(join(tmpdir(), "flowbook-zeek-"));
    const lake = join(zeekFolder, "lake");
    try {
      const whole = logs
        .map((each) => ({...each, lines: readFileSync(join(sharedData, each.log), "utf8").split("\n")}))
        .map((each) => ({
          ...each,
          fields: each.lines
            .find((line) => line.startsWith("#fields"))
            ?.split("\t")
            .slice(1)
        }))
        .filter(({fields}) => fields?.includes("local_orig") && fields.includes("id.orig_h"));
      const names = zeekConn.columns.map(({name}) => name);
      for (const {fields} of whole) expect(names.slice(0, fields!.length)).toEqual(fields);
      const files = [...new Set(whole.map(({file}) => join(sharedData, file)))];
      await importCaptures(files, {lake, clock: () => 0});
      const counts: Record<string, [equal: number, all: number]> = {};
      const all = await rowsOf("zeek_conn", lake);
      for (const {sha256, lines, fields} of whole) {
        const ours = all.filter(({capture_sha256}) => capture_sha256 === sha256);
        for (const line of lines.filter((each) => each && !each.startsWith("#"))) {
          const zeek = Object.fromEntries(line.split("\t").map((value, k) => [fields![k], value]));
          const same = ours.filter((row) => ends.every((key) => String(row[key]) === zeek[key]));
          const row = same.find(({history}) => history === zeek.history) ?? same[0];
          // Zeek also logs the tunnels themselves.
          if (!row) continue;
          ours.splice(ours.indexOf(row), 1);
          for (const name of fields!) {
            if (name === "uid" || name === "tunnel_parents" || zeek[name].startsWith("XXX")) continue;
            // Zeek runs one analyser in many of these tests; where both name a service, it is the same.
            if (name === "service" && (zeek[name] === "-" || row[name] === null)) continue;
            const count = (counts[name] ??= [0, 0]);
            count[1]++;
            if (equals(row[name], zeek[name])) count[0]++;
          }
        }
      }
      console.info("zeek_conn: values equal to conn.log's", counts);
      expect(counts.ip_proto[1]).toBeGreaterThan(150);
      for (const [name, [equal, compared]] of Object.entries(counts))
        expect([name, equal / compared >= least(name)]).toEqual([name, true]);
    } finally {
      rmSync(zeekFolder, {recursive: true, force: true});
    }
  });
});

/** The share of values that are Zeek's own. */
function least(name: string): number {
  if (/^(?:id|proto|local|ip_proto)/.test(name)) return 1;
  // Of TCP Zeek takes bytes from sequence numbers; its duration of a closed connection lacks the last ACK.
  return name === "duration" ? 0.65 : /_bytes$/.test(name) ? 0.93 : 0.95;
}

const ends = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"];

const equals = (ours: unknown, zeek: string) => {
  if (zeek === "-") return ours === null || ours === "";
  if (typeof ours === "boolean") return zeek === (ours ? "T" : "F");
  if (zeek.includes(",")) return zeek.split(",").includes(String(ours));
  return typeof ours === "number" ? Math.abs(ours - Number(zeek)) < 1.5e-6 : ours === zeek;
};
