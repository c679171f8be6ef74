import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = ServiceRow & {
  uploads: number;
  longest_us: number;
  sent: number;
};

const limits = {
  uploads: {
    value: 3,
    unit: "connections",
    doc: "Connections in which the client, once the server has spoken, sends far more than it gets"
  },
  bytes: {value: 5000, unit: "bytes", doc: "Sent over each of them at least"},
  ratio: {value: 10, unit: "bytes sent per byte received", doc: "Least ratio of each of them"},
  duration: {
    value: 30,
    unit: "s",
    doc: "Least duration of a further connection to the same port, over which the commands come"
  },
  quiet: {value: 2000, unit: "bytes", doc: "Payload in both directions of that connection at most"}
} as const;

/**
 * Remote access tools on a port of their own (Turkojan, Bifrost, Poison Ivy and their likes): the host connects outwards
 * and then waits; what it connected to speaks first and says what to do, in one long quiet connection, and the host sends
 * screens and files over others. Nothing that is recognised speaks so.
 */
export const commandChannel = defineRule<typeof limits, Row>({
  name: "command_channel",
  doc: "A host connects to a server by an unknown protocol, does what the server says, and sends it data again and again.",
  blindTo:
    "Tools that speak a known protocol or TLS, or send all over one connection; hosts that were told to send nothing. Agents of backup or monitoring with a protocol of their own, whose server greets first, look the same.",
  attackTechnique: "T1071",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto = 6 AND service IS NULL AND coalesce(regexp_extract(history, '^ShA?[^D]*d'), '') <> ''"},
  judgesOpen: true,
  countedFlows: "f.proto = 6 AND f.service IS NULL",
  query: (scope, {uploads, bytes, ratio, duration, quiet}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, sum(src_payload_bytes) AS sent,
        sum(CASE WHEN src_payload_bytes >= ${bytes.value} AND src_payload_bytes >= ${ratio.value} * dst_payload_bytes THEN 1 ELSE 0 END) AS uploads,
        max(CASE WHEN src_payload_bytes + dst_payload_bytes <= ${quiet.value} THEN duration_us ELSE 0 END) AS longest_us
      FROM ${scope.rows("flows")} f
      WHERE proto = 6 AND service IS NULL AND dst_port > 1024 AND dst_payload_bytes > 0 AND coalesce(regexp_extract(history, '^ShA?[^D]*d'), '') <> ''
      GROUP BY capture_sha256, src_ip, dst_ip, dst_port) g
    WHERE uploads >= ${uploads.value} AND longest_us >= ${duration.value * 1e6}`,
  incidents: (rows, {uploads, duration}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} took commands from ${row.dst_ip} port ${row.dst_port} by an unknown protocol, and sent it data ${row.uploads} times.`,
      reasons: [
        atLeast("connections by which it sent data", row.uploads, uploads),
        atLeast("duration of the connection that commands", row.longest_us / 1e6, duration),
        fact("sent", row.sent, "bytes")
      ]
    }))
});
