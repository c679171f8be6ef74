import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {itUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import {icmp, tcp, udp} from "./frames.ts";
import {type Metered, meterFile, meterPackets, testSettings} from "./metered.ts";

const verifying = {...testSettings, verifiesChecksums: true};
const columns = ["conn_state", "history", "src_pkts", "src_payload_bytes"];
const summary = ({flows}: Metered) =>
  flows.map((flow) => `${flow.conn_state} ${flow.history || "-"} ${flow.src_pkts} ${flow.src_payload_bytes}`);

/** The one's complement sum of RFC 1071, a byte at a time. */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) for (const [i, byte] of part.entries()) sum += i % 2 === 0 ? byte * 256 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An Ethernet frame over IPv4 or IPv6 with its checksums put right; `at` is the transport's own in its header. */
function right(frame: Uint8Array, at: number, pseudo = true): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frame);
  const view = new DataView(bytes.buffer);
  const isIpv4 = bytes[14] >> 4 === 4;
  if (isIpv4) view.setUint16(24, checksum(bytes.subarray(14, 34)));
  const transport = bytes.subarray(isIpv4 ? 34 : 54);
  const addresses = isIpv4 ? bytes.subarray(26, 34) : bytes.subarray(22, 54);
  const proto = bytes[isIpv4 ? 23 : 20];
  const rest = Uint8Array.of(0, proto, transport.length >> 8, transport.length & 255);
  view.setUint16(transport.byteOffset + at, pseudo ? checksum(addresses, rest, transport) : checksum(transport));
  return bytes;
}

const meter = (...frames: readonly Uint8Array[]) =>
  meterPackets(
    frames.map((bytes, ts) => ({bytes, ts})),
    verifying,
    {columns}
  );

function wrong(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frame);
  bytes[bytes.length - 1] ^= 1;
  return bytes;
}

describe("a packet with a wrong checksum", () => {
  const data = right(tcp({flags: "PA", payload: "some data"}), 16);
  const query = right(udp({payload: "odd"}), 6);
  const ipv6 = right(tcp({src: "fd00::1", dst: "fd00::2", flags: "PA", payload: "data"}), 16);
  const echo = right(icmp(8, 0, {payload: "ping"}), 2, false);
  const echo6 = right(icmp(128, 0, {src: "fd00::1", dst: "fd00::2", payload: "ping"}), 2);

  it("counts in its flow, is marked with C at the first, tenth … time, and is not followed", async () => {
    expect(summary(await meter(data))).toEqual(["OTH D 1 9"]);
    const bad = await meter(...Array(10).fill(wrong(data)));
    expect(summary(bad)).toEqual(["OTH CC 10 90"]);
    expect([bad.counters.corruptPackets, bad.payloads.length]).toEqual([10, 0]);
  });

  it("is known in UDP, ICMP and over IPv6", async () => {
    for (const [good, state] of [
      [query, "S0 D 1 3"],
      [ipv6, "OTH D 1 4"],
      [echo, "OTH - 1 4"],
      [echo6, "OTH - 1 4"]
    ] as const) {
      expect(summary(await meter(good))).toEqual([state]);
      expect((await meter(wrong(good))).flows[0].history).toBe("C");
    }
  });

  it("is known by its IPv4 header, not where it was cut or has none", async () => {
    const header = new Uint8Array(data);
    header[24] ^= 1;
    expect((await meter(header)).flows[0].history).toBe("C");
    expect((await meter(wrong(data).subarray(0, 60))).flows[0].history).toBe("D");
    const none = new Uint8Array(query);
    none[40] = none[41] = 0;
    expect((await meter(wrong(none))).flows[0].history).toBe("D");
  });

  it("is as any other unless checksums are verified", async () => {
    const {flows, counters} = await meterPackets([{bytes: wrong(data), ts: 0}], testSettings);
    expect([flows[0].history, counters.corruptPackets]).toEqual(["D", 0]);
  });

  itUnless(noSharedData)("is known in the shared captures of them", async () => {
    const found: Record<string, string[]> = {};
    for (const file of [
      "zeek/tcp/syn-bad.pcap",
      "zeek-extra/chksums/ip4-tcp-bad-chksum.pcap",
      "zeek-extra/chksums/ip4-tcp-good-chksum.pcap"
    ])
      found[file] = (await meterFile(join(sharedData, "pcap", file), verifying, columns)).flows.map(
        (flow) => flow.history
      );
    expect(found).toEqual({
      "zeek/tcp/syn-bad.pcap": ["C"],
      "zeek-extra/chksums/ip4-tcp-bad-chksum.pcap": ["C"],
      "zeek-extra/chksums/ip4-tcp-good-chksum.pcap": ["S"]
    });
  });
});
