import {inNetworks} from "./addresses.ts";
import {httpRequests, isBareHost, isLoginPath} from "./http-requests.ts";
import {common, extent, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = OneFlowRow & {
  uri: string;
  length: number;
  host: string;
  sign: Sign;
};

const limits = {
  requests: {value: 1, unit: "requests", doc: "Requests that only a tool of remote control makes"},
  stage: {
    value: 50_000,
    unit: "bytes",
    doc: "Answer to a request whose path has the checksum of a stager (Metasploit, Cobalt Strike), at least"
  },
  polls: {
    value: 20,
    unit: "requests",
    doc: "Requests by what calls itself a browser, from no page, for one long random path of an address without a name"
  },
  missing: {
    value: 4,
    unit: "requests",
    doc: "Forms and binary posts to the root of one foreign server, not from one of its pages, each of which it says it has not"
  },
  reports: {
    value: 5,
    unit: "requests",
    doc: "Posts to a foreign address without a name, from no page, by what calls itself a browser or nothing: so many are reports"
  },
  strangers: {
    value: 8,
    unit: "requests",
    doc: "The same where the client's address is not known to be local: to one path, without haste"
  },
  haste: {value: 2, unit: "s", doc: "Then: least mean pause between them; scanners and forms are faster"},
  document: {
    value: 50_000,
    unit: "bytes",
    doc: "Length of a SOAP document posted to the root of a foreign address without a name by what says no name; devices ask for less"
  },
  untyped: {
    value: 2,
    unit: "requests",
    doc: "Posts of one client to scripts, from no page, whose content has no type, by what calls itself a browser or nothing"
  },
  untyped_length: {value: 40, unit: "bytes", doc: "Least length of each of them"},
  posts: {
    value: 3,
    unit: "requests",
    doc: "Binary posts to a script, from no page, by what calls itself a browser: so many are reports"
  },
  forms: {
    value: 6,
    unit: "requests",
    doc: "Forms posted to one script, from no page and without haste, by what calls itself a browser: so many are reports"
  },
  domains: {
    value: 6,
    unit: "domains",
    doc: "Different domains that one client asks for the same path with a query, from no page and without a program's name"
  },
  gap: {value: 3600, unit: "s", doc: "Requests so close together are one incident"}
} as const;

/** A condition: the body is not of a protocol that posts by itself: SOAP (devices and their managers), printing, certificates' status, DNS, streams. */
const isNoProtocol = [
  "text/xml",
  "application/soap",
  "application/ipp",
  "application/ocsp",
  "application/dns-",
  "application/x-fcs",
  "application/grpc",
  "application/x-rtsp"
]
  .map((type) => `request_type NOT LIKE '${type}%'`)
  .join(" AND ");

/** What a request shows; the first that fits counts. `when` is a condition on a row of httpRequests. */
const signs = {
  netsupport: {name: "NetSupport Manager's client", when: "agent LIKE 'netsupport manager/%'"},
  loki: {name: "LokiBot's client", when: "agent LIKE '%(charon; inferno)%'"},
  beacon: {name: "Cobalt Strike's default post", when: matches("^/submit[.]php[?]id=[0-9]+$", "method = 'POST'")},
  empire: {
    name: "Empire's default requests",
    when: matches(
      "^/(admin/get|news|login/process)[.]php$",
      "referer = '' AND agent = 'mozilla/5.0 (windows nt 6.1; wow64; trident/7.0; rv:11.0) like gecko'"
    )
  },
  gate: {
    name: "a post to a bot's gate",
    when: matches("/(gate|fre|panel/tasks|bot/gate|gate/log)[.]php$", "method = 'POST' AND referer = ''")
  },
  images: {
    name: "Ursnif's coded pictures",
    when: matches(
      "^/images/[A-Za-z0-9_/]*_2[BF][A-Za-z0-9_/]*_2[BF][A-Za-z0-9_/]*[.](avi|bmp|gif|jpe?g)$",
      "referer = ''"
    )
  },
  stager: {
    name: "a stager's request",
    when: `${matches("^/[A-Za-z0-9_-]{4}$", "method = 'GET' AND status = 200 AND content_type NOT LIKE 'text/%'")} OR ${matches("^/[A-Za-z0-9_-]{5,255}$", `method = 'GET' AND status = 200 AND content_type = 'application/octet-stream' AND referer = '' AND ${isBareHost("host")}`)}`
  },
  poll: {
    name: "the same long random path again and again",
    when: matches(
      "^/[A-Za-z0-9_-]{24,255}/?$",
      `method = 'GET' AND status = 200 AND referer = '' AND agent LIKE 'mozilla/%' AND content_type = 'application/octet-stream' AND ${isBareHost("host")}`
    )
  },
  missing: {
    name: "posts to a root that the server says it has not",
    when: "method = 'POST' AND status = 404 AND uri = '/' AND host <> '' AND referer NOT LIKE '%//' || host || '/%' AND agent LIKE 'mozilla/%' AND (request_type LIKE 'application/x-www-form-urlencoded%' OR request_type LIKE 'application/octet-stream%')"
  },
  soap: {
    name: "a long document to an address without a name, by SOAP (RedLine)",
    when: `method = 'POST' AND agent = '' AND uri = '/' AND request_type LIKE 'text/xml%' AND request_length >= ${limits.document.value} AND ${isBareHost("host")}`
  },
  gzip: {
    name: "a packed file for a root, to what says no name (IcedID)",
    when: `method = 'GET' AND agent = '' AND referer = '' AND uri = '/' AND status = 200 AND content_type LIKE 'application/gzip%' AND length >= ${limits.stage.value}`
  },
  packed: {
    name: "a nameless file for a browser of the past (GuLoader)",
    when: matches(
      "^/[^?]*[.]bin$",
      `method = 'GET' AND referer = '' AND status = 200 AND agent LIKE '%trident/7.0; rv:11.0) like gecko' AND content_type = 'application/octet-stream' AND length >= ${limits.stage.value}`
    )
  },
  untyped: {
    name: "posts to a script whose content has no type",
    when: matches(
      "[.](php|jspx?|aspx?|ashx)$",
      `method = 'POST' AND status = 200 AND referer = '' AND request_type = '' AND request_length >= ${limits.untyped_length.value} AND (agent LIKE 'mozilla/%' OR agent = '')`
    )
  },
  nobody: {
    name: "posts to a script by what calls itself a browser of no kind",
    when: matches("[.]php$", "method = 'POST' AND referer = '' AND agent = 'mozilla/4.0'")
  },
  binary: {
    name: "binary posts from no page",
    when: matches(
      "[.](php|jspx?|aspx?|ashx)$",
      "method = 'POST' AND referer = '' AND agent LIKE 'mozilla/%' AND request_type LIKE 'application/octet-stream%'"
    )
  },
  report: {
    name: "posts to an address without a name",
    when: `method = 'POST' AND status IS NOT NULL AND referer = '' AND (agent = '' OR agent LIKE 'mozilla/%') AND ${isBareHost("host")} AND NOT ${isLoginPath("uri")} AND ${isNoProtocol}`
  },
  form: {
    name: "forms posted from no page",
    when: matches(
      "[.]php([?]|$)",
      `method = 'POST' AND status IS NOT NULL AND referer = '' AND agent LIKE 'mozilla/%' AND request_type LIKE 'application/x-www-form-urlencoded%' AND NOT ${isLoginPath("uri")}`
    )
  },
  profile: {
    name: "what a host says of itself in an address",
    when: `method = 'GET' AND referer = '' AND ${["(hwid|bot_?id|machine_?id|antivirus|av)", "(os|win|windows|ver|version|osver)", "(pc|pcname|comp|computer|computer_?name|user|username|un|host|hostname|uname)"].map((key) => `coalesce(regexp_extract(lower(uri), '[?&]${key}='), '') <> ''`).join(" AND ")}`
  },
  pingback: {
    name: "questions for xmlrpc.php, which answers none, of several domains (GootLoader)",
    when: "method = 'GET' AND referer = '' AND uri = '/xmlrpc.php' AND agent LIKE 'mozilla/%' AND host <> ''"
  },
  spread: {
    name: "the same path of many domains",
    when: matches("^/[a-z0-9]{2,8}/[?].{20,}", "method = 'GET' AND referer = '' AND agent = '' AND host <> ''")
  }
} as const;
type Sign = keyof typeof signs;

function matches(pattern: string, also: string): string {
  return `${also} AND coalesce(regexp_extract(uri, '${pattern}'), '') <> ''`;
}

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
  tables: ["flows", "http"],
  startsFrom: {http: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, uri, host, length, sign
    FROM (SELECT q.*, CASE ${Object.entries(signs)
      .map(([name, {when}]) => `WHEN ${when} THEN '${name}'`)
      .join(" ")} END AS sign FROM ${httpRequests(scope)} q) r WHERE sign IS NOT NULL`,
  incidents: (
    rows,
    {reports, strangers, posts, forms, domains, polls, missing, untyped, requests, gap},
    {localNets}
  ) => {
    const isLocal = inNetworks(localNets);
    return together(
      rows.filter((row) => row.sign !== "stager" || isStager(row)),
      (row) => `${row.capture_sha256} ${row.src_ip} ${row.sign}`,
      gap.value * 1e6
    )
      .filter(([first, ...rest]) => {
        const {sign, dst_ip, src_ip} = first;
        if (sign === "report" && !isLocal(src_ip))
          return !isLocal(dst_ip) && isSteady([first, ...rest], strangers.value);
        if (sign === "report") return !isLocal(dst_ip) && rest.length + 1 >= reports.value;
        if (sign === "poll")
          return (
            common([first, ...rest].map((row) => `${row.dst_ip} ${row.uri}`)) !== null && rest.length + 1 >= polls.value
          );
        if (sign === "missing")
          return (
            !isLocal(dst_ip) &&
            common([first, ...rest].map((row) => row.host)) !== null &&
            rest.length + 1 >= missing.value
          );
        if (sign === "form") return !isLocal(dst_ip) && isSteady([first, ...rest], forms.value);
        if (sign === "profile") return !isLocal(dst_ip);
        if (sign === "pingback") return new Set([first, ...rest].map(({host}) => host)).size >= domains.value;
        if (sign === "spread")
          return (
            common([first, ...rest].map(({uri}) => uri.split("?")[0])) !== null &&
            new Set([first, ...rest].map(({host}) => host)).size >= domains.value
          );
        if (sign === "soap" || sign === "packed") return !isLocal(dst_ip);
        if (sign === "untyped") return !isLocal(dst_ip) && rest.length + 1 >= untyped.value;
        if (sign === "nobody") return !isLocal(dst_ip) && rest.length + 1 >= posts.value;
        return sign !== "binary" || rest.length + 1 >= posts.value;
      })
      .map((group) => {
        const [{capture_sha256, src_ip, sign, uri}] = group;
        const server = common(group.map((row) => row.dst_ip));
        const time = extent(group);
        const usual = {
          poll: polls,
          missing,
          binary: posts,
          form: forms,
          spread: domains,
          pingback: domains,
          report: isLocal(src_ip) ? reports : strangers
        };
        const limit = sign in usual ? usual[sign as keyof typeof usual] : requests;
        return {
          capture_sha256,
          ...time,
          src_ip,
          dst_ip: server,
          dst_port: common(group.map((row) => row.dst_port)),
          flows: new Set(group.map((row) => row.flow_id)).size,
          summary: `${src_ip} sent ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "web server")} ${counted(group.length, "request")} in ${span(time.ts_end - time.ts_start)} as programs of remote control do: ${signs[sign].name}.`,
          reasons: [atLeast(signs[sign].name, group.length, limit), fact("the first one", uri.slice(0, 120))]
        };
      });
  },
  yieldsTo: (incident, other) =>
    other.rule === "web_upload" && other.src_ip === incident.src_ip && other.dst_ip === incident.dst_ip
});
