import {inNetworks} from "./addresses.ts";
import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  name: string;
  /** Its protocol was not recognised, or it is TLS at a port of no usual service. */
  is_odd: number;
};

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Connections with a machine whose name a service for changing addresses gives"
  },
  payload: {
    value: 1,
    unit: "bytes",
    doc: "Payload of both sides, each, from which on an unknown protocol, or TLS at an unusual port, has medium severity"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Domains below which anyone gets a name for an address that changes, for nothing. */
const domains = [
  "duckdns.org",
  "ddns.net",
  "no-ip.org",
  "no-ip.biz",
  "no-ip.info",
  "hopto.org",
  "hopto.me",
  "zapto.org",
  "sytes.net",
  "serveftp.com",
  "servegame.com",
  "servehttp.com",
  "myftp.org",
  "myftp.biz",
  "myvnc.com",
  "bounceme.net",
  "redirectme.net",
  "3utilities.com",
  "gotdns.ch",
  "dynu.net",
  "ddnsfree.com",
  "freeddns.org",
  "accesscam.org",
  "camdvr.org",
  "kozow.com",
  "loseyourip.com",
  "publicvm.com",
  "linkpc.net",
  "chickenkiller.com",
  "mooo.com",
  "crabdance.com",
  "ignorelist.com",
  "dyndns.org",
  "ydns.eu",
  "afraid.org"
];
const isDynamic = domains.map((domain) => `name LIKE '%.${domain}'`).join(" OR ");

/**
 * Dynamic names (DuckDNS, No-IP, Dynu …), by which most remote access trojans find their masters (NanoCore, njRAT, Remcos,
 * AsyncRAT). People reach their own homes so, by protocols that are known.
 */
export const dynamicName = defineRule<typeof limits, Row>({
  name: "dynamic_name",
  doc: "A host talks with a machine whose name a service for changing addresses gives.",
  blindTo:
    "Services that are not listed; names looked up before the capture. Whoever reaches a machine at home, by SSH or a page say, does the same and is told with low severity; a program of one's own with a protocol of its own looks like a trojan.",
  attackTechnique: "T1568",
  severity: "low",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "server_name IS NOT NULL OR dns_name IS NOT NULL"},
  judgesOpen: true,
  countedFlows: "f.server_name IS NOT NULL OR f.dns_name IS NOT NULL",
  query: (scope, {payload}) => `
    SELECT * FROM (SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end,
        lower(coalesce(server_name, dns_name)) AS name,
        CASE WHEN proto = 6 AND src_payload_bytes >= ${payload.value} AND dst_payload_bytes >= ${payload.value}
          AND (service IS NULL OR (service = 'tls' AND dst_port NOT IN (443, 465, 587, 853, 993, 995, 8443, 8883))) THEN 1 ELSE 0 END AS is_odd
      FROM ${scope.rows("flows")} f WHERE proto IN (6, 17) AND coalesce(server_name, dns_name) IS NOT NULL AND coalesce(service, '') <> 'dns') q
    WHERE ${isDynamic}`,
  incidents: (rows, {connections, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return together(
      rows.filter(({dst_ip}) => !isLocal(dst_ip)),
      (row) => `${row.capture_sha256} ${row.src_ip}`,
      gap.value * 1e6
    ).map((group) => {
      const [{src_ip, name}] = group;
      const odd = group.filter(({is_odd}) => is_odd === 1).length;
      return {
        ...placeOfFlows(group),
        severity: odd > 0 ? "medium" : "low",
        summary: `${src_ip} connected to ${name}, a name for an address that changes${odd > 0 ? ", by a protocol that is not known or not usual there" : ""}.`,
        reasons: [
          atLeast("connections", group.length, connections),
          odd > 0
            ? atLeast("of an unknown protocol, or TLS at an unusual port", odd, connections)
            : fact("of an unknown protocol, or TLS at an unusual port", odd),
          fact("the name", name)
        ]
      };
    });
  }
});
