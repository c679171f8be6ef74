import {placeOfServices, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = ServiceRow & {
  logins: number;
  machine: string;
};

const limits = {
  logins: {
    value: 1,
    unit: "logins",
    doc: "Logins of a machine's account at the web pages by which people ask for certificates; machines enrol by RPC"
  },
  gap: {value: 3600, unit: "s", doc: "Logins so close together are one incident"}
} as const;

/** NTLM relayed to the web enrolment of Active Directory Certificate Services (ESC8): a certificate in a machine's name. */
export const certificateRelay = defineRule<typeof limits, Row>({
  name: "certificate_relay",
  doc: "A machine's account logs in by NTLM to the web pages of a certificate authority: its login was relayed (ESC8).",
  blindTo:
    "Enrolment pages within TLS, or by Kerberos; the relayed login of a person; whether a certificate was given. A test of one's own that relays looks the same.",
  attackTechnique: "T1649",
  severity: "high",
  limits,
  tables: ["flows", "ntlm", "http"],
  startsFrom: {http: "lower(uri) LIKE '/certsrv/%'"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope, {logins}) => `
    SELECT n.capture_sha256, f.src_ip, f.dst_ip, f.dst_port, min(n.ts) AS ts_start, max(n.ts) AS ts_end, count(DISTINCT n.flow_id) AS flows, count(*) AS logins, min(n."user") AS machine
    FROM ${scope.rows("ntlm")} n JOIN ${scope.rows("flows")} f ON f.flow_id = n.flow_id AND f.capture_sha256 = n.capture_sha256
    WHERE n.carrier = 'http' AND n."user" LIKE '%$' AND coalesce(n.success, TRUE) AND n.flow_id IN (
      SELECT h.flow_id FROM ${scope.rows("http")} h WHERE lower(h.uri) LIKE '/certsrv/%')
    GROUP BY n.capture_sha256, f.src_ip, f.dst_ip, f.dst_port HAVING count(*) >= ${logins.value}`,
  incidents: (rows, {logins, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, machine}] = group;
      return {
        ...placeOfServices(group),
        summary: `${src_ip} logged in as the machine ${machine} to the certificate enrolment of ${dst_ip}.`,
        reasons: [
          atLeast(
            "logins of machines",
            total(group, (row) => row.logins),
            logins
          ),
          fact("machine", machine)
        ]
      };
    })
});
