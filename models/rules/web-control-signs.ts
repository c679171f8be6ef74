import {isBareHost, isLoginPath, isScript} from "./http-requests.ts";

/** What tells control over HTTP: requests and posted bodies, and how many of them are enough. */

export const limits = {
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
  scripts: {
    value: 2,
    unit: "requests",
    doc: "Forms and files posted from no page to a script of a foreign address without a name; one is enough of what calls itself a browser of no kind"
  },
  parcels: {
    value: 2,
    unit: "requests",
    doc: "Posts with files (multipart/form-data) from no page to a foreign address without a name"
  },
  sealed: {
    value: 3,
    unit: "requests",
    doc: "Posts from no page to one server, each of a text in Base64 and hardly more"
  },
  loops: {value: 20, unit: "requests", doc: "Requests of PowerShell for one path of one server"},
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
  scattered: {
    value: 4,
    unit: "servers",
    doc: "Or: different foreign servers to whose scripts one client posts such forms: a loader tries one broken site after another"
  },
  own_paths: {
    value: 3,
    unit: "domains",
    doc: "Different domains at which one client posts forms to one short path with a digit, each as if from that path"
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

/** A condition: what calls itself a browser, and names none. */
const isNobody =
  "coalesce(regexp_extract(agent, '^mozilla/[45][.]0( [(](compatible|windows|x11|linux|macintosh)[^/)]*[)])?$'), '') <> '' AND agent NOT LIKE '%msie%'";

/** What bots and stealers call themselves, in lower case: no program of anybody else does. */
const botAgents = [
  "hello, world",
  "hello-world",
  "krebsonsecurity",
  "r00ts3c-owned-you",
  "b4ckdoor-owned-you",
  "snickers-avtech",
  "hakai/2.0",
  "gemini/2.0",
  "shinka/1.0",
  "tsunami/2.0",
  "liquor1.0",
  "messiah/2.0",
  "lmao/2.0",
  "solar/2.0",
  "yakuza/2.0",
  "rift/2.0",
  "damien/2.0",
  "kratos/2.0",
  "apep/2.0",
  "demon/2.0",
  "takemypainback",
  "geekingtothemoon",
  "mozzzzzzzzzzz",
  "rqwrwqrqwrqw",
  "qwrqrwrqwrqwr",
  "ayayayay1337",
  "ducktales",
  "b1d3n_rim_my_ass",
  "rc2.0/client"
];

/** What a request shows; the first that fits counts. `when` is a condition on a row of httpRequests; those without are told by bodies. */
export const signs = {
  netsupport: {name: "NetSupport Manager's client", when: "agent LIKE 'netsupport manager/%'"},
  loki: {name: "LokiBot's client", when: "agent LIKE '%(charon; inferno)%'"},
  bot: {
    name: "the name that a bot calls itself by, or that of its host",
    when: `agent IN (${botAgents.map((agent) => `'${agent}'`).join(", ")}) OR agent LIKE 'teslabrowser/%' OR coalesce(regexp_extract(agent, '::[a-z0-9_-]+_[0-9a-f]{8}::'), '') <> ''`
  },
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
    when: matches(
      "/(gate|fre|panel/tasks|bot/gate|gate/log)[.]php$|^/c2(sock|conf)$",
      "method = 'POST' AND referer = ''"
    )
  },
  images: {
    name: "Ursnif's coded pictures",
    when: matches(
      "^/images/([A-Za-z0-9_/]*_2[BF][A-Za-z0-9_/]*_2[BF][A-Za-z0-9_/]*|[A-Za-z0-9_/]{100,})[.](avi|bmp|gif|jpe?g)$",
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
  coded: {
    name: "questions that carry Base64, by what calls itself a browser of no kind or nothing",
    when: matches(
      "[?&][A-Za-z0-9_]{1,12}=[A-Za-z0-9+/]{60,}(%3D|=)*$",
      `method = 'GET' AND status IS NOT NULL AND referer = '' AND (agent = '' OR ${isNobody})`
    )
  },
  bland: {
    name: "a nameless file for what calls itself by a letter or two (GCleaner)",
    when: `method = 'GET' AND length(agent) BETWEEN 1 AND 2 AND status = 200 AND length >= ${limits.stage.value} AND ${isBareHost("host")}`
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
    when: `method = 'POST' AND referer = '' AND ${isNobody} AND ${isScript("uri")} AND NOT ${isBareHost("host")}`
  },
  dropbox: {
    name: "a post to a script of an address without a name, by what calls itself a browser of no kind",
    when: `method = 'POST' AND referer = '' AND ${isNobody} AND ${isScript("uri")} AND NOT ${isLoginPath("uri")} AND ${isBareHost("host")}`
  },
  parcel: {
    name: "files posted to an address without a name",
    when: `method = 'POST' AND status IS NOT NULL AND referer = '' AND request_type LIKE 'multipart/form-data%' AND ${isBareHost("host")}`
  },
  socket: {
    name: "a WebSocket of a program to an address without a name",
    when: `status = 101 AND referer = '' AND agent NOT LIKE 'mozilla/%' AND ${isBareHost("host")}`
  },
  loop: {
    name: "the same path asked again and again by PowerShell",
    when: "method = 'GET' AND status IS NOT NULL AND agent LIKE '%windowspowershell/%'"
  },
  binary: {
    name: "binary posts from no page",
    when: matches(
      "[.](php|jspx?|aspx?|ashx)$",
      "method = 'POST' AND referer = '' AND agent LIKE 'mozilla/%' AND request_type LIKE 'application/octet-stream%'"
    )
  },
  script: {
    name: "posts to a script of an address without a name",
    when: `method = 'POST' AND status IS NOT NULL AND referer = '' AND ${isScript("uri")} AND NOT ${isLoginPath("uri")} AND ${isNoProtocol} AND ${isBareHost("host")}`
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
  profile_body: {name: "what a host says of itself, its user and its system, in what it posts", when: null},
  sealed: {name: "posts of nothing but Base64", when: null},
  itself: {
    name: "forms for one path of several domains, as if from it (FormBook)",
    when: matches(
      "^/[a-z]*[0-9][a-z0-9]{0,6}/$",
      "method = 'POST' AND host <> '' AND lower(referer) = lower('http://' || host || uri)"
    )
  },
  spread: {
    name: "the same path of many domains",
    // By a browser's name (FormBook since XLoader) with what no browser leaves unescaped: Base64.
    when: `method = 'GET' AND referer = '' AND host <> '' AND ((${matches("^/[a-z0-9]{2,8}/[?].{20,}", "agent = ''")}) OR (${matches("^/[a-z0-9]{2,8}/[?][A-Za-z0-9_-]{2,12}=[A-Za-z0-9+/]{60,}={0,2}(&|$)", "agent LIKE 'mozilla/%'")}))`
  }
} as const;
export type Sign = keyof typeof signs;

function matches(pattern: string, also: string): string {
  return `${also} AND coalesce(regexp_extract(uri, '${pattern}'), '') <> ''`;
}
