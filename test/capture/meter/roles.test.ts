import {describe, expect, it} from "vitest";
import {type SegmentOptions, tcp, udp} from "./frames.ts";
import {meterPackets} from "./metered.ts";

/** Who began, when, and what belongs together, where packets come in unusual order or only in part. */

const begin = 1_700_000_000_000_000;
const columns = [
  "src_ip",
  "src_port",
  "dst_ip",
  "conn_state",
  "history",
  "src_pkts",
  "dst_pkts",
  "ts_start",
  "duration_us",
  "rtt_us"
];
const [a, b] = ["10.0.0.1", "10.0.0.2"];

/** A segment of side 0 or 1, at a time in ms. */
const segment = (ms: number, side: 0 | 1, ports: [number, number], options: SegmentOptions) => {
  const [src, dst] = side === 0 ? [a, b] : [b, a];
  const [srcPort, dstPort] = side === 0 ? ports : [ports[1], ports[0]];
  return {ts: begin + ms * 1000, bytes: tcp({src, dst, srcPort, dstPort, ...options})};
};
const flowsOf = async (packets: {ts: number; bytes: Uint8Array}[]) =>
  (await meterPackets(packets, undefined, {columns})).flows;

describe("roles", () => {
  it("have no group for originator, whatever the ports say", async () => {
    const sent = (src: string, dst: string) => ({
      ts: begin,
      bytes: udp({src, dst, srcPort: 67, dstPort: 68, payload: "x"})
    });
    for (const group of ["255.255.255.255", "224.0.0.1"])
      expect(await flowsOf([sent(a, group)])).toMatchObject([
        {src_ip: a, dst_ip: group, conn_state: "S0", history: "D"}
      ]);
    expect(await flowsOf([sent("fe80::1", "ff02::1")])).toMatchObject([
      {src_ip: "fe80::1", dst_ip: "ff02::1", history: "D"}
    ]);
    // Who claims to be a group is not.
    expect(await flowsOf([sent("224.0.0.1", a)])).toMatchObject([{src_ip: a, dst_ip: "224.0.0.1", history: "^d"}]);
    // Between two hosts the ports go on to tell.
    expect(await flowsOf([sent(a, b)])).toMatchObject([{src_ip: b, dst_ip: a, history: "^d"}]);
  });

  it("follow what is said where the handshake is missing", async () => {
    const said = (side: 0 | 1, payload: string, port = 8081) =>
      segment(0, side, [53_774, port], {flags: "PA", seq: 1, ack: 1, payload});
    for (const text of ["HTTP/1.1 200 OK\r\n\r\n", "220 mail ready\r\n", "\x16\x03\x03\x00\x40\x02\x00\x00"])
      expect(await flowsOf([said(1, text)])).toMatchObject([
        {src_ip: a, dst_ip: b, src_pkts: 0, dst_pkts: 1, history: "^d"}
      ]);
    for (const text of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x00\x40\x01\x00\x00"])
      expect(await flowsOf([said(1, text, 80)])).toMatchObject([{src_ip: b, dst_ip: a, history: "D"}]);
    // A bare ACK came first.
    const ack = segment(-5, 1, [53_774, 8081], {flags: "A", seq: 1, ack: 1});
    expect(await flowsOf([ack, said(1, "HTTP/1.1 200 OK\r\n\r\n")])).toMatchObject([
      {src_ip: a, dst_ip: b, src_pkts: 0, dst_pkts: 2}
    ]);
    // With the handshake nothing is guessed.
    const syn = segment(-5, 1, [53_774, 8081], {flags: "S", seq: 0});
    expect(await flowsOf([syn, said(1, "HTTP/1.1 200 OK\r\n\r\n")])).toMatchObject([{src_ip: b, dst_ip: a}]);
  });
});

describe("a handshake", () => {
  it("is waited for from the last SYN on", async () => {
    const ports: [number, number] = [40_000, 3389];
    const syns = [0, 1000, 3000].map((ms) => segment(ms, 0, ports, {flags: "S", seq: 100}));
    const rest = [
      segment(5130, 1, ports, {flags: "SA", seq: 500, ack: 101}),
      segment(5140, 0, ports, {flags: "A", seq: 101, ack: 501}),
      segment(5200, 0, ports, {flags: "PA", seq: 101, ack: 501, payload: "hello"})
    ];
    expect(await flowsOf([...syns, ...rest])).toMatchObject([
      {src_ip: a, conn_state: "S1", src_pkts: 5, dst_pkts: 1, rtt_us: 2_140_000, duration_us: 5_200_000}
    ]);
    // Five seconds after the last one it is over.
    expect(await flowsOf([...syns, segment(8000, 1, ports, {flags: "SA", seq: 500, ack: 101})])).toMatchObject([
      {src_pkts: 3, dst_pkts: 0, conn_state: "S0"},
      {}
    ]);
  });

  it("may be opened from both sides at once", async () => {
    const ports: [number, number] = [1000, 2000];
    expect(
      await flowsOf([
        segment(0, 0, ports, {flags: "S", seq: 100}),
        segment(1, 1, ports, {flags: "S", seq: 500}),
        segment(2, 1, ports, {flags: "SA", seq: 500, ack: 101}),
        segment(3, 0, ports, {flags: "SA", seq: 100, ack: 501}),
        segment(4, 0, ports, {flags: "PA", seq: 101, ack: 501, payload: "hello"}),
        segment(5, 1, ports, {flags: "A", seq: 501, ack: 106})
      ])
    ).toMatchObject([{src_ip: a, conn_state: "S1", src_pkts: 3, dst_pkts: 3}]);
  });

  it("begins with its earliest packet, wherever that stands in the file", async () => {
    const ports: [number, number] = [40_000, 80];
    expect(
      await flowsOf([
        segment(10, 1, ports, {flags: "SA", seq: 500, ack: 101}),
        segment(0, 0, ports, {flags: "S", seq: 100})
      ])
    ).toMatchObject([{src_ip: a, ts_start: begin, duration_us: 10_000}]);
  });
});
