import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

/** TLS handshakes, in QUIC, too. */
export const tlsRecords: RecordSource = {
  name: "tls",
  title: "TLS handshakes",
  columns: [
    {name: "client", label: "Client", kind: "host", sql: "f.src_ip"},
    {name: "server_name", label: "Server name", kind: "text"},
    {name: "version", label: "Version", kind: "text"},
    {name: "alpn", label: "ALPN", kind: "text"},
    {name: "ja4", label: "JA4", kind: "text"},
    {name: "ja3", label: "JA3", kind: "digest"},
    {name: "cipher_suite", label: "Cipher", kind: "text", sql: "'0x' || lpad(printf('%x', r.cipher), 4, '0')"},
    {name: "server_ip", label: "Server's address", kind: "host", sql: "f.dst_ip"},
    {name: "server_port", label: "Port", kind: "port", sql: "f.dst_port"}
  ],
  derived: {
    offered: "CASE WHEN starts_with(r.ja4, 'q') THEN r.version || ' in QUIC' ELSE r.version END"
  },
  nothing: "No TLS was seen. What was sent in the clear is on HTTP and Protocols."
};

const source = tlsRecords;
const handshakes = {name: "handshakes", label: "Handshakes", kind: "count"} as const;
const clients = {name: "clients", label: "Clients", kind: "count"} as const;
const names = {name: "names", label: "Server names", kind: "count"} as const;
const counted = "CAST(count(*) AS BIGINT) AS handshakes";
const countedClients = "CAST(count(DISTINCT client) AS BIGINT) AS clients";
const countedNames = "CAST(count(DISTINCT server_name) AS BIGINT) AS names";

export const tlsFigures: RecordQuestion = {
  name: "tls-figures",
  title: "TLS in figures",
  source,
  columns: [
    handshakes,
    names,
    clients,
    {name: "fingerprints", label: "JA4 fingerprints", kind: "count"},
    {name: "old", label: "Before TLS 1.2", kind: "count"},
    {name: "nameless", label: "Without a name", kind: "count"}
  ],
  sql: () => `SELECT ${counted}, ${countedNames}, ${countedClients}, CAST(count(DISTINCT ja4) AS BIGINT) AS fingerprints,
  CAST(count(*) FILTER (version IN ('SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1')) AS BIGINT) AS old,
  CAST(count(*) FILTER (server_name IS NULL) AS BIGINT) AS nameless
FROM records`
};

