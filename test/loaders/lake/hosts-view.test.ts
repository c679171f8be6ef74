import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {ethernetUdp, type MadePacket, pcap} from "../../capture/made-capture.ts";
import {tcp} from "../../capture/meter/frames.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-hosts-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const us = 1_700_000_000_000_000;

/** An ARP reply by which a host tells its hardware address. */
function arpReply(mac: number[], ip: number[]): Buffer {
  const frame = Buffer.alloc(42);
  frame.set([2, 0, 0, 0, 0, 9, ...mac, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2, ...mac, ...ip, 2, 0, 0, 0, 0, 9, 10, 0, 0, 9]);
  return frame;
}

/** A DHCP message of the client 02:…:01, of that type, with options. */
function dhcp(op: number, assigned: number[], ...options: (readonly [code: number, content: string])[]): Buffer {
  const bytes = Buffer.alloc(240);
  bytes.set([op, 1, 6]);
  bytes.set(assigned, 16);
  bytes.set([2, 0, 0, 0, 0, 1], 28);
  bytes.set([0x63, 0x82, 0x53, 0x63], 236);
  const told = options.map(([code, content]) =>
    Buffer.concat([Buffer.from([code, content.length]), Buffer.from(content, "latin1")])
  );
  return Buffer.concat([bytes, ...told, Buffer.from([255])]);
}

const request = "GET / HTTP/1.1\r\nHost: web.example\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0)\r\n\r\n";
const client = {src: "10.0.0.1", srcPort: 40_000, dst: "10.0.0.2", dstPort: 80};
const server = {src: "10.0.0.2", srcPort: 80, dst: "10.0.0.1", dstPort: 40_000};

describe("the view hosts", () => {
  it("tells hardware address with its vendor, names with their source, system with its evidence, roles and services", async () => {
    const frames = [
      ethernetUdp(
        "0.0.0.0",
        68,
        "255.255.255.255",
        67,
        dhcp(1, [0, 0, 0, 0], [53, "\x03"], [12, "ann-pc"], [60, "MSFT 5.0"])
      ),
      ethernetUdp(
        "10.0.0.3",
        67,
        "10.0.0.1",
        68,
        dhcp(2, [10, 0, 0, 1], [53, "\x05"], [54, "\x0a\0\0\x03"], [3, "\x0a\0\0\xfe"])
      ),
      arpReply([0xb8, 0x27, 0xeb, 0, 0, 2], [10, 0, 0, 2]),
      tcp({...client, flags: "S", seq: 1000}),
      tcp({...server, flags: "SA", seq: 5000, ack: 1001}),
      tcp({...client, flags: "PA", seq: 1001, ack: 5001, payload: request}),
      tcp({
        ...server,
        flags: "PA",
        seq: 5001,
        ack: 1001 + request.length,
        payload: "HTTP/1.1 204 No\r\nServer: Apache (Debian)\r\n\r\n"
      })
    ];
    const packets: MadePacket[] = frames.map((frame, i) => ({us: us + 1000 * i, frame: Buffer.from(frame)}));
    const file = join(folder, "hosts.pcap");
    writeFileSync(file, pcap(packets));
    const lake = join(folder, "lake");
    await importCaptures([file], {lake, clock: () => 0});
    const engine = await openLake(lake);
    try {
      const {rows} = await engine.query(
        `SELECT ip, mac, vendor, array_to_string([n.source || ':' || n.name FOR n IN names], ','), system, evidence,
           array_to_string(roles, ','), array_to_string(services, ','), flows_begun, flows_answered
         FROM hosts WHERE ip IN ('10.0.0.1', '10.0.0.2', '10.0.0.3') ORDER BY ip`
      );
      expect(rows).toEqual([
        [
          "10.0.0.1",
          "02:00:00:00:00:01",
          "locally administered",
          "dhcp:ann-pc",
          "Windows",
          "MSFT 5.0",
          "",
          null,
          2n,
          0n
        ],
        [
          "10.0.0.2",
          "b8:27:eb:00:00:02",
          "Raspberry Pi Foundation",
          "http:web.example",
          "Linux (Debian)",
          "Apache (Debian)",
          "web server",
          "http 80",
          0n,
          1n
        ],
        ["10.0.0.3", null, null, null, null, null, "address server", "dhcp 67", 0n, 1n]
      ]);
    } finally {
      await engine.close();
    }
  });
});
