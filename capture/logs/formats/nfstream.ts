import {type Flags, type LogFormat, type LogRecord, needed, number, port, protocol, stateOf} from "../log-flow.ts";

const none = new Set(["unknown", "unrated"]);

/** NFStream's table of flows (`to_csv`, `to_pandas().to_csv`). Source: https://www.nfstream.org/docs/api */
export const nfstream: LogFormat = {
  name: "nfstream",
  marks: ["src_ip", "dst_ip", "protocol", "bidirectional_first_seen_ms"],
  flow(record) {
    const srcIp = record.text("src_ip") ?? "";
    const proto = protocol(record, "protocol", srcIp.includes(":"));
    const firstMs = needed(record, "bidirectional_first_seen_ms");
    const lastMs = number(record, "bidirectional_last_seen_ms") ?? firstMs;
    const sides = ["src2dst", "dst2src"].map((side) => ({
      packets: number(record, `${side}_packets`),
      wireBytes: number(record, `${side}_bytes`),
      ipBytes: null,
      payloadBytes: null
    }));
    const [src, dst] = ["src2dst", "dst2src"].map((side) => flags(record, side));
    const [srcPackets, dstPackets] = sides.map(({packets}) => packets ?? 0);
    // nDPI names what runs over what: TLS.Google.
    const application = record.text("application_name")?.split(".")[0].toLowerCase() ?? null;
    return {
      startUs: firstMs * 1000,
      durationUs: Math.max(0, lastMs - firstMs) * 1000,
      srcIp,
      srcPort: port(record, "src_port"),
      dstIp: record.text("dst_ip") ?? "",
      dstPort: port(record, "dst_port"),
      proto,
      src: sides[0],
      dst: sides[1],
      vlan: number(record, "vlan_id") || null,
      service: application === null || none.has(application) ? null : application,
      serverName: record.text("requested_server_name"),
      connState:
        proto === 6 && (!src || !dst) ? null : stateOf(proto, src ?? noFlags, dst ?? noFlags, srcPackets, dstPackets),
      history: null,
      endReason: null,
      communityId: null
    };
  }
};

const noFlags: Flags = {syn: false, fin: false, rst: false};

/** What a side sent; null where the table was made without `statistical_analysis`. */
function flags(record: LogRecord, side: string): Flags | null {
  const [syn, fin, rst] = ["syn", "fin", "rst"].map((flag) => number(record, `${side}_${flag}_packets`));
  return syn === null || fin === null || rst === null ? null : {syn: syn > 0, fin: fin > 0, rst: rst > 0};
}
