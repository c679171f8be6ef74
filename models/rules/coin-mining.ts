import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  kind: "stratum" | "named" | "http";
  requests: number;
  agent: string | null;
};

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Connections by Stratum, which nothing but mining uses, or to a pool by its name"
  },
  requests: {
    value: 3,
    unit: "requests",
    doc: "HTTP requests by a miner's program, or posts to a path with a wallet's address (getwork)"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Beginnings of the User-Agent headers of miners' programs. */
const miners = [
  "bfgminer",
  "ccminer",
  "cgminer",
  "claymore",
  "cpuminer",
  "ethminer",
  "minerd",
  "nheqminer",
  "phoenixminer",
  "sgminer",
  "xmr-stak",
  "xmrig"
];

/** A condition: an HTTP request for work (getwork), by the program's name or the wallet in the path. */
const isGetwork = `(${miners.map((name) => `lower(h.user_agent) LIKE '${name}%'`).join(" OR ")}
  OR (h.method = 'POST' AND coalesce(regexp_extract(h.uri, '0x[0-9a-fA-F]{40}'), '') <> ''))`;

/** Domains of mining pools. */
const pools = [
  "nanopool.org",
  "minexmr.com",
  "supportxmr.com",
  "moneroocean.stream",
  "hashvault.pro",
  "herominers.com",
  "2miners.com",
  "ethermine.org",
  "flexpool.io",
  "f2pool.com",
  "nicehash.com",
  "unmineable.com",
  "c3pool.com",
  "xmrpool.eu",
  "monerohash.com",
  "kryptex.network",
  "woolypooly.com",
  "antpool.com",
  "viabtc.io",
  "suprnova.cc"
];
/** A condition: an answered connection to a pool by its name, at a port that its pages do not have. */
const isNamedPool = `f.proto = 6 AND f.dst_payload_bytes > 0 AND f.dst_port NOT IN (80, 443) AND (f.service IS NULL OR f.service = 'tls')
      AND (${pools.map((domain) => `lower(coalesce(f.server_name, f.dns_name, '')) LIKE '%.${domain}'`).join(" OR ")})`;

/** Coin mining: a host asks a pool for work, by Stratum (recognised by its calls, on any port), within TLS by the pool's name and port, or by getwork over HTTP. */
export const coinMining = defineRule<typeof limits, Row>({
  name: "coin_mining",
  doc: "A host mines coins: it asks a pool for work.",
  blindTo:
    "Pools within TLS that are not listed, or on port 443; proxies of one's own with another protocol; mining that began before the capture. Whoever mines by consent looks the same; a wallet's program that posts its address to an interface of a chain may.",
  attackTechnique: "T1496",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {http: "TRUE", flows: "service = 'stratum' OR server_name IS NOT NULL OR dns_name IS NOT NULL"},
  judgesOpen: true,
  countedFlows: "f.service IN ('stratum', 'http') OR f.server_name IS NOT NULL OR f.dns_name IS NOT NULL",
  query: (scope, {connections, requests}) => `
    SELECT capture_sha256, 'stratum' AS kind, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows, 0 AS requests, CAST(NULL AS VARCHAR) AS agent
    FROM ${scope.rows("flows")} f WHERE service = 'stratum'
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port HAVING count(*) >= ${connections.value}
    UNION ALL
    SELECT f.capture_sha256, 'named', f.src_ip, f.dst_ip, f.dst_port, min(f.ts_start), max(f.ts_end), count(*), 0, CAST(NULL AS VARCHAR)
    FROM ${scope.rows("flows")} f WHERE ${isNamedPool}
    GROUP BY f.capture_sha256, f.src_ip, f.dst_ip, f.dst_port HAVING count(*) >= ${connections.value}
    UNION ALL
    SELECT h.capture_sha256, 'http', f.src_ip, f.dst_ip, f.dst_port, min(h.ts), max(h.ts), count(DISTINCT h.flow_id), count(*), max(h.user_agent)
    FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256
    WHERE ${isGetwork}
    GROUP BY h.capture_sha256, f.src_ip, f.dst_ip, f.dst_port HAVING count(*) >= ${requests.value}`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const pool = common(group.map((row) => row.dst_ip));
      const port = common(group.map((row) => row.dst_port));
      const pools = new Set(group.map((row) => row.dst_ip)).size;
      const requests = total(group, (row) => row.requests);
      const stratum = total(
        group.filter(({kind}) => kind === "stratum"),
        (row) => row.flows
      );
      const named = total(
        group.filter(({kind}) => kind === "named"),
        (row) => row.flows
      );
      const agent = group.find((row) => row.agent !== null)?.agent ?? null;
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: pool,
        dst_port: port,
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} asked ${pool ?? counted(pools, "mining pool")}${port === null ? "" : ` port ${port}`} for work for ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          ...(stratum > 0 ? [atLeast("connections by Stratum", stratum, limits.connections)] : []),
          ...(named > 0 ? [atLeast("connections to a pool by its name", named, limits.connections)] : []),
          ...(requests > 0 ? [atLeast("requests for work over HTTP", requests, limits.requests)] : []),
          ...(agent !== null ? [fact("program", agent)] : []),
          fact("pools", pools)
        ]
      };
    })
});
