import {flagsOf, type LogFormat, LogProblem, number, port, protocol, shown, stateOf} from "../log-flow.ts";
import {timeUs} from "../log-times.ts";

/** Suricata's names of protocols that have another one here. */
const services: Readonly<Record<string, string>> = {
  krb5: "kerberos",
  dcerpc: "dcerpc",
  enip: "ethernet-ip",
  "bittorrent-dht": "bittorrent",
  pgsql: "postgresql"
};
const none = new Set(["failed", "unknown"]);

/** Flow events of Suricata's EVE log. Source: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html */
export const eveFlow: LogFormat = {
  name: "eve-flow",
  marks: ["timestamp", "event_type"],
  flow(record) {
    if (record.text("event_type") !== "flow") return null;
    const srcIp = record.text("src_ip") ?? "";
    const proto = protocol(record, "proto", srcIp.includes(":"));
    const isIcmp = proto === 1 || proto === 58;
    const [startUs, endUs] = ["flow.start", "flow.end"].map((name) => {
      const text = record.text(name);
      const time = text === null ? null : timeUs(text);
      if (time === null) throw new LogProblem(`${name}: expected a time, found ${shown(text ?? "")}`);
      return time;
    });
    const sides = ["toserver", "toclient"].map((side) => ({
      packets: number(record, `flow.pkts_${side}`),
      wireBytes: number(record, `flow.bytes_${side}`),
      ipBytes: null,
      payloadBytes: null
    }));
    const app = record.text("app_proto")?.toLowerCase() ?? null;
    const flags = ["tcp.tcp_flags_ts", "tcp.tcp_flags_tc"].map((name) => record.text(name));
    const isTold = proto !== 6 || (flags[0] !== null && flags[1] !== null);
    const [src, dst] = flags.map((text) => flagsOf(Number.parseInt(text ?? "0", 16)));
    const [srcPackets, dstPackets] = sides.map(({packets}) => packets ?? 0);
    return {
      startUs,
      durationUs: Math.max(0, endUs - startUs),
      srcIp,
      srcPort: isIcmp ? port(record, "icmp_type") : port(record, "src_port"),
      dstIp: record.text("dest_ip") ?? "",
      dstPort: isIcmp ? port(record, "icmp_code") : port(record, "dest_port"),
      proto,
      src: sides[0],
      dst: sides[1],
      vlan: number(record, "vlan.0"),
      service: app === null || none.has(app) ? null : (services[app] ?? app),
      serverName: null,
      connState: isTold ? stateOf(proto, src, dst, srcPackets, dstPackets) : null,
      history: null,
      endReason: record.text("flow.reason"),
      communityId: record.text("community_id")
    };
  }
};
