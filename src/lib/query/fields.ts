import {stateSql} from "../flow-state.js";
import type {NumberColumn, TextColumnName} from "../flow-table.js";

/** What the query box can ask of a flow. */
export interface Field {
  readonly doc: string;
  readonly kind: "address" | "number" | "bytes" | "duration" | "proto" | "text";
  /** Each is looked at: one that holds is enough. Numbers of one `sum` are added instead. */
  readonly columns: readonly (NumberColumn | TextColumnName)[];
  readonly isSum?: true;
  /** Values to choose from, where there are few. */
  readonly values?: readonly string[];
}

const address = (doc: string, ...columns: TextColumnName[]): Field => ({doc, kind: "address", columns});
const number = (doc: string, ...columns: NumberColumn[]): Field => ({doc, kind: "number", columns});
const bytes = (doc: string, ...columns: NumberColumn[]): Field => ({doc, kind: "bytes", columns, isSum: true});
const text = (doc: string, column: TextColumnName, values?: readonly string[]): Field => ({
  doc,
  kind: "text",
  columns: [column],
  values
});

/** Protocols by name. */
export const protoNumbers: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  icmpv6: 58,
  sctp: 132
};

/** The fields by name, in the order in which they are offered. */
export const fields: Readonly<Record<string, Field>> = {
  host: address("an address, network or name at either end", "src_ip", "dst_ip"),
  src: address("the originator's address or network", "src_ip"),
  dst: address("the responder's address or network", "dst_ip"),
  port: number("a port at either end", "src_port", "dst_port"),
  src_port: number("the originator's port", "src_port"),
  dst_port: number("the responder's port", "dst_port"),
  proto: {doc: "IP protocol by name or number", kind: "proto", columns: ["proto"], values: Object.keys(protoNumbers)},
  service: text("application protocol by content; none where it was not recognised", "service", [
    "dns",
    "tls",
    "http",
    "quic",
    "ssh",
    "ftp",
    "smb",
    "smtp",
    "none"
  ]),
  name: text("TLS server name or HTTP host; * stands for anything", "server_name"),
  verdict: text("verdict of the flow", "state", ["normal", "unusual", "suspicious", "not_judged"]),
  class: text("the most probable class", "label"),
  state: text("Zeek's connection state", "conn_state", ["S0", "S1", "SF", "REJ", "RSTO", "RSTR", "SH", "SHR", "OTH"]),
  duration: {doc: "duration of the flow, such as > 1s, 10ms-2m", kind: "duration", columns: ["duration_us"]},
  bytes: bytes("bytes on the wire, both directions, such as > 10k", "src_wire_bytes", "dst_wire_bytes"),
  bytes_out: bytes("bytes on the wire from the originator", "src_wire_bytes"),
  bytes_back: bytes("bytes on the wire from the responder", "dst_wire_bytes"),
  payload: bytes("payload bytes, both directions", "payload_bytes"),
  packets: {doc: "packets, both directions", kind: "number", columns: ["src_pkts", "dst_pkts"], isSum: true},
  packets_out: number("packets from the originator", "src_pkts"),
  packets_back: number("packets from the responder", "dst_pkts"),
  retransmits: {
    doc: "retransmitted segments, both directions",
    kind: "number",
    columns: ["src_retransmits", "dst_retransmits"],
    isSum: true
  },
  rtt: {doc: "round trip of the TCP handshake, such as > 200ms", kind: "duration", columns: ["rtt_us"]},
  score: number("anomaly score", "anomaly_score"),
  probability: number("probability of the most probable class, 0 to 1", "probability"),
  capture: text("SHA-256 of the capture; * stands for the rest", "capture_sha256"),
  incident: text("id of the incident", "incident_id")
};

const judged: Readonly<Record<string, string>> = {
  label: "v.label",
  probability: "v.probability",
  anomaly_score: "v.anomaly_score",
  incident_id: "i.incident_id",
  state: stateSql,
  payload_bytes: "(f.src_payload_bytes + f.dst_payload_bytes)"
};

/** A column as SQL has it, of `flows AS f`, `verdicts AS v` and `flow_incidents AS i`. */
export function columnSql(name: string): string {
  return judged[name] ?? `f.${name}`;
}
