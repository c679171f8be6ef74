import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  proto: number;
  service: string;
  payload: number;
};

const limits = {
  payload: {value: 200, unit: "bytes", doc: "Payload in both directions together, or nothing came about"}
} as const;

/** What is at home on a well-known port, or goes there commonly, as firewalls let it pass: transport, port, and the services that are expected there. */
const homes: readonly {proto: number; port: number; services: readonly string[]}[] = [
  {proto: 6, port: 21, services: ["ftp", "tls"]},
  {proto: 6, port: 22, services: ["ssh"]},
  {proto: 6, port: 23, services: ["telnet"]},
  {proto: 6, port: 25, services: ["smtp", "tls"]},
  {proto: 6, port: 53, services: ["dns", "dnscrypt"]},
  {proto: 17, port: 53, services: ["dns", "mdns", "llmnr", "dnscrypt"]},
  {
    proto: 6,
    port: 80,
    services: ["http", "http2", "tls", "stun", "rtmp", "whatsapp", "teamviewer", "spotify", "steam"]
  },
  {proto: 6, port: 88, services: ["kerberos"]},
  {proto: 17, port: 88, services: ["kerberos"]},
  {proto: 6, port: 110, services: ["pop3", "tls"]},
  {proto: 17, port: 123, services: ["ntp"]},
  {proto: 6, port: 139, services: ["netbios", "smb"]},
  {proto: 6, port: 143, services: ["imap", "tls"]},
  {proto: 17, port: 161, services: ["snmp"]},
  {proto: 6, port: 389, services: ["ldap", "tls"]},
  {
    proto: 6,
    port: 443,
    services: ["tls", "http", "http2", "stun", "whatsapp", "teamviewer", "spotify", "steam", "alicloud", "dnscrypt"]
  },
  {proto: 17, port: 443, services: ["quic", "dtls", "stun", "dnscrypt"]},
  {proto: 6, port: 445, services: ["smb", "netbios"]},
  {proto: 6, port: 587, services: ["smtp", "tls"]},
  {proto: 6, port: 853, services: ["tls"]},
  {proto: 6, port: 993, services: ["imap", "tls"]},
  {proto: 6, port: 995, services: ["pop3", "tls"]},
  {proto: 6, port: 3306, services: ["mysql", "tls"]},
  {proto: 6, port: 3389, services: ["rdp", "tls"]},
  {proto: 6, port: 5432, services: ["postgresql", "tls"]}
];

const astray = homes
  .map(
    ({proto, port, services}) =>
      `(proto = ${proto} AND dst_port = ${port} AND service NOT IN (${services.map((name) => `'${name}'`).join(", ")}))`
  )
  .join(" OR ");

/**
 * A protocol, recognised by content, speaks on a port where another is at home: SSH on 443, HTTP on 53. A service on a
 * port that belongs to none is not reported.
 */
export const protocolMismatch = defineRule<typeof limits, Row>({
  name: "protocol_mismatch",
  doc: "A recognised protocol speaks on the well-known port of another one.",
  blindTo:
    "Protocols that are not recognised by content; tunnels that imitate the port's own protocol; whether the administrator put the service there.",
  attackTechnique: "T1571",
  severity: "info",
  limits,
  tables: ["flows"],
  query: (scope, {payload}) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, proto, service, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      sum(src_payload_bytes + dst_payload_bytes) AS payload
    FROM ${scope.rows("flows")} f
    WHERE service IS NOT NULL AND src_payload_bytes > 0 AND dst_payload_bytes > 0 AND (${astray})
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, proto, service
    HAVING sum(src_payload_bytes + dst_payload_bytes) >= ${payload.value}`,
  incidents: (rows) =>
    together(
      rows,
      (row) => `${row.capture_sha256} ${row.src_ip} ${row.proto} ${row.dst_port} ${row.service}`,
      Number.POSITIVE_INFINITY
    ).map((group) => {
      const [{capture_sha256, src_ip, dst_port, proto, service}] = group;
      const expected = homes.find((home) => home.proto === proto && home.port === dst_port)!.services;
      const transport = proto === 6 ? "TCP" : "UDP";
      const peer = common(group.map((row) => row.dst_ip));
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: peer,
        dst_port,
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} spoke ${service.toUpperCase()} with ${peer ?? counted(group.length, "host")} on ${transport} port ${dst_port}, where ${expected[0].toUpperCase()} is at home.`,
        reasons: [
          fact("recognised by content", service),
          fact(`at home on ${transport} port ${dst_port}`, expected.join(", ")),
          atLeast("largest payload with one host", Math.max(...group.map((row) => row.payload)), limits.payload)
        ]
      };
    })
});
