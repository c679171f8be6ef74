import {describe, expect, it} from "vitest";
import {type SegmentOptions, tcp} from "./frames.ts";
import {meterPackets, type TestPacket, testSettings} from "./metered.ts";

const ms = 1000;

type Segment = readonly [way: ">" | "<", flags: string, options?: SegmentOptions];

/** Segments a millisecond apart: `>` from 10.0.0.1:40000, `<` from 10.0.0.2:40001. */
function segments(...list: readonly Segment[]): TestPacket[] {
  return list.map(([way, flags, options = {}], i) => {
    const there = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 40000, dstPort: 40001};
    const back = {src: "10.0.0.2", dst: "10.0.0.1", srcPort: 40001, dstPort: 40000};
    return {bytes: tcp({...(way === ">" ? there : back), flags, ...options}), ts: i * ms};
  });
}

const handshake = [
  [">", "S", {seq: 100}],
  ["<", "SA", {seq: 500, ack: 101}],
  [">", "A", {seq: 101, ack: 501}]
] as const;

async function stateOf(...list: readonly Segment[]): Promise<string> {
  const {flows} = await meterPackets(segments(...list));
  return flows.map((flow) => `${flow.conn_state} ${flow.history} ${flow.end_reason}`).join(", ");
}

describe("the state of a TCP connection", () => {
  it("is S0 for a SYN without answer", async () => {
    expect(await stateOf([">", "S", {seq: 1}])).toBe("S0 S end");
  });

  it("is REJ for a RST in answer to a SYN", async () => {
    expect(await stateOf([">", "S", {seq: 1}], ["<", "RA", {seq: 0, ack: 2}])).toBe("REJ Sr rst");
  });

  it("is S1 for an established connection that goes on", async () => {
    expect(await stateOf(...handshake, [">", "PA", {seq: 101, ack: 501, payload: "hello"}])).toBe("S1 ShAD end");
  });

  it("is SF for a connection that both sides close", async () => {
    const closing = [
      [">", "FA", {seq: 101, ack: 501}],
      ["<", "FA", {seq: 501, ack: 102}],
      [">", "A", {seq: 102, ack: 502}]
    ] as const;
    expect(await stateOf(...handshake, ...closing)).toBe("SF ShAFf fin");
  });

  it("is S2 or S3 when only the originator or the responder has closed", async () => {
    expect(await stateOf(...handshake, [">", "FA", {seq: 101, ack: 501}])).toBe("S2 ShAF end");
    expect(await stateOf(...handshake, ["<", "FA", {seq: 501, ack: 101}])).toBe("S3 ShAf end");
  });

  it("is RSTO or RSTR by who aborts", async () => {
    expect(await stateOf(...handshake, [">", "R", {seq: 101}])).toBe("RSTO ShAR rst");
    expect(await stateOf(...handshake, ["<", "R", {seq: 501}])).toBe("RSTR ShAr rst");
  });

  it("is RSTOS0 for a SYN that its sender takes back, SH for one with a FIN after it", async () => {
    expect(await stateOf([">", "S", {seq: 1}], [">", "R", {seq: 2}])).toBe("RSTOS0 SR rst");
    expect(await stateOf([">", "S", {seq: 1}], [">", "F", {seq: 2}])).toBe("SH SF fin");
  });

  it("is OTH for traffic from the middle of a connection", async () => {
    expect(await stateOf([">", "A", {seq: 9, ack: 5, payload: "x"}], ["<", "A", {seq: 5, ack: 10}])).toBe("OTH Da end");
  });
});

