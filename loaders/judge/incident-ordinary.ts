import {isPrivateAddress} from "../../models/rules/addresses.ts";
import {isBareHost, isLoginPath} from "../../models/rules/http-requests.ts";
import {type ActivityRow, activityWindowUs} from "../../schema/activities.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";

/** Least share of an activity's flows that show ordinary life for it to be no evidence. */
const leastShare = 0.8;

/** A condition: a page is asked with a password, or takes one. */
const asksPassword = `(${isLoginPath("uri")} OR lower(uri) LIKE '%pass%' OR lower(uri) LIKE '%pwd%')`;

/** By the class that the model gives an activity (null: none): what its flows show when they are ordinary; a column of `shown`. */
const contradictions: readonly (readonly [classes: readonly (string | null)[], column: string])[] = [
  [["BruteForce"], "let_in"],
  [["BruteForce"], "got"],
  [["Exfiltration"], "named"],
  [["Exfiltration"], "stored"],
  [["PortScan", "Probe"], "traced"],
  [["DoS", "DDoS"], "closed"],
  [["Botnet", null], "paged"],
  [[null], "served"],
  [[null], "asked"],
  [[null], "read"],
  [[null], "called"]
];

/** What records say of activities. */
export interface RecordsOfActivities {
  /** True where they contradict the model, so that the activity is no evidence. */
  isOrdinary(activity: ActivityRow): boolean;
  /**
   * True where nothing in them is out of the ordinary: nearly every flow was answered (or went to a host that answered others), its content recognised, and its
   * server is of the own network or known by name; of an activity with a class also that it was in the clear and nothing was
   * refused. What the model says then rests on times and sizes alone.
   */
  isExplained(activity: ActivityRow): boolean;
}

/** A condition: a flow that was answered with content, in a protocol that was recognised, by a server nearby or with a name. */
const isPlain = `(f.dst_payload_bytes > 0 AND coalesce(f.conn_state, '') NOT IN ('REJ', 'S0', 'RSTOS0', 'RSTRH') AND f.service IS NOT NULL
  AND (${isPrivateAddress("f.dst_ip")} OR f.dns_name IS NOT NULL OR f.server_name IS NOT NULL AND NOT ${isBareHost("f.server_name")}
    OR f.service NOT IN ('tls', 'quic', 'http', 'ssh')))`;

/** Protocols whose content is hidden, so that records cannot tell of a refusal. */
const hidden = ["tls", "quic", "ssh", "rdp", "vnc", "telnet", "rtmp", "ipmi"];

/** Protocols that take passwords: a guess that no record calls refused is still a guess. */
const takesPasswords = [
  "http",
  "ftp",
  "pop3",
  "imap",
  "smtp",
  "ldap",
  "kerberos",
  "smb",
  "mysql",
  "postgresql",
  "mssql",
  "mongodb",
  "redis",
  "mqtt",
  "sip"
];

/** The column of flows that explain an activity without a class, and of one of this class: orders are answered in the clear, from outside. */
const explaining = (named: string | null) => (named === null ? "plain" : (explainingClass.get(named) ?? "clear"));
const explainingClass = new Map([
  ["BruteForce", "open"],
  ["Botnet", "near"]
]);

/** What tells of a refusal, by table: of logins, and of requests. */
const refusals = {
  databases: "NOT success",
  mail: "NOT success",
  ntlm: "NOT success",
  ftp: "reply_code >= 500",
  ldap: "result > 0",
  kerberos: "error > 0 AND error <> 25",
  mqtt: "return_code > 0",
  http: "status >= 400"
};

/**
 * Tells of activities that records contradict: guessing whose logins succeed, or whose requests get what they ask for (pages
 * that take no password, answers of programs); carrying out to servers that are known by name (a backup, a test of the line), or
 * to a neighbour that let it in by FTP (a camera that keeps its pictures); scans that trace a path (UDP to traceroute's ports), floods of a port that is closed,
 * and control that is a page's own requests, which were answered. Of what has no class: where local web servers and databases
 * answered nearly all (a hub that asks its lamps, a program that asks its server), answered questions of DNS, of which rules judge
 * what is asked, pages that are read one by one, answers to programs (JSON), and media of calls in both directions. The models see sizes and times alone.
 */
