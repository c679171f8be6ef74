import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "TLS connections whose server shows a certificate as relays of Tor make them"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** A made-up name of base 32 (tor: `crypto_random_hostname(8, 20, "www.", ".net")`). */
const made = (ending: string) => `^CN=www[.][a-z2-7]{8,20}[.]${ending}$`;
const is = (column: string, ending: string) => `coalesce(regexp_extract(${column}, '${made(ending)}'), '') <> ''`;

/**
 * Tor: relays show a certificate for a made-up host under .net, which a made-up one under .com has signed, with nothing but a
 * common name in either (tor, `src/lib/tls/tortls.c`).
 */
export const tor = defineRule<typeof limits, OneFlowRow>({
  name: "tor",
  doc: "A host speaks with a relay of the anonymity network Tor.",
  blindTo:
    "TLS 1.3, which encrypts certificates, and so most of today's Tor; bridges that hide it (obfs4, Snowflake, meek); what is done through it.",
  attackTechnique: "T1090.003",
  severity: "low",
  limits,
  tables: ["flows", "certificates"],
  startsFrom: {certificates: `shown_by = 'server' AND subject LIKE 'CN=www.%.net' AND issuer LIKE 'CN=www.%.com'`},
  judgesOpen: true,
  countedFlows: "f.service = 'tls'",
  query: (scope) => `
    SELECT c.capture_sha256, CAST(c.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, f.ts_start, f.ts_end
    FROM ${scope.rows("certificates")} c JOIN ${scope.rows("flows")} f ON c.flow_id = f.flow_id AND c.capture_sha256 = f.capture_sha256
    WHERE c.shown_by = 'server' AND c.position = 0 AND ${is("c.subject", "net")} AND ${is("c.issuer", "com")}`,
  incidents: (rows, {connections, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip}] = group;
      const relays = new Set(group.map(({dst_ip}) => dst_ip)).size;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} spoke with ${relays === 1 ? `the Tor relay ${group[0].dst_ip}` : counted(relays, "Tor relay")}.`,
        reasons: [atLeast("connections to relays", group.length, connections), fact("relays", relays)]
      };
    })
});
