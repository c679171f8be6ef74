import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  resolver: string;
};

const limits = {
  connections: {value: 1, unit: "connections", doc: "Encrypted connections to a public resolver of names"},
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Names of public resolvers, and endings of names that belong to one. */
const names = [
  "dns.google",
  "dns64.dns.google",
  "one.one.one.one",
  "doh.opendns.com",
  "doh.familyshield.opendns.com",
  "dns.opendns.com",
  "doh.cleanbrowsing.org",
  "doh.libredns.gr",
  "dns.alidns.com",
  "doh.pub",
  "dot.pub",
  "doh.dns.sb",
  "dns.sb",
  "freedns.controld.com",
  "dns.controld.com",
  "dns.mullvad.net",
  "doh.mullvad.net",
  "doh.applied-privacy.net",
  "odvr.nic.cz",
  "doh.xfinity.com",
  "doh.cox.net",
  "dns.switch.ch",
  "dns.digitale-gesellschaft.ch",
  "dnsforge.de",
  "doh.ffmuc.net",
  "dns0.eu"
];
const endings = [
  "cloudflare-dns.com",
  "quad9.net",
  "dns.nextdns.io",
  "adguard-dns.com",
  "dns.adguard.com",
  "cloudflare-gateway.com"
];
/** Addresses that serve nothing but names, for clients that ask for no name. */
const addresses = [
  "8.8.8.8",
  "8.8.4.4",
  "1.1.1.1",
  "1.0.0.1",
  "9.9.9.9",
  "149.112.112.112",
  "208.67.222.222",
  "208.67.220.220",
  "94.140.14.14",
  "94.140.15.15"
];
const list = (texts: readonly string[]) => texts.map((text) => `'${text}'`).join(", ");
const isResolver = `(lower(server_name) IN (${list(names)}) OR ${endings
  .map((ending) => `lower(server_name) = '${ending}' OR lower(server_name) LIKE '%.${ending}'`)
  .join(" OR ")})`;

/** DNS within TLS, HTTPS or QUIC (RFC 7858, RFC 8484, RFC 9250) with a public resolver: what is asked there, no sensor sees. */
export const encryptedDns = defineRule<typeof limits, Row>({
  name: "encrypted_dns",
  doc: "A host asks a public resolver for names within TLS or QUIC, past the network's own one.",
  blindTo:
    "Resolvers that are not listed, on port 443; encrypted hellos. Browsers and telephones do it by themselves, so this is a fact, not an attack: it tells whose names other rules do not see.",
  attackTechnique: "T1071.004",
  severity: "info",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service IN ('tls', 'quic', 'dtls') AND dst_port IN (443, 784, 853)"},
  judgesOpen: true,
  countedFlows: "f.service IN ('tls', 'quic', 'dtls')",
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, coalesce(lower(server_name), dst_ip) AS resolver
    FROM ${scope.rows("flows")} f
    WHERE service IN ('tls', 'quic', 'dtls') AND dst_port IN (443, 784, 853) AND dst_payload_bytes > 0
      AND (dst_port IN (784, 853) OR ${isResolver} OR (server_name IS NULL AND dst_ip IN (${list(addresses)})))`,
  incidents: (rows, {connections, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip}] = group;
      const resolvers = [...new Set(group.map(({resolver}) => resolver))].sort();
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} asked ${resolvers.length > 3 ? counted(resolvers.length, "resolver") : resolvers.join(" and ")} for names within TLS.`,
        reasons: [
          atLeast("encrypted connections to resolvers", group.length, connections),
          fact("resolvers", resolvers.slice(0, 5).join(", "))
        ]
      };
    })
});
