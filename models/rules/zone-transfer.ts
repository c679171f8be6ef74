import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  zone: string;
  rcode: number | null;
  searched: number;
};

const limits = {
  transfers: {value: 1, unit: "questions", doc: "Questions of one client for all names of a zone (AXFR)"},
  searched: {
    value: 1,
    unit: "questions",
    doc: "Questions of the client for the name servers of that zone until then, from which on the severity is medium: a secondary server knows them, and asks for the zone's number (SOA)"
  },
  gap: {value: 600, unit: "s", doc: "Questions so close together are one incident"}
} as const;

/**
 * Zone transfer: a client asks for all names of a zone. Secondary servers do so as a matter of course, once the zone's number
 * tells them that something changed; who looks up the zone's servers first (dig, dnsrecon, fierce) is none.
 */
export const zoneTransfer = defineRule<typeof limits, Row>({
  name: "zone_transfer",
  doc: "A client asks a name server for all names of a zone.",
  blindTo:
    "Transfers by IXFR, within TLS, or from a client whose other questions are not captured: they look like a secondary server's, and are told with low severity. Administrators who test their own servers look the same.",
  attackTechnique: "T1018",
  severity: "medium",
  limits,
  tables: ["flows", "dns"],
  startsFrom: {dns: "qtype_name = 'AXFR'"},
  judgesOpen: true,
  countedFlows: "f.service = 'dns'",
  query: (scope, {searched}) => `
    WITH asked AS (
      SELECT d.capture_sha256, d.client_ip, lower(d.query) AS zone, sum(CASE WHEN d.qtype_name = 'NS' THEN 1 ELSE 0 END) AS servers, sum(CASE WHEN d.qtype_name = 'SOA' THEN 1 ELSE 0 END) AS numbers
      FROM ${scope.rows("dns")} d WHERE d.qtype_name IN ('NS', 'SOA') GROUP BY d.capture_sha256, d.client_ip, lower(d.query))
    SELECT d.capture_sha256, CAST(d.flow_id AS VARCHAR) AS flow_id, d.client_ip AS src_ip, d.server_ip AS dst_ip, 53 AS dst_port, d.ts AS ts_start, d.ts AS ts_end, d.query AS zone, d.rcode,
      CASE WHEN a.servers >= ${searched.value} AND a.numbers = 0 THEN a.servers ELSE 0 END AS searched
    FROM ${scope.rows("dns")} d LEFT JOIN asked a ON a.capture_sha256 = d.capture_sha256 AND a.client_ip = d.client_ip AND a.zone = lower(d.query)
    WHERE d.qtype_name = 'AXFR' AND d.query IS NOT NULL`,
  incidents: (rows, {gap, transfers, searched}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, zone}] = group;
      const place = placeOfFlows(group);
      const most = Math.max(...group.map((row) => Number(row.searched ?? 0)));
      return {
        ...place,
        severity: most >= searched.value ? "medium" : "low",
        summary: `${src_ip} asked ${place.dst_ip ?? counted(new Set(group.map((row) => row.dst_ip)).size, "name server")} for all names of ${zone}.`,
        reasons: [
          atLeast("questions for a whole zone", group.length, transfers),
          most >= searched.value
            ? atLeast("questions for the zone's servers until then", most, searched)
            : fact("questions for the zone's servers until then", most),
          fact("answered", group.filter(({rcode}) => rcode === 0).length)
        ]
      };
    })
});
