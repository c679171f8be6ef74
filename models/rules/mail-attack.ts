import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  carried: string;
  status: number | null;
};

const limits = {
  mails: {
    value: 1,
    unit: "mails",
    doc: "Mails of one client to one server whose envelope or headers hold commands for a shell, or what a server would expand"
  },
  gap: {value: 600, unit: "s", doc: "Mails so close together are one incident"}
} as const;

/** What no header has: an expansion of Exim or Log4j, a function of Shellshock, a command that fetches, a shell. */
const command =
  "[$][{](run|lookup|readsocket|jndi|lower|env)|[(][)] *[{] *:? *;|[;|`&] *(wget|curl) |[$][(](wget|curl|id|sh|bash)|/bin/(ba)?sh";
/** What no address has besides: a command behind a separator. */
const commandOfAddress = `${command}|[;|\`][^a-z]*(for|sh|bash|perl|python[0-9]?|nc|id|touch|sleep|exec|cat)[ ;|\`/]`;

/** Columns as one text. */
const textOf = (columns: readonly string[]) => columns.map((column) => `coalesce(${column}, '')`).join(" || ' ' || ");
const addresses = textOf(["sender", "recipients"]);
const headers = textOf(["header_from", "header_to", "subject"]);

const holds = (text: string, pattern: string) => `coalesce(regexp_extract(lower(${text}), '${pattern}'), '') <> ''`;

/** Attacks on mail servers by what they read of a mail: Exim (CVE-2019-10149), OpenSMTPD (CVE-2020-7247), Shellshock by Postfix, Log4Shell. */
export const mailAttack = defineRule<typeof limits, Row>({
  name: "mail_attack",
  doc: "A client sends a mail server commands in the addresses or headers of a mail.",
  blindTo:
    "Attacks in the body, in other headers, or within TLS; whether it worked. A mail about such an attack whose subject is a command looks the same.",
  attackTechnique: "T1190",
  severity: "high",
  limits,
  tables: ["flows", "mail"],
  startsFrom: {mail: "command = 'send'"},
  judgesOpen: true,
  countedFlows: "f.service = 'smtp'",
  query: (scope) => `
    SELECT s.*, CASE WHEN ${holds("addresses", commandOfAddress)} THEN addresses ELSE headers END AS carried FROM (
      SELECT m.capture_sha256, CAST(m.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, m.ts AS ts_start, m.ts AS ts_end, m.status, ${addresses} AS addresses, ${headers} AS headers
      FROM ${scope.rows("mail")} m JOIN ${scope.rows("flows")} f ON f.flow_id = m.flow_id AND f.capture_sha256 = m.capture_sha256
      WHERE m.command = 'send' AND m.protocol = 'smtp') s
    WHERE ${holds("addresses", commandOfAddress)} OR ${holds("headers", command)}`,
  incidents: (rows, {mails, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, carried, status}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} sent the mail server ${dst_ip} commands in a mail's addresses or headers.`,
        reasons: [
          atLeast("mails with commands", group.length, mails),
          fact("the first one", carried.trim().slice(0, 120)),
          fact("its reply code", status ?? "none")
        ]
      };
    })
});