export const tlsOverTime: RecordQuestion = {
  name: "tls-over-time",
  title: "Handshakes over time by version",
  source,
  columns: [
    {name: "ts_us", label: "From", kind: "time"},
    {name: "offered", label: "Version", kind: "text"},
    handshakes
  ],
  sql: (grid) => `SELECT ${bucketSql(grid)}, offered, ${counted}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const tlsNames: RecordQuestion = {
  name: "tls-names",
  title: "Server names asked for",
  source,
  columns: [
    {name: "server_name", label: "Server name", kind: "text"},
    handshakes,
    clients,
    {name: "servers", label: "Addresses", kind: "count"}
  ],
  sql: () => `SELECT server_name, ${counted}, ${countedClients}, CAST(count(DISTINCT server_ip) AS BIGINT) AS servers
FROM records\nWHERE server_name IS NOT NULL\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

/** A fingerprint that one host alone has is a program of its own, wanted or not. */
export const tlsFingerprints: RecordQuestion = {
  name: "tls-fingerprints",
  title: "Fingerprints, rarest first",
  source,
  columns: [
    {name: "ja4", label: "JA4", kind: "text"},
    clients,
    handshakes,
    names,
    {name: "example", label: "A name it asked for", kind: "text"},
    {name: "ja3", label: "A JA3 of it", kind: "digest"}
  ],
  sql: () => `SELECT ja4, ${countedClients}, ${counted}, ${countedNames}, min(server_name) AS example, min(ja3) AS ja3
FROM records\nGROUP BY 1\nORDER BY 2, 3, 1\nLIMIT 200`
};

export const tlsAlpn: RecordQuestion = {
  name: "tls-alpn",
  title: "Protocols offered (ALPN)",
  source,
  columns: [{name: "alpn", label: "ALPN", kind: "text"}, handshakes, clients, names],
  sql: () => `SELECT coalesce(alpn, 'none') AS alpn, ${counted}, ${countedClients}, ${countedNames}
FROM records\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 100`
};

/** Names are usual; an address without one is asked by programs of their own, scanners, and what hides. */
export const tlsNameless: RecordQuestion = {
  name: "tls-nameless",
  title: "Servers asked without a name",
  source,
  columns: [
    {name: "server_ip", label: "Server", kind: "host"},
    {name: "server_port", label: "Port", kind: "port"},
    handshakes,
    clients,
    {name: "versions", label: "Versions", kind: "text"},
    {name: "ja4", label: "A JA4 of it", kind: "text"}
  ],
  sql: () => `SELECT server_ip, server_port, ${counted}, ${countedClients}, string_agg(DISTINCT offered, ', ' ORDER BY offered) AS versions, min(ja4) AS ja4
FROM records\nWHERE server_name IS NULL\nGROUP BY 1, 2\nORDER BY 3 DESC, 1, 2\nLIMIT 100`
};

/** Certificates that sides showed, as far as they are in the clear. */
export const certificateRecords: RecordSource = {
  name: "certificates",
  title: "Certificates shown",
  columns: [
    {name: "server_ip", label: "Server", kind: "host", sql: "f.dst_ip"},
    {name: "shown_by", label: "Shown by", kind: "text"},
    {name: "position", label: "Place", kind: "port"},
    {name: "subject", label: "Whose", kind: "text"},
    {name: "issuer", label: "Signed by", kind: "text"},
    {name: "names", label: "Names", kind: "list"},
    {name: "not_before", label: "Valid from", kind: "second", sql: "epoch_us(r.not_before)"},
    {name: "not_after", label: "Valid until", kind: "second", sql: "epoch_us(r.not_after)"},
    {name: "serial", label: "Serial number", kind: "text", rare: true},
    {name: "sha256", label: "SHA-256", kind: "digest", rare: true},
    {name: "sha1", label: "SHA-1", kind: "text", rare: true}
  ],
  derived: {
    oddity: `CASE WHEN r.subject = r.issuer THEN 'signed by itself' WHEN r.not_after < r.ts THEN 'expired' WHEN r.not_before > r.ts THEN 'not valid yet'
      WHEN r.not_after - r.not_before > INTERVAL 1200 DAY THEN 'valid for more than three years' END`
  },
  nothing: "No certificate was seen. In TLS 1.3 they are encrypted, and a resumed session shows none."
};

/** Each certificate once, those that were shown most first. */
export const certificates: RecordQuestion = {
  name: "tls-certificates",
  title: "Certificates",
  source: certificateRecords,
  columns: [
    {name: "subject", label: "Whose", kind: "text"},
    {name: "issuer", label: "Signed by", kind: "text"},
    {name: "shown", label: "Times shown", kind: "count"},
    {name: "servers", label: "Servers", kind: "count"},
    {name: "shown_by", label: "Shown by", kind: "text"},
    {name: "not_before", label: "Valid from", kind: "second"},
    {name: "not_after", label: "Valid until", kind: "second"},
    {name: "sha256", label: "SHA-256", kind: "digest"}
  ],
  sql: () => `SELECT subject, issuer, CAST(count(*) AS BIGINT) AS shown, CAST(count(DISTINCT server_ip) AS BIGINT) AS servers,
  string_agg(DISTINCT shown_by, ', ' ORDER BY shown_by) AS shown_by, min(not_before) AS not_before, max(not_after) AS not_after, sha256
FROM records\nGROUP BY subject, issuer, sha256\nORDER BY 3 DESC, 1, 2, 8\nLIMIT 200`
};

/** A side's own certificates that a browser would not take, or that last longer than public ones may. */
export const oddCertificates: RecordQuestion = {
  name: "tls-odd-certificates",
  title: "Odd certificates",
  source: certificateRecords,
  columns: [
    {name: "subject", label: "Whose", kind: "text"},
    {name: "oddity", label: "Odd", kind: "text"},
    {name: "issuer", label: "Signed by", kind: "text"},
    {name: "servers", label: "Servers", kind: "count"},
    {name: "shown", label: "Times shown", kind: "count"},
    {name: "not_after", label: "Valid until", kind: "second"}
  ],
  sql: () => `SELECT subject, oddity, any_value(issuer) AS issuer, CAST(count(DISTINCT server_ip) AS BIGINT) AS servers,
  CAST(count(*) AS BIGINT) AS shown, max(not_after) AS not_after
FROM records\nWHERE position = 0 AND oddity IS NOT NULL\nGROUP BY 1, 2\nORDER BY 5, 1, 2\nLIMIT 100`
};

export const tlsPage: RecordPage = {
  path: "/tls",
  sources: [tlsRecords, certificateRecords],
  questions: [tlsFigures, tlsOverTime, tlsNames, tlsFingerprints, tlsAlpn, tlsNameless, certificates, oddCertificates]
};
