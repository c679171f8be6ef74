import {inNetworks} from "./addresses.ts";
import {isBareHost} from "./http-requests.ts";
import {matches} from "./matches.ts";
import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {amount, atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  protocol: string;
  name: string;
  bytes: number;
};

const limits = {
  bytes: {
    value: 5_000_000,
    unit: "bytes",
    doc: "Archives that a local host sends to one foreign server by FTP, within a session"
  },
  put: {
    value: 1_000_000,
    unit: "bytes",
    doc: "Or: archives by HTTP, to an address without a name"
  },
  parts: {
    value: 3,
    unit: "parts",
    doc: "Or: parts of archives (part1.rar, 7z.001) by FTP or mail; people seldom cut what they send"
  },
  gap: {value: 3600, unit: "s", doc: "Files so close together are one incident"}
} as const;

const archives = "[.](zip|7z|rar|tar|tgz|tbz2|txz|gz|bz2|xz|cab|arj)$";
const parts = "[.](part[0-9]+[.]rar|(7z|zip|rar|tar|gz)[.][0-9]{3}|r[0-9]{2}|z[0-9]{2})$";
/** What a request sends is packed, by its first bytes. */
const isPacked = `x.found_type IN (${["zip", "x-7z-compressed", "x-rar", "gzip", "x-xz", "x-bzip2", "x-tar"].map((type) => `'application/${type}'`).join(", ")})`;
const isNamed = (pattern: string) => matches("lower(x.name)", pattern);
const isSent = `x.sent_by = 'originator' AND x.name IS NOT NULL AND ((x.protocol = 'ftp' AND (${isNamed(archives)} OR ${isNamed(parts)})) OR (x.protocol = 'smtp' AND ${isNamed(parts)}) OR (x.protocol = 'http' AND ${isPacked}))`;

/** Exfiltration in archives by protocols without encryption (ATT&CK T1560 and T1048.003): packed, and sent by FTP or in parts by mail. */
export const archiveUpload = defineRule<typeof limits, Row>({
  name: "archive_upload",
  doc: "A local host sends a foreign server large archives by FTP, or by HTTP to an address without a name, or parts of archives by FTP or mail.",
  blindTo:
    "Archives under other names, within TLS, or by HTTP to a server with a name; what is in them and by whose wish. Backups by FTP to a hoster look the same.",
  attackTechnique: "T1048.003",
  severity: "medium",
  limits,
  tables: ["flows", "files"],
  startsFrom: {files: isSent.replaceAll("x.", "")},
  judgesOpen: true,
  countedFlows: "f.service IN ('ftp', 'ftp-data', 'smtp', 'http')",
  query: (scope) => `
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, f.ts_start, f.ts_end, x.protocol, x.name, CAST(x.size AS DOUBLE) AS bytes
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON f.flow_id = x.flow_id AND f.capture_sha256 = x.capture_sha256
    WHERE ${isSent} AND (x.protocol <> 'http' OR (f.dns_name IS NULL AND ${isBareHost("coalesce(f.server_name, f.dst_ip)")}))`,
  incidents: (rows, {bytes, put, parts: least, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const isPart = new RegExp(parts);
    return together(
      rows.filter(({src_ip, dst_ip}) => isLocal(src_ip) && !isLocal(dst_ip)),
      (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`,
      gap.value * 1e6
    ).flatMap((group) => {
      const [{src_ip, dst_ip, protocol, name}] = group;
      const sent = group.reduce((sum, row) => sum + row.bytes, 0);
      const cut = new Set(group.map((row) => row.name.toLowerCase()).filter((text) => isPart.test(text))).size;
      const isWeb = group.every((row) => row.protocol === "http");
      const enough = isWeb ? put : bytes;
      const isLarge = sent >= enough.value && group.some((row) => row.protocol !== "smtp");
      if (!isLarge && cut < least.value) return [];
      return [
        {
          ...placeOfFlows(group),
          summary: `${src_ip} sent ${counted(group.length, "archive")} of ${amount(sent / 1e6)} MB to ${dst_ip} by ${{smtp: "mail", http: "HTTP"}[protocol] ?? "FTP"}.`,
          reasons: [
            isLarge ? atLeast("archives sent", sent, enough) : atLeast("parts of archives", cut, least),
            fact("the first one", name.slice(0, 120))
          ]
        }
      ];
    });
  },
  yieldsTo: (incident, other) =>
    other.rule === "exfiltration" && other.src_ip === incident.src_ip && other.dst_ip === incident.dst_ip
});
