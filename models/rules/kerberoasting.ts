import {extent} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  kind: "services" | "users";
  ts_start: number;
  ts_end: number;
  flows: number;
  names: number;
  a_name: string;
};

const limits = {
  services: {
    value: 4,
    unit: "services",
    doc: "Different services of accounts for which one client gets tickets encrypted by RC4 within a session, having asked for nothing better"
  },
  users: {
    value: 2,
    unit: "users",
    doc: "Different users for whom one client gets a first ticket by RC4 without proving that it knows their keys"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when no such ticket comes for so long"}
} as const;

/** Classes of services that machines' own accounts have, whose keys are long and random. */
const ofMachines = [
  "krbtgt",
  "cifs",
  "ldap",
  "host",
  "gc",
  "dns",
  "rpcss",
  "termsrv",
  "kadmin",
  "protectedstorage",
  "restrictedkrbhost"
];

/** A condition: the ticket is for a service that may be an account's, with a password somebody chose. */
const ofAccounts = `k.service IS NOT NULL AND k.service NOT LIKE '%$' AND lower(regexp_extract(k.service, '^[^/]*')) NOT IN (${ofMachines
  .map((name) => `'${name}'`)
  .join(", ")})`;
const isRc4 = (column: string) =>
  `${column} IN ('rc4-hmac', 'rc4-hmac-exp', 'rc4-hmac-old', 'des-cbc-md5', 'des-cbc-crc')`;

/**
 * Tickets gathered to guess passwords from them: Kerberoasting (tickets of services, by the weak RC4 that was asked for) and
 * AS-REP roasting (first tickets of users who need not prove their key).
 */
export const kerberoasting = defineRule<typeof limits, Row>({
  name: "kerberoasting",
  doc: "A client gathers Kerberos tickets whose weak encryption allows to guess the passwords of services or users.",
  blindTo:
    "Roasting by AES, or by Windows before Vista, which asks for RC4 by itself; a few single services; users of whom a ticket came by AES. Old domains whose services all use RC4, and scanners of a password audit, look the same.",
  attackTechnique: "T1558.003",
  severity: "high",
  limits,
  tables: ["flows", "kerberos"],
  startsFrom: {kerberos: "TRUE"},
  countedFlows: "f.service = 'kerberos'",
  query: (scope, {services, users, gap}) => {
    const tickets = `(SELECT k.capture_sha256, k.flow_id, k.ts AS ts_start, f.src_ip, f.dst_ip,
        CASE WHEN k.request_type = 'TGS' THEN 'services' ELSE 'users' END AS kind, CASE WHEN k.request_type = 'TGS' THEN k.service ELSE k.client END AS name
      FROM ${scope.rows("kerberos")} k JOIN ${scope.rows("flows")} f ON f.flow_id = k.flow_id AND f.capture_sha256 = k.capture_sha256
      WHERE k.error = 0 AND ((k.request_type = 'TGS' AND ${ofAccounts} AND ${isRc4("k.cipher")} AND k.request_ciphers NOT LIKE '%aes%' AND k.request_ciphers NOT LIKE '%rc4-hmac-%')
        OR (k.request_type = 'AS' AND k.has_preauth = false AND k.client NOT LIKE '%$' AND ${isRc4("k.reply_cipher")})))`;
    return `
    SELECT capture_sha256, src_ip, dst_ip, kind, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows, count(DISTINCT name) AS names, min(name) AS a_name
    FROM ${sessions(scope.dialect, tickets, ["capture_sha256", "src_ip", "dst_ip", "kind"], gap.value * 1000)} s
    GROUP BY capture_sha256, src_ip, dst_ip, kind, session
    HAVING (kind = 'services' AND count(DISTINCT name) >= ${services.value}) OR (kind = 'users' AND count(DISTINCT name) >= ${users.value})`;
  },
  incidents: (rows) =>
    rows.map((row) => ({
      capture_sha256: row.capture_sha256,
      ...extent([row]),
      src_ip: row.src_ip,
      dst_ip: row.dst_ip,
      dst_port: 88,
      flows: row.flows,
      summary:
        row.kind === "services"
          ? `${row.src_ip} got weakly encrypted tickets for ${counted(row.names, "service")} from ${row.dst_ip}.`
          : `${row.src_ip} got weakly encrypted first tickets of ${counted(row.names, "user")} from ${row.dst_ip} without proving a key.`,
      reasons: [atLeast(`different ${row.kind}`, row.names, limits[row.kind]), fact("one of them", row.a_name)]
    }))
});
