import {caseOf, foreignView, isIpv6, isPrivate, portOf} from "./foreign-view.ts";

/** The version whose class and objects these are. */
export const ocsfVersion = "1.4.0";

const activity = "CASE WHEN f.conn_state = 'REJ' THEN 5 WHEN f.conn_state IN ('RSTO', 'RSTR', 'RSTOS0', 'RSTRH') THEN 3 WHEN f.proto = 6 AND f.conn_state = 'S0' THEN 4 WHEN f.proto = 6 AND f.conn_state = 'SF' THEN 2 ELSE 6 END";
const activities = {2: "Close", 3: "Reset", 4: "Fail", 5: "Refuse", 6: "Traffic"};
const severity = caseOf("i.severity", {low: 2, medium: 3, high: 4, critical: 5}, "1");
const severities = {low: "Low", medium: "Medium", high: "High", critical: "Critical"};
const direction = `CASE WHEN ${isPrivate("f.src_ip")} AND ${isPrivate("f.dst_ip")} THEN 3 WHEN ${isPrivate("f.src_ip")} THEN 2 WHEN ${isPrivate("f.dst_ip")} THEN 1 ELSE 0 END`;
const directions = {0: "Unknown", 1: "Inbound", 2: "Outbound", 3: "Lateral"};
const protocols = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "ipv6-icmp", 132: "sctp"};
const ms = (time: string) => `epoch_ms(${time})`;

/** A STRUCT, from its fields: name, DuckDB's type and SQL. */
function struct(fields: readonly (readonly [name: string, type: string, sql: string])[]): {type: string; sql: string} {
  return {
    type: `STRUCT(${fields.map(([name, type]) => `"${name}" ${type}`).join(", ")})`,
    sql: `struct_pack(${fields.map(([name, , sql]) => `"${name}" := ${sql}`).join(", ")})`
  };
}

const product = struct([
  ["name", "VARCHAR", "'flowbook'"],
  ["vendor_name", "VARCHAR", "'flowbook'"]
]);

/** Flows as events of the class Network Activity; objects are STRUCTs, which JSON and Parquet nest. */
export const ocsf = foreignView({
  name: "ocsf",
  doc: `Flows as events of OCSF's class Network Activity (4001, version ${ocsfVersion}). Objects are STRUCTs: nested in JSON, NDJSON and Parquet, JSON text in CSV and Arrow.`,
  from: "flows AS f LEFT JOIN flow_incidents AS i ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256",
  order: "time",
  columns: [
    {name: "activity_id", type: "INTEGER", sql: activity, doc: "By `conn_state`: 5 Refuse (REJ), 3 Reset (RST…), 4 Fail (TCP without an answer), 2 Close (TCP, SF), else 6 Traffic."},
    {name: "activity_name", type: "VARCHAR", sql: caseOf(activity, activities), doc: "Its name."},
    {name: "category_uid", type: "INTEGER", sql: "4", doc: "4."},
    {name: "category_name", type: "VARCHAR", sql: "'Network Activity'", doc: "Network Activity."},
    {name: "class_uid", type: "INTEGER", sql: "4001", doc: "4001."},
    {name: "class_name", type: "VARCHAR", sql: "'Network Activity'", doc: "Network Activity."},
    {name: "type_uid", type: "BIGINT", sql: `400100 + ${activity}`, doc: "class_uid · 100 + activity_id."},
    {name: "type_name", type: "VARCHAR", sql: `'Network Activity: ' || ${caseOf(activity, activities)}`, doc: "Names of class and activity."},
    {name: "severity_id", type: "INTEGER", sql: severity, doc: "Of the flow's incident; 1 (Informational) without one."},
    {name: "severity", type: "VARCHAR", sql: caseOf("i.severity", severities, "'Informational'"), doc: "Its name."},
    {name: "time", type: "BIGINT", sql: ms("f.ts_start"), doc: "`ts_start`, ms since 1970."},
    {name: "start_time", type: "BIGINT", sql: ms("f.ts_start"), doc: "`ts_start`, ms since 1970."},
    {name: "end_time", type: "BIGINT", sql: ms("f.ts_end"), doc: "`ts_end`, ms since 1970."},
    {name: "duration", type: "BIGINT", sql: `${ms("f.ts_end")} - ${ms("f.ts_start")}`, doc: "ms."},
    {name: "timezone_offset", type: "INTEGER", sql: "0", doc: "0: UTC."},
    {
      name: "metadata",
      ...struct([
        ["version", "VARCHAR", `'${ocsfVersion}'`],
        ["product", product.type, product.sql],
        ["uid", "VARCHAR", "CAST(f.flow_id AS VARCHAR)"],
        ["correlation_uid", "VARCHAR", "CAST(i.incident_id AS VARCHAR)"],
        ["log_name", "VARCHAR", "'flows'"]
      ]),
      doc: "Version of the schema, product, `flow_id`, `incident_id`."
    },
    {
      name: "src_endpoint",
      ...struct([
        ["ip", "VARCHAR", "f.src_ip"],
        ["port", "INTEGER", portOf("src_port")]
      ]),
      doc: "`src_ip`, `src_port`."
    },
    {
      name: "dst_endpoint",
      ...struct([
        ["ip", "VARCHAR", "f.dst_ip"],
        ["port", "INTEGER", portOf("dst_port")],
        ["hostname", "VARCHAR", "coalesce(f.server_name, f.dns_name)"]
      ]),
      doc: "`dst_ip`, `dst_port`, `server_name` or `dns_name`."
    },
    {
      name: "connection_info",
      ...struct([
        ["uid", "VARCHAR", "CAST(f.flow_id AS VARCHAR)"],
        ["community_uid", "VARCHAR", "f.community_id"],
        ["direction_id", "INTEGER", direction],
        ["direction", "VARCHAR", caseOf(direction, directions)],
        ["protocol_num", "INTEGER", "f.proto"],
        ["protocol_name", "VARCHAR", caseOf("f.proto", protocols)],
        ["protocol_ver_id", "INTEGER", `CASE WHEN ${isIpv6} THEN 6 ELSE 4 END`],
        ["flag_history", "VARCHAR", "f.history"]
      ]),
      doc: "Direction by private addresses (1 inbound, 2 outbound, 3 lateral, 0 unknown), `proto`, `community_id`, `history`."
    },
    {
      name: "traffic",
      ...struct([
        ["bytes", "BIGINT", "f.src_wire_bytes + f.dst_wire_bytes"],
        ["bytes_out", "BIGINT", "f.src_wire_bytes"],
        ["bytes_in", "BIGINT", "f.dst_wire_bytes"],
        ["packets", "BIGINT", "f.src_pkts + f.dst_pkts"],
        ["packets_out", "BIGINT", "f.src_pkts"],
        ["packets_in", "BIGINT", "f.dst_pkts"]
      ]),
      doc: "Frame lengths and packets; out is from the originator."
    },
    {name: "app_name", type: "VARCHAR", sql: "f.service", doc: "`service`.", nullable: true},
    {
      name: "ja4_fingerprint_list",
      type: 'STRUCT("type_id" INTEGER, "type" VARCHAR, "value" VARCHAR)[]',
      sql: `CASE WHEN f.ja4 IS NOT NULL THEN [struct_pack("type_id" := 1, "type" := 'JA4', "value" := f.ja4)] END`,
      doc: "`ja4`.",
      nullable: true
    }
  ]
});