describe("the roles of a TCP connection", () => {
  it("go to the sender of the SYN when the SYN-ACK was captured first and traffic follows", async () => {
    const list = segments(["<", "SA", {seq: 500, ack: 101}], [">", "A", {seq: 101, ack: 501}]);
    const {flows} = await meterPackets(list);
    expect([flows[0].src_ip, flows[0].history, flows[0].src_pkts, flows[0].dst_pkts]).toEqual([
      "10.0.0.1",
      "^hA",
      1,
      1
    ]);
  });

  it("stay with the sender of a lone SYN-ACK", async () => {
    const {flows} = await meterPackets(segments(["<", "SA", {seq: 500, ack: 101}], [">", "R", {seq: 101}]));
    expect([flows[0].src_ip, flows[0].conn_state, flows[0].history]).toEqual(["10.0.0.2", "REJ", "Hr"]);
  });

  it("are guessed by server ports when the beginning was not seen", async () => {
    const bytes = tcp({src: "10.0.0.2", dst: "10.0.0.1", srcPort: 443, dstPort: 50000, flags: "PA", payload: "x"});
    const {flows} = await meterPackets([{bytes, ts: 0}]);
    expect([flows[0].src_ip, flows[0].dst_port, flows[0].history]).toEqual(["10.0.0.1", 443, "^d"]);
  });
});

describe("a TCP connection on the ports of another", () => {
  it("is a flow of its own after a close", async () => {
    const first = [...handshake, [">", "R", {seq: 101}]] as const;
    expect(await stateOf(...first, [">", "S", {seq: 9000}])).toBe("RSTO ShAR rst, S0 S end");
  });

  it("is a flow of its own when its initial sequence number differs, and a repeated SYN is not", async () => {
    expect(await stateOf([">", "S", {seq: 1}], [">", "S", {seq: 7}])).toBe("S0 S reuse, S0 S end");
    expect(await stateOf([">", "S", {seq: 1}], [">", "S", {seq: 1}])).toBe("S0 S end");
  });

  it("takes late packets into the old flow for five seconds after the close only", async () => {
    const list = segments(...handshake, [">", "R", {seq: 101}]);
    const late = (ts: number) => ({
      bytes: tcp({
        srcPort: 40001,
        dstPort: 40000,
        src: "10.0.0.2",
        dst: "10.0.0.1",
        seq: 501,
        ack: 101,
        payload: "late"
      }),
      ts
    });
    const {flows} = await meterPackets([...list, late(4000 * ms), late(6000 * ms)]);
    expect(flows.map((flow) => [flow.src_pkts, flow.dst_pkts, flow.end_reason])).toEqual([
      [3, 2, "rst"],
      [1, 0, "end"]
    ]);
  });
});

describe("a SYN without answer", () => {
  const at = (list: readonly TestPacket[], seconds: readonly number[]) =>
    list.map((packet, i) => ({...packet, ts: seconds[i] * 1e6}));
  const summary = async (list: readonly TestPacket[]) =>
    (await meterPackets(list)).flows.map(
      (flow) => `${flow.conn_state} ${flow.history} ${flow.end_reason} ${flow.src_pkts}`
    );
  const syn = [">", "S", {seq: 1}] as const;

  it("is given up five seconds after the last one, whatever else its sender goes on to send", async () => {
    const list = segments(syn, syn, syn, syn, syn);
    expect(await summary(at(list, [0, 1, 3, 7, 15]))).toEqual(["S0 S idle 4", "S0 S end 1"]);
    const heard = segments(syn, [">", "A", {seq: 2, ack: 9}], [">", "A", {seq: 2, ack: 9}]);
    expect(await summary(at(heard, [0, 4.9, 5]))).toEqual(["S0 SA idle 2", "OTH A end 1"]);
  });

  it("ends at a packet of another flow, in the order of the attempts", async () => {
    const other = (port: number, ts: number) => ({bytes: tcp({srcPort: port, dstPort: 80, flags: "S"}), ts: ts * 1e6});
    const {flows} = await meterPackets([other(1, 0), other(2, 1), other(3, 5.5), other(4, 6)]);
    expect(flows.map((flow) => [flow.src_port, flow.end_reason])).toEqual([
      [1, "idle"],
      [2, "idle"],
      [3, "end"],
      [4, "end"]
    ]);
  });

  it("stays one flow with an answer that comes in time", async () => {
    const list = segments(syn, ["<", "SA", {seq: 500, ack: 2}], [">", "A", {seq: 2, ack: 501}]);
    expect(await summary(at(list, [0, 4.9, 60]))).toEqual(["S1 ShA end 2"]);
  });
});

