import {isPrivateAddress} from "../../models/rules/addresses.ts";
import {isBareHost, isLoginPath} from "../../models/rules/http-requests.ts";
import {literal} from "../../schema/ddl.ts";

/** Which captures and which model's activities are judged. */
export interface Judged {
  /** A condition on a column of captures: `IN (…)`. */
  readonly isOne: string;
  /** The model, as an SQL literal. */
  readonly model: string;
}

/**
 * Something that records, or the flow itself, show of a flow; `incident-ordinary.ts` asks for which share of an activity's
 * flows it holds. Where a fact has several of `records`, `pairs` and `flow`, all of them must hold.
 */
export interface ActivityFact {
  readonly name: string;
  /** What it says of the flow. */
  readonly says: string;
  /** Tables of records, each with the condition on a record under which it shows the fact of its flow. */
  readonly records?: Readonly<Record<string, string>>;
  /** Statement of `capture_sha256, src_ip, dst_ip`: every flow of these two hosts shows the fact. */
  readonly pairs?: (judged: Judged) => string;
  /** Condition on the flow `f`; `is(name)` is the condition of another fact. */
  readonly flow?: (is: (name: string) => string) => string;
  /** Value of a record, as text: different values are counted instead of flows, the least one of each flow. */
  readonly different?: string;
}

/** A condition: a page is asked with a password, or takes one. */
const asksPassword = `(${isLoginPath("uri")} OR lower(uri) LIKE '%pass%' OR lower(uri) LIKE '%pwd%')`;
const isJson = "lower(coalesce(content_type, '')) LIKE 'application/json%'";

/** A condition: a flow that was answered with content, in a protocol that was recognised, by a server nearby or with a name. */
const isPlain = `(f.dst_payload_bytes > 0 AND coalesce(f.conn_state, '') NOT IN ('REJ', 'S0', 'RSTOS0', 'RSTRH') AND f.service IS NOT NULL
  AND (${isPrivateAddress("f.dst_ip")} OR f.dns_name IS NOT NULL OR f.server_name IS NOT NULL AND NOT ${isBareHost("f.server_name")}
    OR f.service NOT IN ('tls', 'quic', 'http', 'ssh')))`;

/** Protocols whose content is hidden, so that records cannot tell of a refusal. */
const hidden = ["tls", "quic", "ssh", "rdp", "vnc", "telnet", "rtmp", "ipmi"].map(literal);

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
].map(literal);

/** Ports of logins and of Windows' services: who tries one that is closed may look for a way in. */
const entries = [22, 23, 135, 139, 445, 3389, 5985, 5986];

