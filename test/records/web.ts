import {createHash, X509Certificate} from "node:crypto";
import type {TableName} from "../../schema/tables.ts";
import type {RecordRow} from "../capture/dissect/conversation.ts";
import type {Comparison} from "./agreement.ts";

/** A packet's values by field. */
type Packet = Readonly<Record<string, readonly string[]>>;

/** Columns of a table beside the fields of packets of one filter. */
function columns(
  table: TableName,
  filter: string,
  fields: readonly string[],
  read: Readonly<Record<string, (packet: Packet) => readonly string[]>>,
  isCompared: (row: RecordRow) => boolean = () => true
): Comparison[] {
  return Object.entries(read).map(([field, values]) => ({
    table,
    field,
    filter,
    fields,
    theirs: (packet) =>
      values(Object.fromEntries(fields.map((name, i) => [name, packet[i] ?? []]))).filter((value) => value !== ""),
    ours: (row) => (isCompared(row) && row[field] !== null && row[field] !== "" ? [String(row[field])] : [])
  }));
}

const all = (field: string) => (packet: Packet) => packet[field];
const trimmed = (field: string, flag?: string) => (packet: Packet) =>
  flag && packet[flag].length === 0 ? [] : packet[field].map((text) => text.trim());
const isFinal = (code: string) => Number(code) >= 200 || code === "101";

const http = columns(
  "http",
  "http && tcp && !icmp && !icmpv6",
  [
    "http.request.method",
    "http.request.uri",
    "http.host",
    "http.user_agent",
    "http.referer",
    "http.x_forwarded_for",
    "http.authbasic",
    "http.response.code",
    "http.response.phrase",
    "http.content_type",
    "http.content_length_header",
    "http.server",
    "http.location"
  ],
  {
    method: all("http.request.method"),
    uri: all("http.request.uri"),
    host: trimmed("http.host", "http.request.method"),
    user_agent: trimmed("http.user_agent", "http.request.method"),
    referer: trimmed("http.referer"),
    forwarded_for: trimmed("http.x_forwarded_for"),
    user: (packet) => packet["http.authbasic"].filter((text) => text.includes(":")).map((text) => text.split(":")[0]),
    request_type: trimmed("http.content_type", "http.request.method"),
    request_length: trimmed("http.content_length_header", "http.request.method"),
    status: (packet) => packet["http.response.code"].filter(isFinal),
    reason: (packet) => packet["http.response.phrase"].filter((_, i) => isFinal(packet["http.response.code"][i])),
    content_type: trimmed("http.content_type", "http.response.code"),
    content_length: trimmed("http.content_length_header", "http.response.code"),
    server: trimmed("http.server"),
    location: trimmed("http.location", "http.response.code")
  },
  ({version}) => version !== "2"
);

const tls = columns(
  "tls",
  "tls && tcp && !icmp && !icmpv6 && (tls.handshake.type == 1 || tls.handshake.type == 2)",
  [
    "tls.handshake.ja3",
    "tls.handshake.ja3s",
    "tls.handshake.extensions_server_name",
    "tls.handshake.ciphersuite",
    "tls.handshake.type"
  ],
  {
    ja3: all("tls.handshake.ja3"),
    ja3s: all("tls.handshake.ja3s"),
    server_name: all("tls.handshake.extensions_server_name"),
    cipher: (packet) => {
      // A ClientHello has a list of them, a ServerHello one; both are hardly ever in one packet.
      const types = packet["tls.handshake.type"];
      if (!types.includes("2") || types.includes("1")) return [];
      return packet["tls.handshake.ciphersuite"].map((cipher) => String(Number(cipher)));
    }
  },
  ({ja4}) => ja4 === null || String(ja4).startsWith("t")
);

/** What Node's OpenSSL reads of a certificate, in our form. */
function certificate(der: string) {
  const none = {subject: "", issuer: "", serial: "", names: "", not_after: ""};
  try {
    const found = new X509Certificate(Buffer.from(der, "hex"));
    const name = (text: string | undefined) => (text ?? "").split("\n").reverse().join(",");
    const names = (found.subjectAltName ?? "")
      .split(", ")
      .filter((entry) => /^(DNS|IP Address|email|URI):/.test(entry));
    return {
      subject: name(found.subject),
      issuer: name(found.issuer),
      serial: found.serialNumber.toLowerCase(),
      names: names.length === 0 ? "" : JSON.stringify(names.map((entry) => entry.replace(/^[^:]*:/, ""))),
      not_after: String(Date.parse(found.validTo) * 1000)
    };
  } catch {
    return none;
  }
}

const chain = "tls.handshake.certificate";
const sha1 = (der: string) => createHash("sha1").update(Buffer.from(der, "hex")).digest("hex");
const certificates = columns("certificates", `${chain} && tcp && !icmp && !icmpv6`, [chain], {
  sha1: (packet) => packet[chain].map(sha1),
  ...Object.fromEntries(
    (["subject", "issuer", "serial", "names", "not_after"] as const).map((name) => [
      name,
      (packet: Packet) => packet[chain].map((der) => certificate(der)[name])
    ])
  )
});

const quic = columns(
  "tls",
  "quic && tls.handshake.type == 1",
  ["tls.handshake.extensions_server_name", "tls.handshake.extensions_alpn_str"],
  {server_name: all("tls.handshake.extensions_server_name")},
  ({ja4}) => ja4 !== null && String(ja4).startsWith("q")
).map((comparison) => ({...comparison, field: `${comparison.field} of QUIC`}));

export const web: readonly Comparison[] = [...http, ...tls, ...quic, ...certificates];
