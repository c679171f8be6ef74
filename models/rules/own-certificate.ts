import {inNetworks} from "./addresses.ts";
import {common, extent, together} from "./merge.ts";
import {usualPorts} from "./nameless-tls.ts";
import {defineRule, type Limit, type OneFlowRow} from "./rule.ts";
import {atLeast, atMost, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  subject: string;
  age_days: number;
  is_tool: number;
  /** Signed by itself, with the names that a generator proposes, at a server whose name was asked for. */
  is_default: number;
  /** Signed by itself, and shown to who asked for no name. */
  is_own: number;
  /** At a port of no usual service. */
  is_odd: number;
  /** The server's name was not looked up. */
  is_nameless: number;
};

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Connections whose server shows a certificate of a tool of remote control, or a young one of its own"
  },
  several: {
    value: 3,
    unit: "certificates",
    doc: "From so many different ones on, at ports of no usual service, or so many addresses that show any and were not looked up, their age does not matter"
  },
  pair: {
    value: 2,
    unit: "certificates",
    doc: "The same for so many addresses that were not looked up and show each another one, at a port of no usual service among them"
  },
  defaults: {
    value: 2,
    unit: "connections",
    doc: "Connections with servers asked for by a name whose own certificate has the names that a generator proposes"
  },
  age: {
    value: 45,
    unit: "days",
    doc: "A certificate that its server signed itself, shown to who asked for no name, is young up to this age"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Parts of the subjects and issuers, in lower case, that tools give the certificates they make. */
const toolNames = [
  "asyncrat",
  "dcrat",
  "venomrat",
  "quasar server ca",
  "bitrat",
  "orcus server",
  "xworm",
  "cobalt strike",
  "major cobalt",
  "cn=ares server",
  "cn=anonymous proxy rat",
  "cn=pupy",
  "o=multivalence",
  "o=ligolo",
  "cn=sliver",
  "cn=mythic",
  "cn=p18055077",
  "cn=metasploit"
];
/** Digests (SHA-1) of certificates that tools ship: Cobalt Strike's default. */
const toolDigests = ["6ece5ece4192683d2d84e25b0ba7e04f9cb7eb7c"];

/** Ports of mail, telephones, monitoring and virtual networks, where servers vouch for themselves. */
const peerPorts = [25, 110, 143, 465, 587, 993, 995, 5061, 5666, 5349, 9001, 22000, 22067];

/** The common name of a subject or issuer. */
const commonName = (column: string) => `coalesce(regexp_extract(${column}, 'CN=[^,]+'), '')`;
/** A condition: the server signed its certificate itself, or whoever signed it bears the same name (Qakbot). */
const isOwn = `(c.subject = c.issuer OR (${commonName("c.subject")} <> '' AND ${commonName("c.subject")} = ${commonName("c.issuer")}))`;

/** What OpenSSL and its likes propose: a firm of that name, or this machine. */
const isProposed =
  "(lower(c.subject) LIKE '%internet widgits%' OR lower(c.subject) LIKE '%default company ltd%' OR lower(c.subject) LIKE '%cn=localhost%')";

const isTool = `(c.sha1 IN (${toolDigests.map((digest) => `'${digest}'`).join(", ")}) OR ${toolNames
  .flatMap((name) => ["subject", "issuer"].map((column) => `lower(coalesce(c.${column}, '')) LIKE '%${name}%'`))
  .join(" OR ")})`;

/**
 * A foreign TLS server that vouches for itself: its certificate is signed by itself, was made a few weeks ago, and the
 * client asked for no name. Control servers of Emotet, Dridex, Trickbot, Qakbot and of most tools look so; names that
 * tools give their certificates are enough by themselves.
 */
export const ownCertificate = defineRule<typeof limits, Row>({
  name: "own_certificate",
  doc: "A host talks TLS with a foreign server that has a fresh certificate of its own making, or that of a tool of remote control.",
  blindTo:
    "TLS 1.3, which encrypts certificates; servers with a certificate of an authority, which costs nothing; older ones; remote desktops, which sign theirs themselves. A new server of one's own that is reached by its address, and some appliances and games, look the same.",
  attackTechnique: "T1071.001",
  severity: "medium",
  limits,
  tables: ["flows", "certificates", "tls"],
  startsFrom: {certificates: "shown_by = 'server'"},
  judgesOpen: true,
  countedFlows: "f.service = 'tls'",
  query: (scope, {age}) => `
    SELECT * FROM (SELECT c.capture_sha256, CAST(c.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, f.ts_start, f.ts_end, coalesce(c.subject, '') AS subject,
        (${scope.dialect.epochMs("c.ts")} - ${scope.dialect.epochMs("c.not_before")}) / 86400000e0 AS age_days, CASE WHEN ${isTool} THEN 1 ELSE 0 END AS is_tool,
        CASE WHEN ${isOwn} AND f.service = 'tls' AND f.dst_port <> 3389 AND (t.server_name IS NULL OR coalesce(regexp_extract(t.server_name, '^[0-9.]+$'), '') <> '') THEN 1 ELSE 0 END AS is_own,
        CASE WHEN ${isOwn} AND t.server_name LIKE '%.%' AND ${isProposed} THEN 1 ELSE 0 END AS is_default,
        CASE WHEN f.dst_port NOT IN (${usualPorts.join(", ")}) THEN 1 ELSE 0 END AS is_odd,
        CASE WHEN f.dns_name IS NULL AND f.dst_port NOT IN (${peerPorts.join(", ")}) AND lower(coalesce(c.subject, '')) NOT LIKE '%syncthing%' THEN 1 ELSE 0 END AS is_nameless
      FROM ${scope.rows("certificates")} c JOIN ${scope.rows("flows")} f ON c.flow_id = f.flow_id AND c.capture_sha256 = f.capture_sha256
        LEFT JOIN ${scope.rows("tls")} t ON t.flow_id = c.flow_id AND t.capture_sha256 = c.capture_sha256
      WHERE c.shown_by = 'server' AND c.position = 0 AND f.proto = 6) q
    WHERE is_tool = 1 OR is_default = 1 OR (is_own = 1 AND (age_days BETWEEN 0 AND ${age.value} OR (is_odd = 1 AND age_days >= 0 AND subject <> '') OR (is_nameless = 1 AND age_days >= 0)))`,
  incidents: (rows, {connections, several, pair, defaults, age, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const foreign = rows.filter(({src_ip, dst_ip, is_tool}) => is_tool === 1 || (isLocal(src_ip) && !isLocal(dst_ip)));
    const hasSeveral = ({capture_sha256, src_ip}: Row) => {
      const found = foreign.filter(
        (row) => row.is_own === 1 && row.capture_sha256 === capture_sha256 && row.src_ip === src_ip
      );
      const odd = found.filter(({is_odd}) => is_odd === 1);
      const nameless = found.filter(({is_nameless}) => is_nameless === 1);
      const least = (values: readonly string[], limit: Limit = several) => new Set(values).size >= limit.value;
      return (
        (least(odd.map(({subject}) => subject)) && least(odd.map(({dst_ip}) => dst_ip))) ||
        least(nameless.map(({dst_ip}) => dst_ip)) ||
        (nameless.some(({is_odd}) => is_odd === 1) &&
          least(
            nameless.map(({dst_ip}) => dst_ip),
            pair
          ) &&
          least(
            nameless.map(({subject}) => subject),
            pair
          ))
      );
    };
    const hasDefaults = ({is_default, capture_sha256, src_ip}: Row) =>
      is_default === 1 &&
      foreign.filter((row) => row.is_default === 1 && row.capture_sha256 === capture_sha256 && row.src_ip === src_ip)
        .length >= defaults.value;
    return together(
      foreign.filter(
        (row) =>
          row.is_tool === 1 || hasDefaults(row) || (row.is_own === 1 && (row.age_days <= age.value || hasSeveral(row)))
      ),
      (row) => `${row.capture_sha256} ${row.src_ip}`,
      gap.value * 1e6
    ).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const tool = group.find(({is_tool}) => is_tool === 1);
      const youngest = group.reduce((a, b) => (b.age_days < a.age_days ? b : a));
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: new Set(group.map((row) => row.flow_id)).size,
        severity: tool ? "high" : "medium",
        summary: `${src_ip} talked TLS with ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "server")}, whose certificate ${tool ? "is one of a tool of remote control" : `it signed itself${youngest.age_days > age.value ? "" : " a short time ago"}`} (${(tool ?? youngest).subject.slice(0, 80)}).`,
        reasons: [
          atLeast("connections to such a server", new Set(group.map((row) => row.flow_id)).size, connections),
          tool || youngest.age_days > age.value
            ? fact("age of the certificate", youngest.age_days, "days")
            : atMost("age of the certificate", youngest.age_days, age),
          fact("subject", (tool ?? youngest).subject.slice(0, 120))
        ]
      };
    });
  }
});
