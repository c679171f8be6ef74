import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  attempts: number;
  refused: number;
  users: number;
  /** Servers that refused, where they are what counts. */
  servers: number;
};

const limits = {
  users: {
    value: 6,
    unit: "users",
    doc: "Different users of whom one client's logins at one server were refused within a session"
  },
  attempts: {
    value: 15,
    unit: "logins",
    doc: "Alone enough: refused logins of one client at one server, of whichever users"
  },
  servers: {
    value: 8,
    unit: "servers",
    doc: "Servers each of which refused a login of one client within a session, however few"
  },
  share: {
    value: 0.8,
    unit: "of the logins",
    doc: "Least share of refused ones: a proxy or mail server logs on many users, and most of them rightly"
  },
  kept: {
    value: 60,
    unit: "s",
    doc: "One user alone who is refused no faster than once in so long on average is a program that keeps an old password: the severity is low"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when no login is refused for so long"}
} as const;

/** Errors of Kerberos that refuse a user: unknown, locked or disabled, wrong password. */
const kerberosErrors = "6, 18, 24";

/**
 * Password spraying and guessing by what logins say of themselves: NTLM (SMB, RPC, HTTP, LDAP), Kerberos and simple binds of
 * LDAP, databases, mailboxes, FTP, MQTT, Telnet, SOCKS and VNC that are refused, with their users; several in one connection count one by one.
 */
export const loginSpray = defineRule<typeof limits, Row>({
  name: "login_spray",
  doc: "A client's logins are refused for many users, or again and again (NTLM, Kerberos, LDAP, databases, mailboxes, FTP, MQTT, Telnet, SOCKS, VNC, rsync).",
  blindTo:
    "Logins whose outcome is not told (NTLM within encrypted connections); fewer than six users in five minutes; one user's password guessed more slowly than once a minute is told as a program that keeps an old one. A mail server or gateway that checks its users' passwords against a directory while a stranger guesses looks the same.",
  attackTechnique: "T1110.003",
  severity: "high",
  limits,
  tables: ["flows", "ntlm", "kerberos", "ldap", "databases", "mail", "ftp", "mqtt", "logins"],
  startsFrom: {
    ntlm: "TRUE",
    kerberos: "TRUE",
    ldap: "TRUE",
    databases: "command = 'login'",
    mail: "command = 'login'",
    ftp: "command = 'PASS'",
    mqtt: "return_code > 0",
    logins: "auth IN ('password', 'challenge')"
  },
  countedFlows:
    "f.service IN ('smb', 'kerberos', 'ldap', 'dcerpc', 'http', 'mysql', 'postgresql', 'mssql', 'redis', 'mongodb', 'smtp', 'imap', 'pop3', 'ftp', 'mqtt', 'telnet', 'socks', 'vnc')",
  query: (scope, {users, attempts, servers, share, gap}) => {
    const logins = `(SELECT a.capture_sha256, a.flow_id, a.ts_start, f.src_ip, f.dst_ip, f.dst_port, a.name, a.refused
      FROM (SELECT capture_sha256, flow_id, ts AS ts_start, lower("user") AS name, CASE WHEN success THEN 0 ELSE 1 END AS refused
          FROM ${scope.rows("ntlm")} n WHERE "user" IS NOT NULL AND success IS NOT NULL
        UNION ALL SELECT capture_sha256, flow_id, ts, lower(client), CASE WHEN error = 0 THEN 0 ELSE 1 END
          FROM ${scope.rows("kerberos")} k WHERE request_type = 'AS' AND client IS NOT NULL AND (error IN (0, ${kerberosErrors}))
        UNION ALL SELECT capture_sha256, flow_id, ts, lower("user"), CASE WHEN result = 0 THEN 0 ELSE 1 END
          FROM ${scope.rows("ldap")} d WHERE operation = 'bind' AND auth = 'simple' AND result IN (0, 49)
        UNION ALL SELECT capture_sha256, flow_id, ts, lower("user"), CASE WHEN success THEN 0 ELSE 1 END
          FROM ${scope.rows("databases")} b WHERE command = 'login' AND success IS NOT NULL
        UNION ALL SELECT capture_sha256, flow_id, ts, lower("user"), CASE WHEN success THEN 0 ELSE 1 END
          FROM ${scope.rows("mail")} m WHERE command = 'login' AND success IS NOT NULL
        UNION ALL SELECT capture_sha256, flow_id, ts, lower("user"), CASE WHEN reply_code = 230 THEN 0 ELSE 1 END
          FROM ${scope.rows("ftp")} p WHERE command = 'PASS' AND reply_code IN (230, 530)
        UNION ALL SELECT capture_sha256, flow_id, ts, lower(client_id), CASE WHEN return_code = 0 THEN 0 ELSE 1 END
          FROM ${scope.rows("mqtt")} q WHERE return_code IN (0, 4, 5, 134, 135)
        UNION ALL SELECT capture_sha256, flow_id, ts, lower("user"), CASE WHEN success THEN 0 ELSE 1 END
          FROM ${scope.rows("logins")} g WHERE auth IN ('password', 'challenge') AND success IS NOT NULL) a
      JOIN ${scope.rows("flows")} f ON f.flow_id = a.flow_id AND f.capture_sha256 = a.capture_sha256)`;
    const refusedUsers = "count(DISTINCT CASE WHEN refused = 1 THEN name END)";
    return `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_start) AS ts_end, count(DISTINCT flow_id) AS flows,
      count(*) AS attempts, sum(refused) AS refused, ${refusedUsers} AS users, 0 AS servers
    FROM ${sessions(scope.dialect, logins, ["capture_sha256", "src_ip", "dst_ip"], gap.value * 1000)} s
    GROUP BY capture_sha256, src_ip, dst_ip, session
    HAVING (${refusedUsers} >= ${users.value} OR sum(refused) >= ${attempts.value}) AND sum(refused) >= ${share.value} * count(*)
    UNION ALL
    SELECT capture_sha256, src_ip, NULL, min(dst_port), min(ts_start), max(ts_start), count(DISTINCT flow_id), count(*), sum(refused), ${refusedUsers}, count(DISTINCT CASE WHEN refused = 1 THEN dst_ip END)
    FROM ${sessions(scope.dialect, logins, ["capture_sha256", "src_ip"], gap.value * 1000)} s
    GROUP BY capture_sha256, src_ip, session
    HAVING count(DISTINCT CASE WHEN refused = 1 THEN dst_ip END) >= ${servers.value} AND sum(refused) >= ${share.value} * count(*)`;
  },
  incidents: (rows, {users, attempts, servers, share, kept, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const most = group.reduce((a, b) => (b.refused > a.refused ? b : a));
      const server = common(group.map((row) => row.dst_ip));
      const time = extent(group);
      const pause = (time.ts_end - time.ts_start) / 1e6 / Math.max(1, most.refused - 1);
      const refusing = Math.max(...group.map((row) => row.servers));
      const isWide = refusing >= servers.value;
      const isKept = !isWide && group.length === 1 && most.users === 1 && pause >= kept.value;
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: isWide
          ? Math.max(...group.filter((row) => row.servers > 0).map((row) => row.flows))
          : total(group, (row) => row.flows),
        ...(isKept ? {severity: "low"} : {}),
        summary: `${src_ip} was refused ${counted(
          isWide ? most.refused : total(group, (row) => row.refused),
          "login"
        )} of ${counted(most.users, "user")} at ${server ?? counted(isWide ? refusing : group.length, "server")} in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          ...(most.users >= users.value ? [atLeast("users refused", most.users, users)] : []),
          ...(most.refused >= attempts.value ? [atLeast("logins refused", most.refused, attempts)] : []),
          ...(isKept ? [atLeast("mean pause between them", pause, kept)] : []),
          ...(isWide ? [atLeast("servers that refused", refusing, servers)] : []),
          atLeast("share of refused logins", most.refused / most.attempts, share),
          ...(isWide ? [] : [fact("servers", group.length)])
        ]
      };
    }),
  yieldsTo: (incident, other) =>
    (other.rule === "brute_force" || other.rule === "kerberos_spray") &&
    other.src_ip === incident.src_ip &&
    (other.dst_ip === null || incident.dst_ip === null || other.dst_ip === incident.dst_ip)
});
