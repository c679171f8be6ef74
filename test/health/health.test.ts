import {join} from "node:path";
import {describe, expect, it} from "vitest";
import {tcp} from "../capture/meter/frames.ts";
import {meterFile, meterPackets} from "../capture/meter/metered.ts";
import {itUnless} from "../needs.ts";
import {noSharedData, sharedData} from "../shared-data.ts";
import {counts} from "./tshark-health.ts";

/** Of both endpoints, in the order of `counts`, as `tshark -q -z expert` of Wireshark 4.0 counts them. */
const expected = {
  "arkime/wireshark-retrans.pcap": [47, 14, 5, 1, 27, 0],
  "ndpi/tunnelbear.pcap": [8, 1, 1, 0, 5, 0],
  "ndpi/whatsapp_login_chat.pcap": [5, 0, 1, 3, 5, 0],
  "suricata-verify/tcp-empty-sack/tcp-opt.pcap": [5, 1, 0, 0, 3, 0],
  // What is sent again after a timeout of ours belongs to another flow, and is known all the same.
  "ndpi/atg.pcap": [7, 0, 0, 0, 0, 0]
};

describe("TCP health", () => {
  for (const [file, values] of Object.entries(expected))
    itUnless(noSharedData)(`is Wireshark's in ${file}`, async () => {
      const {flows} = await meterFile(join(sharedData, "pcap", file));
      const sum = (name: string) => flows.reduce((total, flow) => total + flow[`src_${name}`] + flow[`dst_${name}`], 0);
      expect(counts.map(sum)).toEqual(values);
    });

  it("has the round trips of data and their ACKs, closed windows and the time of answers", async () => {
    const there = {src: "10.0.0.1", dst: "10.0.0.2", srcPort: 40000, dstPort: 80};
    const back = {src: "10.0.0.2", dst: "10.0.0.1", srcPort: 80, dstPort: 40000};
    const packets = [
      {ts: 0, bytes: tcp({...there, flags: "S", seq: 100})},
      {ts: 40_000, bytes: tcp({...back, flags: "SA", seq: 500, ack: 101})},
      {ts: 41_000, bytes: tcp({...there, flags: "A", seq: 101, ack: 501})},
      {ts: 50_000, bytes: tcp({...there, flags: "PA", seq: 101, ack: 501, payload: "request"})},
      {ts: 90_000, bytes: tcp({...back, flags: "A", seq: 501, ack: 108})},
      {ts: 120_000, bytes: tcp({...back, flags: "PA", seq: 501, ack: 108, payload: "answer"})},
      {ts: 121_000, bytes: tcp({...there, flags: "A", seq: 108, ack: 507, window: 0})},
      {ts: 200_000, bytes: tcp({...there, flags: "PA", seq: 108, ack: 507, payload: "again"})},
      // Sent twice: which of the two was acknowledged is not known.
      {ts: 500_000, bytes: tcp({...there, flags: "PA", seq: 108, ack: 507, payload: "again"})},
      {ts: 540_000, bytes: tcp({...back, flags: "PA", seq: 507, ack: 113, payload: "answer"})},
      {ts: 543_000, bytes: tcp({...there, flags: "PA", seq: 113, ack: 513, payload: "third"})},
      {ts: 603_000, bytes: tcp({...back, flags: "A", seq: 513, ack: 118})}
    ];
    const {flows} = await meterPackets(packets);
    expect(flows).toMatchObject([
      {
        rtt_us: 41_000,
        src_ack_rtt_min_us: 40_000,
        src_ack_rtt_mean_us: 50_000,
        dst_ack_rtt_min_us: 1_000,
        dst_ack_rtt_mean_us: 2_000,
        response_mean_us: 55_000,
        response_max_us: 70_000,
        src_zero_window_pkts: 1,
        dst_zero_window_pkts: 0,
        src_retransmits: 1,
        dst_retransmits: 0
      }
    ]);
  });
});
