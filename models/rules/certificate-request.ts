import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  user: string;
  uri: string;
};

const limits = {
  requests: {
    value: 1,
    unit: "requests",
    doc: "Requests to the pages by which people ask for certificates (/certsrv/), in the name of a machine"
  },
  gap: {value: 600, unit: "s", doc: "Requests so close together are one incident"}
} as const;

/**
 * Relayed logins to a certificate authority's web pages (ESC8: ntlmrelayx, PetitPotam): machines ask for certificates by
 * RPC; who logs in at the pages as a machine was made to do so, and somebody else gets the certificate.
 */
export const certificateRequest = defineRule<typeof limits, Row>({
  name: "certificate_request",
  doc: "A machine's account logs in at a certificate authority's web pages, as relayed logins do.",
  blindTo:
    "Pages within TLS, logins by Kerberos, and relayed logins of people; whether a certificate was given. Devices that enrol by the pages under an account of their own whose name ends in a dollar sign look the same.",
  attackTechnique: "T1557.001",
  severity: "high",
  limits,
  tables: ["flows", "http", "ntlm"],
  startsFrom: {http: "lower(uri) LIKE '/certsrv/%'"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT DISTINCT h.capture_sha256, CAST(h.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, h.ts AS ts_start, h.ts AS ts_end, n."user", h.uri
    FROM ${scope.rows("http")} h JOIN ${scope.rows("ntlm")} n ON n.flow_id = h.flow_id AND n.capture_sha256 = h.capture_sha256
    JOIN ${scope.rows("flows")} f ON f.flow_id = h.flow_id AND f.capture_sha256 = h.capture_sha256
    WHERE lower(h.uri) LIKE '/certsrv/%' AND n."user" LIKE '%$' AND coalesce(n.success, TRUE)`,
  incidents: (rows, {requests, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, user, uri}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} asked ${dst_ip} for a certificate on its web pages in the name of the machine ${user}.`,
        reasons: [
          atLeast("requests as a machine", group.length, requests),
          fact("account", user),
          fact("the first one", uri.slice(0, 120))
        ]
      };
    })
});
