import {isLoginPath} from "./http-requests.ts";
import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, atMost, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  kind: "connections" | "requests";
  service: string;
  attempts: number;
  per_minute: number;
  page: string | null;
  /** Largest payload of a connection in one direction; 0 for requests. */
  payload: number;
};

const limits = {
  connections: {
    value: 6,
    unit: "connections",
    doc: "Short connections of one client to one login service within a session"
  },
  many: {
    value: 15,
    unit: "attempts",
    doc: "From so many on the severity is high; fewer may be a script, or somebody who forgot a password"
  },
  requests: {
    value: 20,
    unit: "requests",
    doc: "HTTP requests of one client to one login page, or refused ones to one page, within a session"
  },
  per_minute: {
    value: 6,
    unit: "a minute",
    doc: "Least mean rate: programs that fetch files or mail come by more rarely"
  },
  duration: {value: 60, unit: "s", doc: "A longer connection is a session somebody works in"},
  payload: {
    value: 10_000,
    unit: "bytes",
    doc: "Payload each way of one connection at most: a login and no work after it"
  },
  ssh_payload: {value: 500, unit: "bytes", doc: "SSH: least payload of the client, or it ended before a key exchange"},
  refused: {
    value: 0.8,
    unit: "of the requests",
    doc: "HTTP: least share of answers 401 and 403 where the page is not known to be a login"
  },
  challenge: {
    value: 2,
    unit: "s",
    doc: "HTTP: a 401 that the same request follows so soon, not refused, is the challenge of a login that succeeds"
  },
  work: {
    value: 10,
    unit: "s",
    doc: "HTTP: a login after which the client gets another page of the server (200, and not the one before the login) so soon let somebody in"
  },
  renewal: {
    value: 5,
    unit: "s",
    doc: "HTTP: a refused request after which the client gets a new token so soon (POST to …/token, answered by 200) is a program whose token had run out"
  },
  gap: {value: 60, unit: "s", doc: "A session ends when no attempt begins for so long"}
} as const;

/** Login services by name, and by their port where the content was not recognised. */
const loginPorts = {ftp: 21, ssh: 22, telnet: 23, pop3: 110, imap: 143, rdp: 3389, vnc: 5900} as const;
const names = Object.keys(loginPorts)
  .map((name) => `'${name}'`)
  .join(", ");
const named = Object.entries(loginPorts)
  .map(([name, port]) => `WHEN dst_port = ${port} THEN '${name}'`)
  .join(" ");

/** A condition: the request goes to a page that takes a password. */
const isLogin = `(${isLoginPath("h.uri")} AND (h.method = 'POST' OR lower(h.uri) LIKE '%pass%'))`;

/**
 * Password guessing: many short, alike connections with a login service (SSH, FTP, Telnet, POP3, IMAP, RDP, VNC; on any
 * port where the service was recognised), or many requests to one login page. Several hosts attacked by one source at
 * the same time are one incident.
 */
