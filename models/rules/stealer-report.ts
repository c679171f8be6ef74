import {matches} from "./matches.ts";
import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  reports: number;
  way: "FTP" | "mail";
  a_title: string;
};

const limits = {
  reports: {
    value: 1,
    unit: "reports",
    doc: "Files or mails of one client whose names are those that keyloggers give what they stole"
  },
  gap: {value: 3600, unit: "s", doc: "Reports so close together are one incident"}
} as const;

/** File names by FTP: Agent Tesla's (PW_user-HOST_2024_01_31…), HawkEye's, Snake's. Lower case. */
const files =
  "^/?(pw|kl|sc|co|hd|cd|ckl)_[^/]+[_-][0-9]{4}_[0-9]{2}_[0-9]{2}|hawkeye_keylogger|passwords? id - |_keystrokes?_|stealer_records";
/** Subjects of mails: Agent Tesla's (PW_user/HOST), HawkEye's, Predator Pain's, Snake's. Lower case. */
const subjects =
  "^(pw|kl|sc|co)_[^ ]+/[^ ]+$|hawkeye (keylogger|logger)|predator pain|snake (tracker|keylogger)|pc name: .*[|]|keylogger (log|record|report)|stealer (log|record|report)";

const found = (text: string, pattern: string) => matches(`lower(${text})`, pattern);

/** What keyloggers and stealers of passwords send by FTP and mail, as long as nobody changes the names they give it. */
export const stealerReport = defineRule<typeof limits, Row>({
  name: "stealer_report",
  doc: "A host sends what a keylogger stole, by FTP or mail, under the names that such programs give it.",
  blindTo:
    "Reports within TLS, by Telegram, Discord or HTTP; names that were changed. Somebody who forwards such a report looks the same.",
  attackTechnique: "T1048.003",
  severity: "high",
  limits,
  tables: ["flows", "ftp", "mail"],
  startsFrom: {
    ftp: `command = 'STOR' AND ${found("argument", files)}`,
    mail: `command = 'send' AND ${found("subject", subjects)}`
  },
  judgesOpen: true,
  countedFlows: "f.service IN ('ftp', 'smtp')",
  query: (scope) => {
    const reports = (table: "ftp" | "mail", way: string, title: string, which: string) => `
    SELECT r.capture_sha256, f.src_ip, f.dst_ip, min(f.dst_port) AS dst_port, min(r.ts) AS ts_start, max(r.ts) AS ts_end, count(DISTINCT r.flow_id) AS flows,
      count(*) AS reports, '${way}' AS way, min(r.${title}) AS a_title
    FROM ${scope.rows(table)} r JOIN ${scope.rows("flows")} f ON r.flow_id = f.flow_id AND r.capture_sha256 = f.capture_sha256
    WHERE ${which} GROUP BY r.capture_sha256, f.src_ip, f.dst_ip`;
    return `${reports("ftp", "FTP", "argument", `r.command = 'STOR' AND ${found("r.argument", files)}`)}
    UNION ALL ${reports("mail", "mail", "subject", `r.command = 'send' AND ${found("r.subject", subjects)}`)}`;
  },
  incidents: (rows, {reports, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, way, a_title}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const sent = total(group, (row) => row.reports);
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} sent ${server ?? counted(group.length, "server")} ${counted(sent, "report")} of a keylogger by ${way}.`,
        reasons: [atLeast("reports", sent, reports), fact("the first one", a_title.slice(0, 120))]
      };
    })
});