describe("segments of a TCP connection", () => {
  const data = (seq: number, payload: string) => [">", "PA", {seq, ack: 501, payload}] as const;

  it("that repeat sent bytes are retransmissions, a keep-alive is none", async () => {
    const {flows} = await meterPackets(
      segments(...handshake, data(101, "abcd"), data(101, "abcd"), data(104, "d"), data(105, "e"))
    );
    const [flow] = flows;
    expect([flow.src_retransmits, flow.src_keep_alives, flow.src_retransmit_share]).toEqual([1, 1, 0.25]);
  });

  it("that fill a hole came out of order", async () => {
    const {flows} = await meterPackets(segments(...handshake, data(105, "efgh"), data(101, "abcd"), data(109, "ijkl")));
    expect([flows[0].src_out_of_order, flows[0].src_retransmits]).toEqual([1, 0]);
  });

  it("that were acknowledged without having been captured are missing", async () => {
    const ack = ["<", "A", {seq: 501, ack: 1101}] as const;
    const {flows} = await meterPackets(
      segments(...handshake, data(101, "x".repeat(400)), data(901, "x".repeat(200)), ack)
    );
    expect([flows[0].src_missing_bytes, flows[0].history]).toEqual([400, "ShADaG"]);
  });

  it("leave several holes, of which each that is acknowledged is a gap", async () => {
    const holes = [data(103, "cd"), data(107, "gh"), data(112, "l"), data(105, "ef"), data(103, "cd")];
    const {flows} = await meterPackets(segments(...handshake, ...holes, ["<", "A", {seq: 501, ack: 113}]));
    const [flow] = flows;
    expect([flow.src_out_of_order, flow.src_retransmits, flow.src_missing_bytes]).toEqual([1, 1, 5]);
    // T: a segment below the highest number; G: 101 to 103, while 109 to 112 would be written as the tenth.
    expect(flow.history).toBe("ShADTaG");
  });

  it("give the round trip of the handshake from the SYN that was answered", async () => {
    const {flows} = await meterPackets(segments([">", "S", {seq: 100}], ...handshake));
    expect([flows[0].rtt_us, flows[0].handshake_s, flows[0].synack_s]).toEqual([
      2 * ms,
      Math.fround(0.002),
      Math.fround(0.001)
    ]);
  });

  it("are handed out with their place in the stream until the sink has enough", async () => {
    const {payloads} = await meterPackets(
      segments(...handshake, data(105, "efgh"), data(101, "abcd"), ["<", "PA", {seq: 501, ack: 109, payload: "ok"}])
    );
    expect(payloads.map(({direction, streamOffset, text, src}) => [direction, streamOffset, text, src])).toEqual([
      [0, 4, "efgh", "10.0.0.1"],
      [0, 0, "abcd", "10.0.0.1"],
      [1, 0, "ok", "10.0.0.1"]
    ]);
  });

  it("are handed out 65,535 times a direction at most", async () => {
    const many = Array.from({length: 65_540}, (_, i) => data(101 + i, "x"));
    expect((await meterPackets(segments(...handshake, ...many))).payloads.length).toBe(65_535);
  });
});

describe("flow identifiers", () => {
  it("differ between flows of the same tuple at the same time, and between captures", async () => {
    const [syn] = segments([">", "S", {seq: 1}]);
    const again = segments([">", "S", {seq: 7}])[0];
    const one = (await meterPackets([syn, again])).flows.map((flow) => flow.flow_id);
    const other = (await meterPackets([syn, again], {...testSettings, captureSeed: "f".repeat(64)})).flows.map(
      (flow) => flow.flow_id
    );
    expect(new Set([...one, ...other]).size).toBe(4);
    expect((await meterPackets([syn, again])).flows.map((flow) => flow.flow_id)).toEqual(one);
  });
});
