import {inNetworks} from "./addresses.ts";
import {httpRequests} from "./http-requests.ts";
import {common, extent, together} from "./merge.ts";
import {defineRule, type OneFlowRow, type Reason} from "./rule.ts";
import {limits, type Sign, signs} from "./web-control-signs.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = OneFlowRow & {
  uri: string;
  length: number;
  host: string;
  sign: Sign;
};

/** Sums of a stager's path, modulo 256, by which Metasploit's and Cobalt Strike's servers choose what to send. */
const stagerSums = new Set([92, 93, 80, 88, 98]);

function isStager({uri, length}: Row): boolean {
  const sum = [...uri.slice(1)].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return stagerSums.has(sum % 256) && length >= limits.stage.value;
}

/** So many posts of one client to one page of one server, one now and then. */
function isSteady(posts: readonly Row[], least: number): boolean {
  const {ts_start, ts_end} = extent(posts);
  const page = common(posts.map(({dst_ip, uri}) => `${dst_ip} ${uri.split("?")[0]}`));
  const {haste} = limits;
  return page !== null && posts.length >= least && ts_end - ts_start >= haste.value * 1e6 * (posts.length - 1);
}

/** Limits of signs that one request is not enough for. */
const least: Partial<Record<Sign, (typeof limits)[keyof typeof limits]>> = {
  poll: limits.polls,
  missing: limits.missing,
  untyped: limits.untyped,
  nobody: limits.posts,
  binary: limits.posts,
  coded: limits.posts,
  parcel: limits.parcels,
  script: limits.scripts,
  sealed: limits.sealed,
  loop: limits.loops,
  report: limits.reports,
  form: limits.forms,
  pingback: limits.domains,
  itself: limits.own_paths,
  spread: limits.domains
};

/** Signs that count at foreign servers alone. */
const outward: ReadonlySet<Sign> = new Set([
  "missing",
  "form",
  "profile",
  "profile_body",
  "soap",
  "packed",
  "bland",
  "coded",
  "untyped",
  "nobody",
  "dropbox",
  "parcel",
  "socket",
  "script"
]);

/** Signs whose requests count by server, and by page but for coded ones. */
const ofOnePage: ReadonlySet<Sign> = new Set(["poll", "loop", "sealed", "coded"]);

/** Signs of which domains count, not requests. */
const ofDomains: ReadonlySet<Sign> = new Set(["pingback", "itself", "spread"]);

/** Whether these requests of one client with one sign are enough to tell. */
function isEnough(group: readonly Row[], isLocal: (address: string) => boolean): boolean {
  const [{sign, src_ip, dst_ip}] = group;
  if (outward.has(sign) && isLocal(dst_ip)) return false;
  switch (sign) {
    case "report":
      if (isLocal(dst_ip)) return false;
      return isLocal(src_ip) ? group.length >= limits.reports.value : isSteady(group, limits.strangers.value);
    case "form":
      return isSteady(group, limits.forms.value) || hostsOf(group) >= limits.scattered.value;
    case "missing":
      return common(group.map(({host}) => host)) !== null && isMany(group.length, sign);
    case "parcel":
    case "script":
    case "dropbox":
    case "socket":
    case "coded":
    case "profile_body":
      return isLocal(src_ip) && isMany(group.length, sign);
    case "pingback":
      return isMany(hostsOf(group), sign);
    case "itself":
    case "spread":
      return common(group.map(({uri}) => uri.split("?")[0])) !== null && isMany(hostsOf(group), sign);
  }
  return isMany(group.length, sign);
}

function isMany(count: number, sign: Sign): boolean {
  return count >= (least[sign]?.value ?? limits.requests.value);
}

const hostsOf = (group: readonly Row[]) => new Set(group.map(({host}) => host)).size;

/** The figure by which a group is enough: domains or servers where these count, else requests. */
function deciding(group: readonly Row[], isFromInside: boolean): Reason {
  const [{sign}] = group;
  const {name} = signs[sign];
  if (sign === "form" && !isSteady(group, limits.forms.value)) return atLeast(name, hostsOf(group), limits.scattered);
  if (ofDomains.has(sign)) return atLeast(name, hostsOf(group), least[sign]!);
  return atLeast(
    name,
    group.length,
    sign === "report" && !isFromInside ? limits.strangers : (least[sign] ?? limits.requests)
  );
}

/**
 * Remote control over HTTP: requests as tools make them that were left at their defaults, and reports of malware in
 * general, which posts from no page: to an address without a name, binary data or forms to a script; or asks many domains for one path.
 */
export const webControl = defineRule<typeof limits, Row>({
  name: "web_control",
  doc: "A host reports over HTTP as programs of remote control and malware do.",
  blindTo:
    "Control within TLS; tools whose requests were changed; reports by GET to one server by its name, to a page of log-in, or rarer than the limits. Devices and programs that post to an address without a name, or forms to a script again and again, and call themselves a browser look the same.",
  attackTechnique: "T1071.001",
  severity: "medium",
  limits,
  tables: ["flows", "http", "files"],
  startsFrom: {http: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, uri, host, length, sign
    FROM (SELECT q.*, CASE ${Object.entries(signs)
      .map(([name, {when}]) => (when === null ? "" : `WHEN ${when} THEN '${name}'`))
      .join(" ")} END AS sign FROM ${httpRequests(scope)} q) r WHERE sign IS NOT NULL
    UNION ALL
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR), f.src_ip, f.dst_ip, f.dst_port, x.ts, x.ts, '/' || coalesce(x.name, ''), '', 0, CASE x.attack_sign WHEN 'profile' THEN 'profile_body' ELSE 'sealed' END
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON f.flow_id = x.flow_id AND f.capture_sha256 = x.capture_sha256
    WHERE x.attack_sign IN ('profile', 'sealed') AND x.sent_by = 'originator' AND x.protocol = 'http'
      AND NOT EXISTS (SELECT 1 FROM ${scope.rows("http")} h WHERE h.capture_sha256 = x.capture_sha256 AND h.flow_id = x.flow_id AND h.referer IS NOT NULL)`,
  incidents: (rows, {gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return together(
      rows.filter((row) => row.sign !== "stager" || isStager(row)),
      (row) =>
        `${row.capture_sha256} ${row.src_ip} ${row.sign} ${ofOnePage.has(row.sign) ? `${row.dst_ip} ${row.sign === "sealed" || row.sign === "coded" ? "" : row.uri}` : ""}`,
      gap.value * 1e6
    )
      .filter((group) => isEnough(group, isLocal))
      .map((group) => {
        const [{capture_sha256, src_ip, sign, uri}] = group;
        const server = common(group.map((row) => row.dst_ip));
        const time = extent(group);
        return {
          capture_sha256,
          ...time,
          src_ip,
          dst_ip: server,
          dst_port: common(group.map((row) => row.dst_port)),
          flows: new Set(group.map((row) => row.flow_id)).size,
          summary: `${src_ip} sent ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "web server")} ${counted(group.length, "request")} in ${span(time.ts_end - time.ts_start)} as programs of remote control do: ${signs[sign].name}.`,
          reasons: [deciding(group, isLocal(src_ip)), fact("the first one", uri.slice(0, 120))]
        };
      });
  },
  yieldsTo: (incident, other) =>
    other.rule === "web_upload" && other.src_ip === incident.src_ip && other.dst_ip === incident.dst_ip
});
