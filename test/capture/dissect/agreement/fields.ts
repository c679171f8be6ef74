import {createHash, X509Certificate} from "node:crypto";
import type {RecordRow} from "../conversation.ts";
import type {Fields} from "./tshark-fields.ts";

/** A table's columns beside tshark's fields. */
export interface Compared {
  readonly table: string;
  /** Display filter of the packets that tell of them. */
  readonly filter: string;
  /** Every field that `columns` reads. */
  readonly fields: readonly string[];
  /** Preferences of tshark. */
  readonly options?: readonly string[];
  /** By column: what tshark's packet says of it, as our texts. */
  readonly columns: Readonly<Record<string, (packet: Fields) => readonly string[]>>;
  /** Rows of ours that tshark has as well. */
  readonly rows?: (row: RecordRow) => boolean;
}

const all = (field: string) => (packet: Fields) => packet[field];
const whenHas = (flag: string, field: string) => (packet: Fields) => (packet[flag].length > 0 ? packet[field] : []);
const trimmed = (read: (packet: Fields) => readonly string[]) => (packet: Fields) =>
  read(packet)
    .map((text) => text.trim())
    .filter((text) => text !== "");

const everyPortTls: readonly string[] = [];

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

/** Every table that is compared. */
export const compared: readonly Compared[] = [
  {
    table: "http",
    options: ["-o", "http.desegment_body:FALSE"],
    filter: "http && tcp && !icmp && !icmpv6",
    fields: [
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
      "http.server"
    ],
    columns: {
      method: all("http.request.method"),
      uri: all("http.request.uri"),
      host: trimmed(whenHas("http.request.method", "http.host")),
      user_agent: trimmed(whenHas("http.request.method", "http.user_agent")),
      referer: trimmed(all("http.referer")),
      forwarded_for: trimmed(all("http.x_forwarded_for")),
      user: (packet) => packet["http.authbasic"].filter((text) => text.includes(":")).map((text) => text.split(":")[0]),
      request_type: trimmed(whenHas("http.request.method", "http.content_type")),
      request_length: trimmed(whenHas("http.request.method", "http.content_length_header")),
      status: (packet) => packet["http.response.code"].filter((code) => Number(code) >= 200 || code === "101"),
      reason: (packet) => {
        const codes = packet["http.response.code"];
        return packet["http.response.phrase"].filter((_, i) => Number(codes[i]) >= 200 || codes[i] === "101");
      },
      content_type: trimmed(whenHas("http.response.code", "http.content_type")),
      content_length: trimmed(whenHas("http.response.code", "http.content_length_header")),
      server: trimmed(all("http.server"))
    },
    rows: ({version}) => version !== "2"
  },
  {
    table: "tls",
    filter: "tls && tcp && !icmp && !icmpv6 && (tls.handshake.type == 1 || tls.handshake.type == 2)",
    options: everyPortTls,
    fields: [
      "tls.handshake.ja3",
      "tls.handshake.ja3s",
      "tls.handshake.extensions_server_name",
      "tls.handshake.ciphersuite",
      "tls.handshake.type"
    ],
    columns: {
      ja3: all("tls.handshake.ja3"),
      ja3s: all("tls.handshake.ja3s"),
      server_name: all("tls.handshake.extensions_server_name"),
      cipher: (packet) => {
        // A ClientHello has a list of them, a ServerHello one; both are hardly ever in one packet.
        const isServers = packet["tls.handshake.type"].includes("2") && !packet["tls.handshake.type"].includes("1");
        return isServers ? packet["tls.handshake.ciphersuite"].map((cipher) => String(Number(cipher))) : [];
      }
    },
    rows: ({ja4}) => ja4 === null || String(ja4).startsWith("t")
  },
  {
    table: "certificates",
    filter: "tls.handshake.certificate && tcp && !icmp && !icmpv6",
    options: everyPortTls,
    fields: ["tls.handshake.certificate"],
    columns: {
      sha1: (packet) =>
        packet["tls.handshake.certificate"].map((der) =>
          createHash("sha1").update(Buffer.from(der, "hex")).digest("hex")
        ),
      ...Object.fromEntries(
        (["subject", "issuer", "serial", "names", "not_after"] as const).map((name) => [
          name,
          (packet: Fields) => packet["tls.handshake.certificate"].map((der) => certificate(der)[name])
        ])
      )
    }
  }
];