export const bruteForce = defineRule<typeof limits, Row>({
  name: "brute_force",
  doc: "One client logs in to one service again and again.",
  blindTo:
    "The passwords, and whether one was right; attempts within one long connection or an encrypted page; guessing slower than six a minute or from many sources; databases and mail submission, whose programs connect as often by themselves. Scripts that open many short sessions look the same where no record or size tells that the logins succeeded (remote desktops, encrypted VNC, and SSH of some ciphers).",
  attackTechnique: "T1110",
  severity: "high",
  limits,
  tables: ["flows", "http", "ssh", "ftp", "mail", "logins"],
  startsFrom: {flows: "proto = 6"},
  countedFlows: "f.proto = 6",
  query: (
    scope,
    {connections, requests, per_minute, duration, payload, ssh_payload, refused, challenge, work, renewal, gap}
  ) => {
    const perMinute = "count(*) * 60000e0 / greatest(max(at_ms) - min(at_ms), 1000)";
    const inTurn = "OVER (PARTITION BY capture_sha256, src_ip, dst_ip, dst_port, path ORDER BY request_ms, flow_id)";
    const ofServer = "OVER (PARTITION BY capture_sha256, src_ip, dst_ip, dst_port ORDER BY request_ms, flow_id)";
    const inFlow = "OVER (PARTITION BY capture_sha256, flow_id ORDER BY request_ms)";
    return `
    SELECT capture_sha256, 'connections' AS kind, login AS service, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end,
      count(*) AS flows, count(*) AS attempts, ${perMinute} AS per_minute, CAST(NULL AS VARCHAR) AS page,
      max(greatest(src_payload_bytes, dst_payload_bytes)) AS payload
    FROM ${sessions(
      scope.dialect,
      `(SELECT * FROM (SELECT capture_sha256, flow_id, ts_start, ts_end, src_ip, dst_ip, dst_port, src_payload_bytes, dst_payload_bytes,
          CASE WHEN service IN (${names}) THEN service WHEN service IS NOT NULL THEN NULL ${named} END AS login
        FROM ${scope.rows("flows")} f
        WHERE proto = 6 AND duration_us <= ${duration.value * 1e6} AND src_payload_bytes BETWEEN 1 AND ${payload.value} AND dst_payload_bytes BETWEEN 1 AND ${payload.value}) l
        WHERE login IS NOT NULL AND (login <> 'ssh' OR src_payload_bytes >= ${ssh_payload.value})
          AND NOT EXISTS (SELECT 1 FROM ${scope.rows("ssh")} k WHERE k.flow_id = l.flow_id AND k.capture_sha256 = l.capture_sha256 AND k.auth_guess = 'success')
          AND NOT EXISTS (SELECT 1 FROM ${scope.rows("ftp")} p WHERE p.flow_id = l.flow_id AND p.capture_sha256 = l.capture_sha256 AND p.reply_code = 230)
          AND NOT EXISTS (SELECT 1 FROM ${scope.rows("mail")} m WHERE m.flow_id = l.flow_id AND m.capture_sha256 = l.capture_sha256 AND m.command = 'login' AND m.success)
          AND NOT EXISTS (SELECT 1 FROM ${scope.rows("logins")} g WHERE g.flow_id = l.flow_id AND g.capture_sha256 = l.capture_sha256 AND g.success))`,
      ["capture_sha256", "src_ip", "dst_ip", "dst_port", "login"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, login, session
    HAVING count(*) >= ${connections.value} AND ${perMinute} >= ${per_minute.value}
    UNION ALL
    SELECT capture_sha256, 'requests', 'http', src_ip, dst_ip, dst_port, min(ts_start), max(ts_end),
      count(DISTINCT flow_id), count(*), ${perMinute}, path, 0
    FROM ${sessions(
      scope.dialect,
      `(SELECT r.*, CASE WHEN is_answered = 1 THEN 0 ELSE is_login_page END AS is_login, CASE WHEN is_answered = 1 THEN 0 ELSE is_denied END AS is_refused
        FROM (SELECT q.*, CASE WHEN status = 401 AND lead(status) ${inTurn} NOT IN (401, 403) AND lead(request_ms) ${inTurn} - request_ms <= ${challenge.value * 1000} THEN 1
            WHEN status NOT IN (401, 403) AND lag(status) ${inTurn} = 401 AND request_ms - lag(request_ms) ${inTurn} <= ${challenge.value * 1000} THEN 1
            WHEN status = 401 AND lead(renews) ${ofServer} = 1 AND lead(request_ms) ${ofServer} - request_ms <= ${renewal.value * 1000} THEN 1
            WHEN is_login_page = 1 AND status IN (200, 302, 303) AND lead(is_login_path) ${inFlow} = 0 AND lead(path) ${inFlow} <> coalesce(lag(path) ${inFlow}, '') AND lead(status) ${inFlow} = 200 AND lead(request_ms) ${inFlow} - request_ms <= ${work.value * 1000} THEN 1
            WHEN is_login_page = 1 AND status IN (200, 302, 303) AND lead(is_login_path) ${ofServer} = 0 AND lead(leads_to_login) ${ofServer} = 0 AND lead(status) ${ofServer} = 200 AND lead(request_ms) ${ofServer} - request_ms <= ${work.value * 1000} THEN 1 ELSE 0 END AS is_answered
          FROM (SELECT o.*, max(precedes) OVER (PARTITION BY capture_sha256, src_ip, dst_ip, dst_port, path) AS leads_to_login
          FROM (SELECT w.*, coalesce(lead(is_login_page) ${ofServer}, 0) AS precedes
          FROM (SELECT h.capture_sha256, h.flow_id, h.ts AS ts_start, h.ts AS ts_end, ${scope.dialect.epochMs("h.ts")} AS request_ms, h.status, f.src_ip, f.dst_ip, f.dst_port,
              split_part(h.uri, '?', 1) AS path, CASE WHEN h.status IN (401, 403) THEN 1 ELSE 0 END AS is_denied,
              CASE WHEN h.method = 'POST' AND h.status = 200 AND lower(split_part(h.uri, '?', 1)) LIKE '%/token' THEN 1 ELSE 0 END AS renews, CASE WHEN ${isLoginPath("h.uri")} THEN 1 ELSE 0 END AS is_login_path, CASE WHEN ${isLogin} THEN 1 ELSE 0 END AS is_login_page
            FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256 WHERE h.method IS NOT NULL) w) o) q) r)`,
      ["capture_sha256", "src_ip", "dst_ip", "dst_port", "path"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, path, session
    HAVING (sum(is_login) >= ${requests.value} OR (sum(is_refused) >= ${requests.value} AND sum(is_refused) >= ${refused.value} * count(*))) AND ${perMinute} >= ${per_minute.value}`;
  },
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.service}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, service, kind}] = group;
      const most = group.reduce((a, b) => (b.attempts > a.attempts ? b : a));
      const target = common(group.map((row) => row.dst_ip));
      const port = common(group.map((row) => row.dst_port));
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      const time = extent(group);
      const tries = counted(
        total(group, (row) => row.attempts),
        kind === "connections" ? "short connection" : "login request"
      );
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: target,
        dst_port: port,
        flows: total(group, (row) => row.flows),
        severity: most.attempts >= limits.many.value ? "high" : "medium",
        summary: `${src_ip} made ${tries} to ${service.toUpperCase()} on ${target ?? counted(hosts, "host")}${port === null ? "" : ` port ${port}`} in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast(kind, most.attempts, limits[kind]),
          atLeast("mean rate", most.per_minute, limits.per_minute),
          ...(kind === "connections"
            ? [atMost("payload each way of one connection", most.payload, limits.payload)]
            : [fact("page", most.page ?? "")]),
          fact("hosts", hosts)
        ]
      };
    }),
  // A login page that is asked without end, and never to the end, is an attack on the server.
  yieldsTo: (incident, other) =>
    other.rule === "slow_http" &&
    other.src_ip === incident.src_ip &&
    other.dst_ip === incident.dst_ip &&
    other.dst_port === incident.dst_port
});
