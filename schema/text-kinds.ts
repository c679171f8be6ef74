/** What a column of text holds, as redaction sees it. */
export type TextKind = "keep" | "address" | "mac" | "name" | "user" | "payload" | "text" | "findings" | "id16" | "id64" | "path" | "off";

const kinds: Readonly<Record<Exclude<TextKind, "off">, readonly string[]>> = {
  address: ["src_ip", "dst_ip", "outer_src_ip", "outer_dst_ip", "client_ip", "server_ip", "sender_ip", "target_ip"],
  mac: ["sender_mac", "target_mac"],
  name: ["server_name", "dns_name", "query", "host", "domain", "server_domain", "server_dns", "realm", "kerberos.service", "captures.sensor"],
  user: ["user", "client"],
  payload: ["uri", "referer", "user_agent", "forwarded_for", "argument", "reply", "share", "path", "new_path", "base", "filter", "attributes", "client_banner", "server_banner", "server", "reason", "message"],
  text: ["summary", "answers"],
  findings: ["reasons"],
  id16: ["incident_id", "merged_into", "notice_id"],
  id64: ["capture_sha256", "content_sha256"],
  path: ["captures.path"],
  keep: [
    "proto",
    "service",
    "tunnel",
    "conn_state",
    "history",
    "end_reason",
    "ja4",
    "ja3",
    "service_inside",
    "service_guess",
    "format",
    "unread",
    "meter",
    "model",
    "label",
    "not_judged",
    "class",
    "contributions",
    "rule",
    "attack_technique",
    "severity",
    "state",
    "qtype_name",
    "version",
    "method",
    "content_type",
    "request_type",
    "alpn",
    "hassh",
    "hassh_server",
    "client_algorithms",
    "server_algorithms",
    "command",
    "action",
    "pipe",
    "transport",
    "interface",
    "interface_uuid",
    "interface_version",
    "operation",
    "auth_type",
    "auth_level",
    "auth",
    "mapped_interface",
    "carrier",
    "error_name",
    "cipher",
    "reply_cipher",
    "request_ciphers",
    "scope",
    "layer"
  ]
};

/** What a column holds. A column that nobody has judged does not leave. */
export function kindOf(table: string, column: string): TextKind {
  for (const name of [`${table}.${column}`, column]) for (const [kind, names] of Object.entries(kinds)) if (names.includes(name)) return kind as TextKind;
  return "off";
}
