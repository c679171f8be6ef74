import {type LogFormat, needed, number, port, protocol} from "../log-flow.ts";

/** Zeek's names of services that have another one here; of several (`ssl,smtp`) the innermost stands first. */
const services: Readonly<Record<string, string>> = {
  ssl: "tls",
  "quic,ssl": "quic",
  krb: "kerberos",
  krb_tcp: "kerberos",
  dce_rpc: "dcerpc",
  irc: "irc"
};

/** Zeek's conn.log. Source: https://docs.zeek.org/en/master/logs/conn.html */
export const zeekConn: LogFormat = {
  name: "zeek-conn",
  marks: ["ts", "id.orig_h", "id.resp_h", "proto", "conn_state"],
  flow(record) {
    const srcIp = record.text("id.orig_h") ?? "";
    const service = record.text("service")?.toLowerCase() ?? null;
    const sides = ["orig", "resp"].map((side) => ({
      packets: number(record, `${side}_pkts`),
      wireBytes: null,
      ipBytes: number(record, `${side}_ip_bytes`),
      payloadBytes: number(record, `${side}_bytes`)
    }));
    return {
      startUs: timeOf(record.text("ts")) ?? needed(record, "ts") * 1e6,
      durationUs: (number(record, "duration") ?? 0) * 1e6,
      srcIp,
      srcPort: port(record, "id.orig_p"),
      dstIp: record.text("id.resp_h") ?? "",
      dstPort: port(record, "id.resp_p"),
      proto: protocol(record, "proto", srcIp.includes(":")),
      src: sides[0],
      dst: sides[1],
      vlan: number(record, "vlan"),
      service:
        service === null ? null : (services[service] ?? services[service.split(",")[0]] ?? service.split(",")[0]),
      serverName: null,
      connState: record.text("conn_state"),
      history: record.text("history"),
      endReason: null,
      communityId: record.text("community_id")
    };
  }
};

/** A time that was written by LogAscii::json_timestamps = JSON::TS_ISO8601; null for any other. */
function timeOf(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms * 1000;
}
