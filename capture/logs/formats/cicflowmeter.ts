import {
  type LogFormat,
  LogProblem,
  type LogRecord,
  needed,
  number,
  port,
  protocol,
  shown,
  stateOf
} from "../log-flow.ts";
import {timeUs} from "../log-times.ts";

/** Names of a column in the versions of CICFlowMeter and in the published data sets; compared without case, blanks and signs. */
const names = {
  srcIp: ["src_ip", "source_ip"],
  srcPort: ["src_port", "source_port"],
  dstIp: ["dst_ip", "destination_ip"],
  dstPort: ["dst_port", "destination_port"],
  srcPackets: ["tot_fwd_pkts", "total_fwd_packets", "total_fwd_packet"],
  dstPackets: ["tot_bwd_pkts", "total_backward_packets", "total_bwd_packets"],
  srcPayload: ["totlen_fwd_pkts", "total_length_of_fwd_packets", "total_length_of_fwd_packet"],
  dstPayload: ["totlen_bwd_pkts", "total_length_of_bwd_packets", "total_length_of_bwd_packet"]
} as const;

/**
 * CICFlowMeter's table of flows. Without addresses and times, as CICIDS2017's table for learners is, it is none. Its
 * totals are of payload; flags are counted for both sides together, so that there is no state of TCP.
 */
export const cicflowmeter: LogFormat = {
  name: "cicflowmeter",
  marks: ["flow_duration", "timestamp", "protocol", names.srcIp, names.dstIp],
  flow(record) {
    const text = (name: keyof typeof names) => record.text(nameIn(record, name));
    const value = (name: keyof typeof names) => number(record, nameIn(record, name));
    const srcIp = text("srcIp") ?? "";
    const time = record.text("timestamp") ?? "";
    const startUs = timeUs(time);
    if (startUs === null) throw new LogProblem(`timestamp: expected a time, found ${shown(time)}`);
    const proto = protocol(record, "protocol", srcIp.includes(":"));
    const [srcPackets, dstPackets] = [value("srcPackets"), value("dstPackets")];
    const side = (packets: number | null, payloadBytes: number | null) => ({
      packets,
      wireBytes: null,
      ipBytes: null,
      payloadBytes
    });
    const none = {syn: false, fin: false, rst: false};
    return {
      startUs,
      durationUs: needed(record, "flow_duration"),
      srcIp,
      srcPort: port(record, nameIn(record, "srcPort")),
      dstIp: text("dstIp") ?? "",
      dstPort: port(record, nameIn(record, "dstPort")),
      proto,
      src: side(srcPackets, value("srcPayload")),
      dst: side(dstPackets, value("dstPayload")),
      vlan: null,
      service: null,
      serverName: null,
      connState: proto === 6 ? null : stateOf(proto, none, none, srcPackets ?? 0, dstPackets ?? 0),
      history: null,
      endReason: null,
      communityId: null
    };
  }
};

function nameIn(record: LogRecord, name: keyof typeof names): string {
  return names[name].find((one) => record.text(one) !== null) ?? names[name][0];
}
