import type {Severity} from "../../schema/incidents.ts";
import {placeOfFlows, togetherOutward} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  user: string;
  service: string;
  is_named: number;
};

const limits = {
  logins: {
    value: 1,
    unit: "logins",
    doc: "Logins by NTLM of a local host at a foreign one, over SMB or by Windows' client for folders on the web (WebDAV)"
  },
  gap: {value: 600, unit: "s", doc: "Logins so close together are one incident"}
} as const;

/**
 * A link, a reminder or a document makes Windows log on at a foreign machine, which keeps the answer to its challenge and
 * guesses the password from it, or passes it on (ATT&CK T1187; CVE-2023-23397, .url, .scf and .library-ms files).
 */
export const forcedLogin = defineRule<typeof limits, Row>({
  name: "forced_login",
  doc: "A local host logs on at a foreign machine by NTLM, over SMB or WebDAV.",
  blindTo:
    "Logins within encrypted connections or by Kerberos; whether somebody wanted it. Storage on the Internet by SMB looks the same, which is why a server whose name was looked up is told with low severity.",
  attackTechnique: "T1187",
  severity: "medium",
  limits,
  tables: ["flows", "ntlm", "http"],
  startsFrom: {ntlm: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service IN ('smb', 'http')",
  query: (scope) => `
    SELECT n.capture_sha256, CAST(n.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, n.ts AS ts_start, n.ts AS ts_end, n."user", f.service,
      CASE WHEN f.dns_name IS NULL THEN 0 ELSE 1 END AS is_named
    FROM ${scope.rows("ntlm")} n JOIN ${scope.rows("flows")} f ON f.flow_id = n.flow_id AND f.capture_sha256 = n.capture_sha256
    WHERE n."user" IS NOT NULL AND n."user" <> '' AND (f.service = 'smb' OR (f.service = 'http' AND EXISTS (
      SELECT 1 FROM ${scope.rows("http")} h WHERE h.flow_id = n.flow_id AND h.capture_sha256 = n.capture_sha256 AND lower(h.user_agent) LIKE 'microsoft-webdav-miniredir/%')))`,
  incidents: (rows, {logins, gap}, {localNets}) =>
    togetherOutward(rows, localNets, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, service, user}] = group;
      const severity: Severity = group.every(({is_named}) => is_named === 1) ? "low" : "medium";
      return {
        ...placeOfFlows(group),
        severity,
        summary: `${src_ip} logged on at ${dst_ip}, outside the network, as ${user} over ${service === "smb" ? "SMB" : "WebDAV"}.`,
        reasons: [atLeast("logins at foreign machines", group.length, logins), fact("user", user.slice(0, 80))]
      };
    })
});
