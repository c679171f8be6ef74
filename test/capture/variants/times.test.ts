import {describe, expect, it} from "vitest";
import type {MadePacket} from "../made-capture.ts";
import {a, b, begin, datagram, get, ok, segment, whole} from "./faults.ts";
import {readPackets} from "./read.ts";

/** Times that cannot be, packets in another order than they were sent in, and packets that were captured twice. */

const http = whole(
  [
    [0, get("/x")],
    [1, ok]
  ],
  8081
);
const day = 86_400e6;
const hour = 3600e6;
const stray = (us: number) => datagram(us, "10.0.0.9", "10.0.0.8", 5000, 5001, "x");
const put = (at: number, ...packets: MadePacket[]) => [...http.slice(0, at), ...packets, ...http.slice(at)];
const dated = (at: number, us: number) => http.map((packet, i) => (i === at ? {...packet, us} : packet));

/** The conversation's flow, how many were dated wrongly, and whether the capture's times are its own. */
async function read(packets: readonly MadePacket[]) {
  const {flows, records, counters} = await readPackets(packets);
  const of = flows.filter(({src_ip}) => src_ip !== "10.0.0.9");
  return {
    flows: of.map((flow) => [flow.src_ip, flow.src_pkts, flow.dst_pkts, flow.conn_state, flow.history, flow.rtt_us]),
    rows: records.http?.length,
    misdated: counters.misdated,
    isWithin: counters.firstTs >= begin && counters.lastTs < begin + 1e6
  };
}
const right = (misdated: number, rtt: number | null = 20_000) => ({
  flows: [[a, 5, 3, "SF", "ShADdFf", rtt]],
  rows: 1,
  misdated,
  isWithin: true
});

describe("a time that cannot be", () => {
  const future = 4_102_444_800_000_000;
  it("ends no flow, wherever its packet stands", async () => {
    for (const us of [future, 0])
      for (const at of [0, 1, 3, http.length])
        expect({us, at, ...(await read(put(at, stray(us))))}).toEqual({us, at, ...right(1)});
    for (const us of [begin + 2 * day, begin + hour])
      for (const at of [0, 1, 3]) expect({us, at, ...(await read(put(at, stray(us))))}).toEqual({us, at, ...right(1)});
    for (const us of [begin - 2 * day, begin - hour])
      for (const at of [1, 3]) expect({us, at, ...(await read(put(at, stray(us))))}).toEqual({us, at, ...right(1)});
  });

  it("may be that of several packets behind one another", async () => {
    for (const us of [future, 0, begin + hour, begin - hour])
      expect(await read(put(3, stray(us), stray(us + 1000), stray(us + 3000)))).toEqual(right(3));
  });

  it("may be a packet's within the connection", async () => {
    for (const us of [future, 0, begin + hour, begin - hour]) expect(await read(dated(3, us))).toEqual(right(1));
    // The SYN's: the capture begins with the next one.
    for (const us of [future, 0, begin + hour]) expect(await read(dated(0, us))).toEqual(right(1, 10_000));
  });

  it("is none where time goes on", async () => {
    const later = http.map((packet) => ({...packet, us: packet.us + hour}));
    const {flows, misdated} = await read([...http, ...later]);
    expect([flows.length, misdated]).toEqual([2, 0]);
    expect((await read([stray(begin - hour), ...http])).misdated).toBe(0);
    expect((await read([...http, stray(begin + 2 * day)])).misdated).toBe(0);
  });
});

describe("packets in another order", () => {
  const flowsOf = async (packets: readonly MadePacket[]) =>
    (await read(packets)).flows.map(([src, there, back, state]) => [src, there, back, state]);

  it("are one connection of the same originator", async () => {
    const [syn, synAck, ack, ...rest] = http;
    const last = http[http.length - 1];
    for (const packets of [
      [synAck, syn, ack, ...rest],
      [synAck, ack, syn, ...rest],
      [rest[0], syn, synAck, ack, ...rest.slice(1)],
      [last, ...http.slice(0, -1)],
      [...http].reverse()
    ])
      expect(await flowsOf(packets)).toEqual([[a, 5, 3, "SF"]]);
  });
});

describe("a SYN with data", () => {
  it("has the round trip of its handshake, whatever was acknowledged of the data", async () => {
    const request = get("/x");
    const ports = [40_000, 80] as const;
    const taken = async (bytes: number) => {
      const {flows, records} = await readPackets([
        segment(0, 0, ports, {flags: "S", seq: 1000, payload: request}),
        segment(10, 1, ports, {flags: "SA", seq: 5000, ack: 1001 + bytes}),
        segment(11, 0, ports, {flags: "PA", seq: 1001 + bytes, ack: 5001, payload: request.slice(bytes)}),
        segment(30, 1, ports, {flags: "PA", seq: 5001, ack: 1001 + request.length, payload: ok})
      ]);
      return [
        flows.map((flow) => [flow.src_ip, flow.conn_state, flow.rtt_us]),
        records.http?.map(({uri, status}) => [uri, status])
      ];
    };
    for (const bytes of [0, 9, request.length])
      expect(await taken(bytes)).toEqual([[[a, "S1", 11_000]], [["/x", 200]]]);
  });
});

describe("packets that were captured twice", () => {
  it("are found behind a burst of others, too", async () => {
    for (const n of [1, 15, 40, 64]) {
      const one = Array.from({length: n}, (_, i) => datagram(begin + i, a, b, 5000, 6000, `payload ${i} of many`));
      const twice = [...one, ...one.map((packet) => ({...packet, us: packet.us + 500}))];
      const {flows, counters} = await readPackets(twice, 1, true);
      expect([n, counters.duplicates, flows[0].src_pkts]).toEqual([n, n, n]);
    }
  });
});
