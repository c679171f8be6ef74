import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  mailboxes: number;
  known: number;
};

const limits = {
  mailboxes: {
    value: 10,
    unit: "mailboxes",
    doc: "Different mailboxes and lists that one client asks a mail server for (VRFY, EXPN) within a session; programs that send mail ask for none"
  },
  gap: {value: 600, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** Discovery of mailboxes (smtp-user-enum, Metasploit, nmap): name after name by VRFY or EXPN. */
export const mailboxDiscovery = defineRule<typeof limits, Row>({
  name: "mailbox_discovery",
  doc: "A client asks a mail server for mailbox after mailbox (VRFY, EXPN).",
  blindTo:
    "Names tried as recipients (RCPT TO); questions within TLS; a few names. Someone who checks a list of members by VRFY looks the same.",
  attackTechnique: "T1087.003",
  severity: "medium",
  limits,
  tables: ["flows", "mail"],
  startsFrom: {mail: "command IN ('verify', 'expand')"},
  judgesOpen: true,
  countedFlows: "f.service = 'smtp'",
  query: (scope, {mailboxes, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
        count(DISTINCT mailbox) AS mailboxes, count(DISTINCT CASE WHEN is_known = 1 THEN mailbox END) AS known
      FROM ${sessions(
        scope.dialect,
        `(SELECT m.capture_sha256, m.flow_id, m.ts AS ts_start, f.src_ip, f.dst_ip, f.dst_port, lower(m.recipients) AS mailbox, CASE WHEN m.success THEN 1 ELSE 0 END AS is_known
          FROM ${scope.rows("mail")} m JOIN ${scope.rows("flows")} f ON m.flow_id = f.flow_id AND m.capture_sha256 = f.capture_sha256
          WHERE m.command IN ('verify', 'expand'))`,
        ["capture_sha256", "src_ip", "dst_ip"],
        gap.value * 1000
      )} t GROUP BY capture_sha256, src_ip, dst_ip, session) g
    WHERE mailboxes >= ${mailboxes.value}`,
  incidents: (rows, {mailboxes}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} asked the mail server ${row.dst_ip} for ${counted(row.mailboxes, "mailbox", "mailboxes")} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [atLeast("mailboxes asked for", row.mailboxes, mailboxes), fact("of them known", row.known)]
    }))
});
