import type {Column} from "./column.ts";

/** What every table of application records begins with. */
const record = [
  {name: "flow_id", type: "BIGINT", doc: "The flow it was seen in."},
  {name: "capture_sha256", type: "VARCHAR", doc: "The capture of that flow."},
  {name: "ts", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the packet that began it (the request)."}
] as const satisfies readonly Column[];

/** One row per DNS query with its answer where one was seen (DNS, mDNS, LLMNR). */
export const dnsColumns = [
  ...record,
  {name: "client_ip", type: "VARCHAR", doc: "Who asked."},
  {name: "server_ip", type: "VARCHAR", doc: "Who was asked."},
  {name: "transaction_id", type: "INTEGER", doc: "DNS id.", source: "RFC 1035 §4.1.1"},
  {name: "query", type: "VARCHAR", nullable: true, doc: "Name asked for, unescaped octets outside printable ASCII as \\DDD; NULL in a message without a question."},
  {name: "qtype", type: "INTEGER", nullable: true, doc: "Query type number."},
  {name: "qtype_name", type: "VARCHAR", nullable: true, doc: "Query type (A, AAAA, TXT …)."},
  {name: "rcode", type: "INTEGER", nullable: true, doc: "Response code; NULL where no answer was seen."},
  {name: "answers", type: "VARCHAR", nullable: true, doc: "JSON array of the answer records' data as text; NULL where no answer was seen."},
  {name: "rtt_us", type: "BIGINT", unit: "µs", nullable: true, doc: "Answer minus query time; NULL where either was not seen."}
] as const satisfies readonly Column[];

/** One row per HTTP/1 request with its response where one was seen. */
export const httpColumns = [
  ...record,
  {name: "method", type: "VARCHAR", nullable: true, doc: "Request method; NULL where only the response was seen."},
  {name: "host", type: "VARCHAR", nullable: true, doc: "Host header."},
  {name: "uri", type: "VARCHAR", nullable: true, doc: "Request target; NULL where the snapshot length cut it, as for the other columns."},
  {name: "user_agent", type: "VARCHAR", nullable: true, doc: "User-Agent header."},
  {name: "status", type: "INTEGER", nullable: true, doc: "Status code; NULL where no response was seen, or too little of it."},
  {name: "content_type", type: "VARCHAR", nullable: true, doc: "Content-Type of the response."},
  {name: "server", type: "VARCHAR", nullable: true, doc: "Server header of the response."}
] as const satisfies readonly Column[];

/** One row per TLS ClientHello, over TCP or in QUIC (whose `ja4` begins with q). */
export const tlsColumns = [
  ...record,
  {name: "version", type: "VARCHAR", doc: "Highest version offered, or chosen where a ServerHello was seen (TLS 1.3 …)."},
  {name: "server_name", type: "VARCHAR", nullable: true, doc: "SNI.", source: "RFC 6066 §3"},
  {name: "alpn", type: "VARCHAR", nullable: true, doc: "ALPN protocols offered, comma-separated.", source: "RFC 7301"},
  {name: "ja4", type: "VARCHAR", doc: "JA4 client fingerprint.", source: "FoxIO JA4"},
  {name: "ja3", type: "VARCHAR", doc: "JA3 client fingerprint (MD5).", source: "salesforce/ja3"},
  {name: "cipher", type: "INTEGER", nullable: true, doc: "Cipher suite chosen by the ServerHello; NULL where none was seen, and in QUIC."}
] as const satisfies readonly Column[];

/** One row per SSH connection whose banner was seen. */
export const sshColumns = [
  ...record,
  {name: "client_banner", type: "VARCHAR", nullable: true, doc: "Client identification string.", source: "RFC 4253 §4.2"},
  {name: "server_banner", type: "VARCHAR", nullable: true, doc: "Server identification string."},
  {name: "hassh", type: "VARCHAR", nullable: true, doc: "HASSH client fingerprint: MD5 of client_algorithms; NULL where what the client offers was not seen whole.", source: "salesforce/hassh"},
  {name: "hassh_server", type: "VARCHAR", nullable: true, doc: "hasshServer fingerprint: MD5 of server_algorithms.", source: "salesforce/hassh"},
  {name: "client_algorithms", type: "VARCHAR", nullable: true, doc: "What the client offers: key exchange; encryption; MAC; compression (client to server), in its order.", source: "RFC 4253 §7.1"},
  {name: "server_algorithms", type: "VARCHAR", nullable: true, doc: "What the server offers: key exchange; encryption; MAC; compression (server to client), in its order.", source: "RFC 4253 §7.1"}
] as const satisfies readonly Column[];

/** One row per command of an FTP control connection, with its final reply where one was seen. No password is kept. */
export const ftpColumns = [
  ...record,
  {name: "user", type: "VARCHAR", nullable: true, doc: "Name given by the last USER; NULL before one was seen."},
  {name: "command", type: "VARCHAR", doc: "Command in upper case (USER, PASS, RETR …).", source: "RFC 959 §4.1"},
  {name: "argument", type: "VARCHAR", nullable: true, doc: "Argument: a path, an address, a type; NULL without one, and for USER, PASS, ACCT and all commands that could hold a secret."},
  {name: "reply_code", type: "INTEGER", nullable: true, doc: "Code of the final reply; NULL where none was seen.", source: "RFC 959 §4.2"},
  {name: "reply", type: "VARCHAR", nullable: true, doc: "Text of the final reply's last line."}
] as const satisfies readonly Column[];

/** One row per SMB request that opens, names or closes something, with its status; reads, writes and queries are left out. */
export const smbColumns = [
  ...record,
  {name: "version", type: "VARCHAR", doc: "Dialect agreed on (NT LM 0.12, 2.1, 3.1.1 …); 1 or 2 where the negotiation was not seen.", source: "[MS-SMB2] §2.2.4"},
  {name: "command", type: "VARCHAR", doc: "negotiate, session_setup, logoff, tree_connect, tree_disconnect, create; in SMB 1 also open, delete, rename.", source: "[MS-SMB2] §2.2.1.2"},
  {name: "share", type: "VARCHAR", nullable: true, doc: "Path of the share (\\\\server\\share); NULL where none is meant or its connection was not seen."},
  {name: "path", type: "VARCHAR", nullable: true, doc: "File or folder within the share that create opens; the empty text is the share's root."},
  {name: "status", type: "BIGINT", nullable: true, doc: "NTSTATUS of the response (0 success, 0xC0000022 access denied …); NULL where none was seen.", source: "[MS-ERREF] §2.3"}
] as const satisfies readonly Column[];