export async function recordsOfActivities(
  engine: QueryEngine,
  captures: readonly string[],
  model: string,
  least: number
): Promise<RecordsOfActivities> {
  const window = engine.dialect.bucket("f.ts_start", activityWindowUs);
  const isOne = `IN (${captures.map(literal).join(", ")})`;
  const login = (table: string, succeeded: string) =>
    `SELECT flow_id, capture_sha256, 'let_in' AS shows FROM ${table} WHERE capture_sha256 ${isOne} AND ${succeeded}`;
  const {rows} = await engine.query(
    `WITH shown AS (
      SELECT DISTINCT flow_id, capture_sha256, shows FROM (
        ${login("databases", "command = 'login' AND success")}
        UNION ALL ${login("mail", "command = 'login' AND success")}
        UNION ALL ${login("ftp", "reply_code = 230")}
        UNION ALL ${login("ssh", "auth_guess = 'success'")}
        UNION ALL SELECT flow_id, capture_sha256, 'served' FROM databases WHERE capture_sha256 ${isOne} AND success
        UNION ALL SELECT flow_id, capture_sha256, 'served' FROM http WHERE capture_sha256 ${isOne} AND status BETWEEN 200 AND 399
        UNION ALL SELECT flow_id, capture_sha256, 'got' FROM http WHERE capture_sha256 ${isOne} AND (method IN ('GET', 'HEAD') AND (status BETWEEN 200 AND 399 OR status = 404) AND NOT ${asksPassword}
          OR status BETWEEN 200 AND 299 AND lower(coalesce(content_type, '')) LIKE 'application/json%')
${Object.entries(refusals)
  .map(
    ([table, refused]) =>
      `        UNION ALL SELECT flow_id, capture_sha256, 'refused' FROM ${table} WHERE capture_sha256 ${isOne} AND ${refused}`
  )
  .join("\n")}
        UNION ALL SELECT flow_id, capture_sha256, 'paged' FROM http WHERE capture_sha256 ${isOne} AND coalesce(referer, '') <> '' AND status BETWEEN 200 AND 399) s)
    SELECT f.capture_sha256, f.src_ip, ${window} AS time_window, count(*) AS flows,
      sum(CASE WHEN l.flow_id IS NOT NULL THEN 1 ELSE 0 END) AS let_in,
      sum(CASE WHEN f.server_name IS NOT NULL OR f.dns_name IS NOT NULL OR f.service = 'dns' THEN 1 ELSE 0 END) AS named,
      sum(CASE WHEN f.service = 'dns' AND f.dst_pkts > 0 THEN 1 ELSE 0 END) AS asked,
      sum(CASE WHEN f.proto = 17 AND f.dst_port BETWEEN 33434 AND 33800 THEN 1 ELSE 0 END) AS traced,
      sum(CASE WHEN p.flow_id IS NOT NULL THEN 1 ELSE 0 END) AS paged,
      sum(CASE WHEN g.flow_id IS NOT NULL THEN 1 ELSE 0 END) AS got,
      count(DISTINCT CASE WHEN is_json = 0 THEN path END) + coalesce(sum(is_json), 0) AS read,
      sum(CASE WHEN f.service IN ('rtp', 'rtcp') AND f.dst_pkts > 0 THEN 1 ELSE 0 END) AS called,
      sum(CASE WHEN d.src_ip IS NOT NULL THEN 1 ELSE 0 END) AS stored,
      sum(CASE WHEN h.flow_id IS NOT NULL AND ${isPrivateAddress("f.dst_ip")} THEN 1 ELSE 0 END) AS served,
      sum(CASE WHEN ${isPlain} OR k.src_ip IS NOT NULL THEN 1 ELSE 0 END) AS plain,
      sum(CASE WHEN ${isPlain} AND f.service NOT IN (${hidden.map(literal).join(", ")}) AND z.flow_id IS NULL THEN 1 ELSE 0 END) AS clear,
      sum(CASE WHEN ${isPlain} AND ${isPrivateAddress("f.dst_ip")} AND f.service NOT IN (${hidden.map(literal).join(", ")}) AND z.flow_id IS NULL THEN 1 ELSE 0 END) AS near,
      sum(CASE WHEN ${isPlain} AND f.service NOT IN (${[...hidden, ...takesPasswords].map(literal).join(", ")}) AND z.flow_id IS NULL THEN 1 ELSE 0 END) AS open,
      sum(CASE WHEN f.conn_state = 'REJ' AND f.src_pkts <= 3 THEN 1 ELSE 0 END) AS closed
    FROM flows AS f JOIN activities AS a ON a.capture_sha256 = f.capture_sha256 AND a.src_ip = f.src_ip AND a.window_start = ${window}
      LEFT JOIN shown l ON l.flow_id = f.flow_id AND l.capture_sha256 = f.capture_sha256 AND l.shows = 'let_in'
      LEFT JOIN shown p ON p.flow_id = f.flow_id AND p.capture_sha256 = f.capture_sha256 AND p.shows = 'paged'
      LEFT JOIN shown h ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256 AND h.shows = 'served'
      LEFT JOIN shown z ON z.flow_id = f.flow_id AND z.capture_sha256 = f.capture_sha256 AND z.shows = 'refused'
      LEFT JOIN (SELECT DISTINCT f.capture_sha256, f.src_ip, f.dst_ip FROM flows f JOIN activities o ON o.capture_sha256 = f.capture_sha256 AND o.src_ip = f.src_ip
        WHERE f.capture_sha256 ${isOne} AND o.model = ${literal(model)} AND o.suspicious AND o.class IS NULL AND ${isPlain}) k
        ON k.capture_sha256 = f.capture_sha256 AND k.src_ip = f.src_ip AND k.dst_ip = f.dst_ip AND f.dst_payload_bytes = 0 AND f.proto = 6
      LEFT JOIN shown g ON g.flow_id = f.flow_id AND g.capture_sha256 = f.capture_sha256 AND g.shows = 'got'
      LEFT JOIN (SELECT capture_sha256, flow_id, min(split_part(uri, '?', 1)) AS path, max(CASE WHEN lower(coalesce(content_type, '')) LIKE 'application/json%' THEN 1 ELSE 0 END) AS is_json
        FROM http WHERE capture_sha256 ${isOne} AND status BETWEEN 200 AND 399 AND NOT ${asksPassword}
          AND (method = 'GET' AND uri NOT LIKE '%?%' OR status < 300 AND lower(coalesce(content_type, '')) LIKE 'application/json%')
        GROUP BY capture_sha256, flow_id) r ON r.flow_id = f.flow_id AND r.capture_sha256 = f.capture_sha256
      LEFT JOIN (SELECT DISTINCT c.capture_sha256, c.src_ip, c.dst_ip FROM flows c JOIN ftp p ON p.flow_id = c.flow_id AND p.capture_sha256 = c.capture_sha256
        WHERE c.capture_sha256 ${isOne} AND p.reply_code = 230 AND ${isPrivateAddress("c.dst_ip")}) d
        ON d.capture_sha256 = f.capture_sha256 AND d.src_ip = f.src_ip AND d.dst_ip = f.dst_ip
    WHERE f.capture_sha256 ${isOne} AND a.model = ${literal(model)} AND (a.suspicious OR a.score >= ${least})
    GROUP BY f.capture_sha256, f.src_ip, ${window}`
  );
  const columns = [
    "let_in",
    "named",
    "asked",
    "traced",
    "paged",
    "got",
    "read",
    "called",
    "stored",
    "served",
    "plain",
    "clear",
    "near",
    "open",
    "closed"
  ];
  const shares = new Map(
    rows.map(([capture, src, at, flows, ...counts]) => [
      `${capture} ${src} ${Number(at)}`,
      Object.fromEntries(columns.map((column, k) => [column, Number(counts[k]) / Number(flows)]))
    ])
  );
  const sharesOf = ({capture_sha256, src_ip, window_start}: ActivityRow) =>
    shares.get(`${capture_sha256} ${src_ip} ${window_start}`) ?? {};
  return {
    isOrdinary: (activity) => {
      const own = sharesOf(activity);
      return contradictions.some(
        ([classes, column]) => classes.includes(activity.class) && (own[column] ?? 0) >= leastShare
      );
    },
    isExplained: (activity) => (sharesOf(activity)[explaining(activity.class)] ?? 0) >= leastShare
  };
}
