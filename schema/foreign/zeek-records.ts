import {caseOf, foreignView, recordsOf} from "./foreign-view.ts";
import {cipherNames} from "./tls-ciphers.ts";
import {zeekHead, zeekProto} from "./zeek-names.ts";

const rcodes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"];

/** DNS as Zeek's dns.log has it; what the lake does not keep (class, flags, TTLs) is not there. */
export const zeekDns = foreignView({
  name: "zeek_dns",
  doc: "DNS queries in the names of Zeek's dns.log. Its qclass, AA, TC, RD, RA, Z, TTLs and rejected are not kept.",
  from: recordsOf("dns"),
  order: "ts",
  columns: [
    ...zeekHead("r.ts"),
    {name: "proto", type: "VARCHAR", sql: zeekProto, doc: "tcp or udp."},
    {name: "trans_id", type: "INTEGER", sql: "r.transaction_id", doc: "`transaction_id`."},
    {name: "rtt", type: "DOUBLE", sql: "r.rtt_us / 1e6", doc: "Seconds from query to answer.", nullable: true},
    {name: "query", type: "VARCHAR", sql: "lower(r.query)", doc: "`query`, in lower case as Zeek has it.", nullable: true},
    {name: "qtype", type: "INTEGER", sql: "r.qtype", doc: "`qtype`.", nullable: true},
    {name: "qtype_name", type: "VARCHAR", sql: caseOf("r.qtype_name", {ANY: "*"}, "r.qtype_name"), doc: "`qtype_name`; `*` is ANY.", nullable: true},
    {name: "rcode", type: "INTEGER", sql: "r.rcode", doc: "`rcode`.", nullable: true},
    {name: "rcode_name", type: "VARCHAR", sql: caseOf("r.rcode", Object.fromEntries(rcodes.map((name, code) => [code, name])), "'unknown-' || r.rcode"), doc: "Name of the code.", nullable: true},
    {name: "answers", type: "VARCHAR[]", sql: "CAST(r.answers AS JSON)", doc: "`answers`, as a list.", nullable: true}
  ]
});

/** HTTP as Zeek's http.log has it. */
export const zeekHttp = foreignView({
  name: "zeek_http",
  doc: "HTTP requests in the names of Zeek's http.log. Its origin, tags, info_code, password, files and their types are not in it; the table files has what crossed.",
  from: recordsOf("http"),
  order: "ts",
  columns: [
    ...zeekHead("r.ts"),
    {name: "trans_depth", type: "BIGINT", sql: "row_number() OVER (PARTITION BY r.capture_sha256, r.flow_id ORDER BY r.ts)", doc: "Number of the request in its flow, from 1."},
    {name: "method", type: "VARCHAR", sql: "r.method", doc: "`method`.", nullable: true},
    {name: "host", type: "VARCHAR", sql: "r.host", doc: "`host`.", nullable: true},
    {name: "uri", type: "VARCHAR", sql: "r.uri", doc: "`uri`.", nullable: true},
    {name: "referrer", type: "VARCHAR", sql: "r.referer", doc: "`referer`.", nullable: true},
    {name: "version", type: "VARCHAR", sql: "r.version", doc: "`version`: of the request; Zeek's is that of the response, where there is one.", nullable: true},
    {name: "user_agent", type: "VARCHAR", sql: "r.user_agent", doc: "`user_agent`.", nullable: true},
    {name: "request_body_len", type: "BIGINT", sql: "coalesce(r.request_length, 0)", doc: "Content-Length of the request, 0 without one; Zeek counts the bytes that came."},
    {name: "response_body_len", type: "BIGINT", sql: "CASE WHEN r.method = 'HEAD' OR r.status = 304 THEN 0 ELSE coalesce(r.content_length, 0) END", doc: "Content-Length of the response, 0 without one (chunked) or without a body; Zeek counts the bytes that came."},
    {name: "status_code", type: "INTEGER", sql: "r.status", doc: "`status`.", nullable: true},
    {name: "status_msg", type: "VARCHAR", sql: "r.reason", doc: "`reason`.", nullable: true},
    {name: "username", type: "VARCHAR", sql: 'r."user"', doc: "`user`.", nullable: true},
    {name: "proxied", type: "VARCHAR[]", sql: "CASE WHEN r.forwarded_for IS NOT NULL THEN ['X-FORWARDED-FOR -> ' || r.forwarded_for] END", doc: "The header X-Forwarded-For, as Zeek writes it; Zeek knows others, too.", nullable: true}
  ]
});

const versions = {"SSL 3.0": "SSLv3", "TLS 1.0": "TLSv10", "TLS 1.1": "TLSv11", "TLS 1.2": "TLSv12", "TLS 1.3": "TLSv13", "DTLS 1.0": "DTLSv10", "DTLS 1.2": "DTLSv12", "DTLS 1.3": "DTLSv13"};

/** TLS as Zeek's ssl.log has it, with the columns of its packages for JA3 and JA4. */
export const zeekSsl = foreignView({
  name: "zeek_ssl",
  doc: "TLS handshakes in the names of Zeek's ssl.log, with the columns of its packages for JA3 and JA4. Its curve, established, ssl_history and certificates are not kept here; certificates are a table.",
  from: recordsOf("tls"),
  order: "ts",
  columns: [
    ...zeekHead("r.ts"),
    {name: "version", type: "VARCHAR", sql: `CASE WHEN r.ja3s IS NOT NULL OR r.cipher IS NOT NULL THEN ${caseOf("r.version", versions, "r.version")} END`, doc: "Version that the server chose; NULL without a ServerHello.", nullable: true},
    {name: "cipher", type: "VARCHAR", sql: caseOf("r.cipher", cipherNames, "'unknown-' || r.cipher"), doc: "IANA's name of the cipher suite.", nullable: true},
    {name: "server_name", type: "VARCHAR", sql: "r.server_name", doc: "`server_name`.", nullable: true},
    {name: "resumed", type: "BOOLEAN", sql: "coalesce(r.resumed, FALSE)", doc: "`resumed`; false without a ServerHello."},
    {name: "last_alert", type: "VARCHAR", sql: "r.alert", doc: "`alert`: the first one; Zeek keeps the last.", nullable: true},
    {name: "next_protocol", type: "VARCHAR", sql: "r.alpn_chosen", doc: "`alpn_chosen`.", nullable: true},
    {name: "ja3", type: "VARCHAR", sql: "r.ja3", doc: "`ja3`.", nullable: true},
    {name: "ja3s", type: "VARCHAR", sql: "r.ja3s", doc: "`ja3s`.", nullable: true},
    {name: "ja4", type: "VARCHAR", sql: "r.ja4", doc: "`ja4`.", nullable: true}
  ]
});
