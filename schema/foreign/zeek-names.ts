import {caseOf, type ForeignColumn} from "./foreign-view.ts";

/** Services whose names differ in Zeek; its Kerberos, LDAP and DNP3 analysers have one name each for TCP and UDP. */
const services: Readonly<Record<string, string>> = {
  tls: "ssl",
  dtls: "ssl",
  dcerpc: "dce_rpc",
  mdns: "dns",
  llmnr: "dns",
  vnc: "rfb",
  dcc: "irc-dcc-data",
  gtp: "gtpv1"
};
const byTransport: Readonly<Record<string, readonly [tcp: string, udp: string]>> = {
  kerberos: ["krb_tcp", "krb"],
  ldap: ["ldap_tcp", "ldap_udp"],
  dnp3: ["dnp3_tcp", "dnp3_udp"]
};

/** The service in Zeek's words, where it has a word for it. */
export const zeekService = `CASE ${Object.entries(byTransport)
  .map(([service, [tcp, udp]]) => `WHEN f.service = '${service}' THEN CASE f.proto WHEN 6 THEN '${tcp}' ELSE '${udp}' END`)
  .join(" ")} ELSE ${caseOf("f.service", services, "f.service")} END`;

/** As Zeek's `unique_conn_id`: here the lake's id of the flow, in hexadecimal. */
export const zeekUid = "'C' || lower(to_hex(f.flow_id))";

export const zeekProto = caseOf("f.proto", {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp"}, "'unknown_transport'");

/** What every log of Zeek begins with; `time` is that of the record. */
export const zeekHead = (time: string): readonly ForeignColumn[] => [
  {name: "ts", type: "DOUBLE", sql: `epoch(${time})`, doc: "Seconds since 1970."},
  {name: "uid", type: "VARCHAR", sql: zeekUid, doc: "C and `flow_id` in hexadecimal: the same in all logs."},
  {name: "id.orig_h", type: "VARCHAR", sql: "f.src_ip", doc: "`src_ip`."},
  {name: "id.orig_p", type: "INTEGER", sql: "f.src_port", doc: "`src_port`; the type of ICMP."},
  {name: "id.resp_h", type: "VARCHAR", sql: "f.dst_ip", doc: "`dst_ip`."},
  {name: "id.resp_p", type: "INTEGER", sql: "f.dst_port", doc: "`dst_port`; the counterpart type or the code of ICMP."}
];
