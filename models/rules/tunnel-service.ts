import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  name: string;
};

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Connections with a service that makes what listens inside reachable from outside"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Domains to which agents of such services connect. */
const domains = [
  "tunnel.us.ngrok.com",
  "tunnel.eu.ngrok.com",
  "connect.ngrok-agent.com",
  "argotunnel.com",
  "serveo.net",
  "localhost.run",
  "pagekite.net",
  "playit.gg",
  "packetriot.com",
  "loca.lt",
  "portmap.io",
  "bore.pub",
  "global.rel.tunnels.api.visualstudio.com"
];
const isAgent = domains.map((domain) => `name = '${domain}' OR name LIKE '%.${domain}'`).join(" OR ");

/** Services that tunnel from outside to inside (ngrok, Cloudflare Tunnel, Serveo …), by which intruders keep a way in (ATT&CK T1572). */
export const tunnelService = defineRule<typeof limits, Row>({
  name: "tunnel_service",
  doc: "A host connects to a service that opens a way from the Internet to it.",
  blindTo:
    "Services that are not listed, and one's own; what passes through. Developers use them, too, which is why the severity is low.",
  attackTechnique: "T1572",
  severity: "low",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "server_name IS NOT NULL OR dns_name IS NOT NULL"},
  judgesOpen: true,
  countedFlows: "f.server_name IS NOT NULL OR f.dns_name IS NOT NULL",
  query: (scope) => `
    SELECT * FROM (SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, lower(coalesce(server_name, dns_name)) AS name
      FROM ${scope.rows("flows")} f WHERE dst_payload_bytes > 0 AND coalesce(server_name, dns_name) IS NOT NULL) q
    WHERE ${isAgent}`,
  incidents: (rows, {connections, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, name}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} connected to ${name}, which opens a way from the Internet to it.`,
        reasons: [atLeast("connections", group.length, connections), fact("the service", name)]
      };
    })
});
