import type {Column, Table} from "./column.ts";

const columns = [
  {name: "flow_id", type: "BIGINT", doc: "The flow that the login belongs to."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."},
  {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "When the name was first seen in the flow."},
  {name: "protocol", type: "VARCHAR", doc: "ftp, http, ldap or kerberos; smtp, imap or pop3; telnet, socks or rsync; mysql, postgresql, mssql, redis or mongodb; for NTLM the protocol that carries it: smb, http, dcerpc, ldap or mssql."},
  {name: "method", type: "VARCHAR", doc: "password (sent in cleartext with the name), ntlm, kerberos, sasl (LDAP), challenge (databases, mail, rsync: the password is proven, not sent) or basic_or_digest (HTTP: the password in cleartext, or a hash of it)."},
  {name: "user_name", type: "VARCHAR", doc: "User name as it was sent."},
  {name: "domain", type: "VARCHAR", nullable: true, doc: "Domain or realm; NULL where the protocol does not separate it from the name."},
  {name: "attempts", type: "BIGINT", doc: "How often the name was sent in the flow."},
  {name: "succeeded", type: "BOOLEAN", nullable: true, doc: "True if at least one attempt succeeded; NULL where no answer was captured."}
] as const satisfies readonly Column[];

/** Attempts of each protocol, with `granted` 1, 0 or NULL. */
const attempts = [
  `SELECT flow_id, capture_sha256, ts, 'ftp' AS protocol, 'password' AS method, "user" AS user_name, NULL AS domain,
    CASE WHEN reply_code IS NULL THEN NULL WHEN reply_code BETWEEN 200 AND 299 THEN 1 ELSE 0 END AS granted
  FROM ftp WHERE command = 'PASS' AND "user" IS NOT NULL`,
  `SELECT flow_id, capture_sha256, ts, 'http', 'basic_or_digest', "user", NULL,
    CASE WHEN status IS NULL THEN NULL WHEN status IN (401, 407) THEN 0 ELSE 1 END
  FROM http WHERE "user" IS NOT NULL AND "user" <> ''`,
  `SELECT flow_id, capture_sha256, ts, carrier, 'ntlm', "user", domain, CASE WHEN success IS NULL THEN NULL WHEN success THEN 1 ELSE 0 END
  FROM ntlm WHERE "user" IS NOT NULL`,
  `SELECT flow_id, capture_sha256, ts, 'kerberos', 'kerberos', client, realm, CASE WHEN error IS NULL OR error = 25 THEN NULL WHEN error = 0 THEN 1 ELSE 0 END
  FROM kerberos WHERE request_type = 'AS' AND client IS NOT NULL`,
  `SELECT flow_id, capture_sha256, ts, 'ldap', CASE WHEN auth = 'simple' THEN 'password' ELSE 'sasl' END, "user", NULL,
    CASE WHEN result IS NULL OR result = 14 THEN NULL WHEN result = 0 THEN 1 ELSE 0 END
  FROM ldap WHERE operation = 'bind' AND "user" IS NOT NULL AND "user" <> '' AND auth <> 'NTLM'`,
  `SELECT flow_id, capture_sha256, ts, system, CASE WHEN auth = 'password' THEN 'password' ELSE 'challenge' END, "user", NULL,
    CASE WHEN success IS NULL THEN NULL WHEN success THEN 1 ELSE 0 END
  FROM databases WHERE command = 'login' AND "user" IS NOT NULL AND auth IS DISTINCT FROM 'sspi'`,
  `SELECT flow_id, capture_sha256, ts, protocol, CASE WHEN auth = 'password' THEN 'password' ELSE 'challenge' END, "user", NULL,
    CASE WHEN success IS NULL THEN NULL WHEN success THEN 1 ELSE 0 END
  FROM mail WHERE command = 'login' AND "user" IS NOT NULL AND "user" <> ''`,
  `SELECT flow_id, capture_sha256, ts, protocol, auth, "user", NULL, CASE WHEN success IS NULL THEN NULL WHEN success THEN 1 ELSE 0 END
  FROM logins WHERE auth IN ('password', 'challenge') AND "user" IS NOT NULL AND "user" <> ''`
];

/** User names sent over the network, in cleartext or in a login; never passwords or other proofs. A view over tables of records. */
export const credentialsView: Table & {readonly sql: string} = {
  name: "credentials_seen",
  doc: "A view: user names sent in cleartext or in a login, one row per flow, method and name; never a password, hash or response.",
  columns,
  sortBy: [],
  sql: `SELECT flow_id, capture_sha256, min(ts) AS ts, protocol, method, user_name, domain, count(*) AS attempts, CAST(max(granted) AS BOOLEAN) AS succeeded
FROM (${attempts.join("\n  UNION ALL ")}) AS a
GROUP BY flow_id, capture_sha256, protocol, method, user_name, domain`
};