/** The facts. A further one is an entry here, named in a list of `incident-ordinary.ts`. */
export const activityFacts = [
  {
    name: "let_in",
    says: "A login succeeded.",
    records: {
      databases: "command = 'login' AND success",
      mail: "command = 'login' AND success",
      ftp: "reply_code = 230",
      ssh: "auth_guess = 'success'"
    }
  },
  {
    name: "got",
    says: "A program or a page got what it asked for, or was told that there is no such page, and no password was asked for.",
    records: {
      http: `method IN ('GET', 'HEAD') AND (status BETWEEN 200 AND 399 OR status = 404) AND NOT ${asksPassword} OR status BETWEEN 200 AND 299 AND ${isJson}`
    }
  },
  {
    name: "named",
    says: "The server is known by name, or is asked for names.",
    flow: () => "f.server_name IS NOT NULL OR f.dns_name IS NOT NULL OR f.service = 'dns'"
  },
  {
    name: "stored",
    says: "The server is a neighbour whose FTP let the source in, as a camera's store of pictures does.",
    pairs: ({isOne}) => `SELECT c.capture_sha256, c.src_ip, c.dst_ip
      FROM flows c JOIN ftp p ON p.flow_id = c.flow_id AND p.capture_sha256 = c.capture_sha256
      WHERE c.capture_sha256 ${isOne} AND p.reply_code = 230 AND ${isPrivateAddress("c.dst_ip")}`
  },
  {
    name: "traced",
    says: "It traces a path: UDP to traceroute's ports.",
    flow: () => "f.proto = 17 AND f.dst_port BETWEEN 33434 AND 33800"
  },
  {
    name: "closed",
    says: "The port was closed, and little was sent to it.",
    flow: () => "f.conn_state = 'REJ' AND f.src_pkts <= 3"
  },
  {
    name: "paged",
    says: "A page's own request was answered.",
    records: {http: "coalesce(referer, '') <> '' AND status BETWEEN 200 AND 399"}
  },
  {
    name: "served",
    says: "A web server or a database nearby did what it was asked for.",
    records: {databases: "success", http: "status BETWEEN 200 AND 399"},
    flow: () => isPrivateAddress("f.dst_ip")
  },
  {name: "asked", says: "A question of DNS was answered.", flow: () => "f.service = 'dns' AND f.dst_pkts > 0"},
  {
    name: "read",
    says: "A page was read that no other flow read, or a program was answered; no password was asked for.",
    records: {
      http: `status BETWEEN 200 AND 399 AND NOT ${asksPassword} AND (method = 'GET' AND uri NOT LIKE '%?%' OR status < 300 AND ${isJson})`
    },
    different: `CASE WHEN ${isJson} THEN ' ' || CAST(flow_id AS VARCHAR) ELSE split_part(uri, '?', 1) END`
  },
  {
    name: "called",
    says: "Media of a call went in both directions.",
    flow: () => "f.service IN ('rtp', 'rtcp') AND f.dst_pkts > 0"
  },
  {
    name: "refused",
    says: "A login or a request was refused.",
    records: {
      databases: "NOT success",
      mail: "NOT success",
      ntlm: "NOT success",
      ftp: "reply_code >= 500",
      ldap: "result > 0",
      kerberos: "error > 0 AND error <> 25",
      mqtt: "return_code > 0",
      http: "status >= 400"
    }
  },
  {
    name: "elsewhere",
    says: "The host sent nothing back here, but answered the source plainly at another time, of an activity without a class.",
    pairs: ({isOne, model}) => `SELECT f.capture_sha256, f.src_ip, f.dst_ip
      FROM flows f JOIN activities o ON o.capture_sha256 = f.capture_sha256 AND o.src_ip = f.src_ip
      WHERE f.capture_sha256 ${isOne} AND o.model = ${model} AND o.suspicious AND o.class IS NULL AND ${isPlain}`,
    flow: () => "f.dst_payload_bytes = 0 AND f.proto = 6"
  },
  {
    name: "absent",
    says: "A neighbour that sent nothing to anybody was tried at a port at which the source talks plainly with another neighbour, as members of a cluster try one that is down; at most three such, and not at a port by which machines are entered.",
    pairs: ({isOne}) => `SELECT t.capture_sha256, t.src_ip, t.dst_ip
      FROM (SELECT capture_sha256, src_ip, dst_ip, count(*) OVER (PARTITION BY capture_sha256, src_ip) AS tried FROM (
          SELECT DISTINCT a.capture_sha256, a.src_ip, a.dst_ip FROM flows a
            JOIN (SELECT DISTINCT capture_sha256, src_ip, dst_port FROM flows o WHERE capture_sha256 ${isOne} AND proto = 6 AND src_payload_bytes > 0 AND dst_payload_bytes > 0 AND ${isPrivateAddress("dst_ip")}) m
              ON m.capture_sha256 = a.capture_sha256 AND m.src_ip = a.src_ip AND m.dst_port = a.dst_port
            LEFT JOIN (SELECT DISTINCT capture_sha256, dst_ip FROM flows g WHERE capture_sha256 ${isOne} AND dst_payload_bytes > 0) h
              ON h.capture_sha256 = a.capture_sha256 AND h.dst_ip = a.dst_ip
          WHERE a.capture_sha256 ${isOne} AND a.proto = 6 AND h.dst_ip IS NULL AND ${isPrivateAddress("a.dst_ip")} AND a.dst_port NOT IN (${[...entries, 80, 443].join(", ")})) d) t
      WHERE t.tried <= 3`,
    flow: () => "f.dst_payload_bytes = 0 AND f.proto = 6"
  },
  {
    name: "void",
    says: "Nothing was said to a neighbour: its port was closed, or the connection was closed again, as checks of ports do; not at a port by which machines are entered.",
    flow: () =>
      `f.proto = 6 AND f.dst_port NOT IN (${entries.join(", ")}) AND f.src_payload_bytes = 0 AND f.dst_payload_bytes = 0 AND f.dst_pkts > 0 AND f.src_pkts <= 5 AND ${isPrivateAddress("f.dst_ip")}`
  },
  {
    name: "plain",
    says: "It was answered in a protocol that was recognised, by a server nearby or with a name, or its host answered others so, or nothing was said.",
    flow: (is) => `${isPlain} OR ${is("elsewhere")} OR ${is("void")}`
  },
  {
    name: "clear",
    says: "It was answered so itself, in the clear, and nothing was refused.",
    flow: (is) => `${isPlain} AND f.service NOT IN (${hidden.join(", ")}) AND NOT ${is("refused")}`
  },
  {
    name: "near",
    says: "The same, by a neighbour.",
    flow: (is) => `${is("clear")} AND ${isPrivateAddress("f.dst_ip")}`
  },
  {
    name: "open",
    says: "The same, in a protocol that takes no passwords.",
    flow: (is) => `${is("clear")} AND f.service NOT IN (${takesPasswords.join(", ")})`
  }
] as const satisfies readonly ActivityFact[];

export type FactName = (typeof activityFacts)[number]["name"];
