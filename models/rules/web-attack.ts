import type {Severity} from "../../schema/incidents.ts";
import {common, extent, together, total} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = OneFlowRow & {
  status: number | null;
  method: Method;
  /** The request's target, decoded as far as the patterns need it. */
  target: string;
  /** Words somebody searches for, on a page of the same server. */
  is_search: number;
};

const limits = {
  requests: {value: 1, unit: "requests", doc: "Requests of one client whose target, headers or body carry an attack"},
  many: {
    value: 3,
    unit: "requests",
    doc: "From so many on, or from the first injection, known hole, web shell, Shellshock or Log4Shell, the severity is medium; single path traversals and scripts are noise of the Internet"
  },
  searches: {
    value: 10,
    unit: "requests",
    doc: "Requests that all search for such words from a page of the same server are information below this: people look up what attacks consist of"
  },
  gap: {value: 600, unit: "s", doc: "Requests so close together are one incident"}
} as const;

/** What an attack is told by, in the target (decoded, lower case) or in a header. */
const methods = {
  sql: {
    name: "SQL injection",
    target:
      "union[ /*]+(all[ /*]+)?select[ /*(]|['\\\")] *(or|and) +['\\\"(]?[0-9a-z]+['\\\"]? *= *['\\\"]?[0-9a-z]+|information_schema[.]|(sleep|benchmark|waitfor +delay|extractvalue|updatexml|load_file) *[(]? *['\\\"0-9].*(--|#|[)])|; *(drop|insert|update|delete) +(table|into|from)|xp_cmdshell"
  },
  traversal: {
    name: "path traversal",
    target: "([.][.]/){3,}|[.][.]/.*(etc/(passwd|shadow)|win[.]ini|boot[.]ini|windows/system32)|/etc/(passwd|shadow)"
  },
  script: {
    name: "cross-site scripting",
    target: "<script|javascript:[a-z]+[(]|onerror *= *[a-z]+[(]|<svg[ /]+onload"
  },
  command: {
    name: "command injection",
    target:
      "cmd[.]exe|/dev/tcp/|(;|[|]|`|&|[$][(]|=) *(nohup |python[0-9.]* -c|perl -[a-z]*e|ruby -[a-z]*e|php -r|bash -[ic]|rm -rf|chmod [0-7+]|certutil |mshta http)|(;|[|]|`|[$][(]) *((wget|curl|nc|bash|sh|cat|id|uname|ping|powershell)( |[+$)`;]|$)|cd /(var/)?tmp)|/bin/(ba)?sh( |$)|allow_url_include|auto_prepend_file|php://(input|filter)"
  },
  shellshock: {name: "Shellshock", target: "[(][)] *[{] *:?;? *[}]?;"},
  ognl: {
    name: "expression injection (Struts, Confluence, Spring)",
    target:
      "#_memberaccess|ognl[.]ognlcontext|[%$][{][(]?#|[%$][{].*getruntime|class[.]module[.]classloader|t[(]java[.]lang[.]runtime"
  },
  template: {
    name: "an expression for a template",
    target:
      "[{][{][^}]*([0-9] *[*] *[0-9]|__[a-z]+__|[.]popen|[.]constructor)|[#$][{] *[0-9]+ *[*] *[0-9]+ *[}]|__globals__|__subclasses__|freemarker[.]template[.]utility"
  },
  exploit: {
    name: "a known hole",
    target:
      "/eval-stdin[.]php|think/app/invokefunction|invokefunction&function=call_user_func|todo=syscmd|/shell[?]cd |/gponform/diag_form|/picsdesc[.]xml|/ctrlt/deviceupgrade|/wls-wsat/coordinatorporttype|/_async/asyncresponseservice|/vpns?/[.][.]/|/tmui/login[.]jsp/[.][.];|/invoker/jmxinvokerservlet|/autodiscover/autodiscover[.]json[?]@|/actuator/gateway/routes/|country=[$][(]|/(tm|hnd)unblock[.]cgi|/cloudsetup[.]cgi[?]exefile=|/[^ ?]*[.]id[aq][?](n{50}|x{50})|/scripts/root[.]exe|/search[.]cgi[?]action=cgi_query.*(;|`|[$][(])|/login[.]cgi[?]cli=|/board[.]cgi[?]cmd=|/language/swedish[$][{]ifs|/_ignition/execute-solution|/fgt_lang[?]lang=/[.][.]|element_parents=account/mail/|[[]#(post_render|markup|lazy_builder)[]]|/;/(web|meta)-inf/|/mifs/[.];/|/aspnet_client/[^ ?]*[.]aspx|/solr/[^ ]*wt=velocity|/totp/user-backup-code/[.][.]/|/_layouts/[0-9/]*toolpane[.]aspx[^ ]*/toolpane[.]aspx|action=(revslider_show_image|duplicator_download)[^ ]*[.][.]/|/webtools/control/.*username=&|/cgi-bin/[^ ]*(;|`)(wget|curl|cd|sh)|/moveitisapi/moveitisapi[.]dll[?]action=m2|/setupwizard[.]aspx/|/[.][.];/|/hax/[.][.]cfide|/cfide/[^ ]*[.][.]/|/ecp/[a-z][.]js$|/dana-na/[.][.]/|/geoserver/(wfs|ows|wms)[^ ]*exec[(]|/nacos/v1/cs/ops/derby|/service/extension/backup/mboximport|/remote_agent[.]php[^ ]*poller_id=[^&]*(;|[|]|`|[$])|/(goform|boaform)/[^ ]*(;|`|[$][(])|/apply[.]cgi[^ ]*(;|`|[$][(])|/setup[.]cgi[?]next_file=[^ ]*cmd=|/account_mgr[.]cgi[?]cmd=cgi_user_add[^ ]*(;|`)|/nas_sharing[.]cgi[?]user=messagebus|/jmx-console/htmladaptor[?]action=|/vendor/phpunit/|/connector[.]minimal[.]php|/mgmt/tm/util/bash|/webui/logoutconfirm[.]html[?]logon_hash=|/webui_wsma_http|/[+]cscot[+]/translation-table[^ ]*textdomain=|/ui/vropspluginui/rest/services/uploadova|/analytics/telemetry/ph/api/|/ztp/cgi-bin/handler|/developmentserver/metadatauploader|/console/(images|css)/%25|/console/(images|css)/[.][.]/|/[.]/restapi/|/telerik[.]web[.]ui[.]webresource[.]axd[?]type=rau|/pages/createpage-entervariables[.]action|/server-info[.]action[?]bootstrapstatusprovider|/cgi-bin/kerbynet[?]|/dvr/cmd$|/device[.]rsp[?]opt=sys&cmd=|/spywall/[a-z]*[.]php|/usbinteract[.]cgi|/[.];/|;[.](jsp|css|js|png|gif|ico|html?)([?&]|$)|/wanipcn[.]xml|/webadmin/script[?]command="
  },
  webshell: {
    name: "a web shell",
    target:
      "/(c99|r57|b374k|wso|webshell|cmdasp|antsword|behinder|godzilla)[0-9_-]*[.](php|jspx?|aspx?)([?]|$)|[?&]cmd=connect&target=[^&]+&port=[0-9]|[?&](cmd|exec|command|execute)=(whoami|id|uname|net (user|view|localgroup|group)|dir|ls|cat /|ipconfig|ifconfig|systeminfo|netstat|pwd|ps |tasklist|type c:|powershell|cmd )(&|$| |/)"
  },
  log4j: {name: "Log4Shell", target: "[$][{]jndi:|[$][{](lower|upper|::-)"},
  xxe: {name: "an external entity (XXE)", target: "<!entity [^>]* system "},
  deserialization: {
    name: "an object that runs a command when it is read",
    target: "ro0abxny|java[.]lang[.]processbuilder|annotationinvocationhandler"
  },
  control: {
    name: "a command to an open container engine, cluster, notebook or build server",
    target:
      "^post (/v[0-9.]+)?/(containers/(create|[^/ ]+/exec)|exec/[^/ ]+/start)([?]|$)|^post /ws/v1/cluster/apps([?]|$)|^post /script(text)?/?([?]|$)|^post /(run|exec)/[^/ ]+/[^/ ]+/[^/ ?]+([?]|$)|^post /v1/submissions/create([?]|$)|^post /api/(terminals|kernels)([?]|$)|^(get|post) /terminals/websocket/|^put /v1/agent/(service|check)/register([?]|$)|^(post|put) /v1/jobs([?]|$)|^post /jars/[^/ ]+/run([?]|$)|^post /jars/upload([?]|$)"
  }
} as const;

type Method = keyof typeof methods;
/** Kinds that the Internet's noise has, too; of a request that shows one beside another kind the other is told. */
const noise: ReadonlySet<Method> = new Set(["traversal", "script"]);
const names = (Object.keys(methods) as Method[]).sort((a, b) => Number(noise.has(a)) - Number(noise.has(b)));

/** A target with the escapes that attacks need undone, in lower case. */
const decoded = (column: string) =>
  [
    ["+", " "],
    ["%20", " "],
    ["%27", "''"],
    ["%22", '"'],
    ["%28", "("],
    ["%29", ")"],
    ["%2e", "."],
    ["%2f", "/"],
    ["%5c", "/"],
    ["%3b", ";"],
    ["%3c", "<"],
    ["%3d", "="],
    ["%3e", ">"],
    ["%3f", "?"],
    ["%23", "#"],
    ["%5b", "["],
    ["%5d", "]"],
    ["%24", "$"],
    ["%3a", ":"],
    ["%5f", "_"],
    ["%60", "`"],
    ["%7b", "{"],
    ["%7c", "|"],
    ["%7d", "}"],
    ["%2a", "*"],
    ["%2b", " "],
    ["%2c", ","],
    ["%252e", "."],
    ["%252f", "/"],
    ["%25{", "%{"],
    ["\\", "/"]
  ].reduce((sql, [from, to]) => `replace(${sql}, '${from}', '${to}')`, `lower(coalesce(${column}, ''))`);

/** Headers that applications write to logs or evaluate, together. */
const headers =
  "(coalesce(h.user_agent, '') || ' ' || coalesce(h.referer, '') || ' ' || coalesce(h.forwarded_for, '') || ' ' || coalesce(h.request_type, '') || ' ' || coalesce(h.host, '') || ' ' || coalesce(h.expression_header, ''))";

/** A condition: the request searches for words, and a page of the same server led to it, as a browser says. */
const isSearch =
  "(coalesce(regexp_extract(lower(h.uri), '^[^?]*[?]((lang|page|type|cat|sort)=[a-z0-9_-]*&)*(s|q|query|search|keywords?|term|wd)='), '') <> '' AND h.host IS NOT NULL AND h.referer LIKE ('%://' || h.host || '/%'))";

/** What programs that ship logs post to (Elasticsearch, Loki, Splunk, OpenTelemetry): requests that others sent stand in them. */
const logs = ["_bulk", "push", "collector", "gelf", "logs"];

/** A condition: the expression holds the attack. */
const carries = (expression: string, method: Method) =>
  `coalesce(regexp_extract(${expression}, '${methods[method].target.replaceAll("'", "''")}'), '') <> ''`;

/**
 * Attacks on web applications in what a request shows: SQL and command injection, path traversal, cross-site scripting,
 * Shellshock, Log4Shell. One request is enough to tell; whether it worked it cannot say.
 */
export const webAttack = defineRule<typeof limits, Row>({
  name: "web_attack",
  doc: "A client sends a web server a request that carries an attack, in its target, headers or body: injection, path traversal, Shellshock, Log4Shell, known holes, web shells.",
  blindTo:
    "Requests within TLS; bodies for what collects logs; words of the body that are not on the list, come after its first 960 bytes or are compressed; unusual encodings; whether it worked. Scanners of one's own, security courses, tickets and articles about attacks, applications that put SQL or markup in their addresses, and administrators who use a container engine or build server without TLS look the same.",
  attackTechnique: "T1190",
  severity: "medium",
  limits,
  tables: ["flows", "http", "files"],
  startsFrom: {http: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT * FROM (
      SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts AS ts_start, ts AS ts_end, status, substr(target, 1, 200) AS target, is_search,
        CASE ${names.map((name) => `WHEN ${carries(name === "control" ? "verb || ' ' || target" : "target", name)} OR ${carries("agent", name)} THEN '${name}'`).join(" ")} END AS method
      FROM (SELECT h.capture_sha256, h.flow_id, h.ts, f.src_ip, f.dst_ip, f.dst_port, h.status, lower(h.method) AS verb, ${decoded("h.uri")} AS target, CASE WHEN ${isSearch} THEN 1 ELSE 0 END AS is_search,
          CASE WHEN h.expression_header IS NOT NULL OR ${headers} LIKE '%{%' THEN lower(${headers}) ELSE '' END AS agent
        FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256 WHERE h.method IS NOT NULL) d) m
    WHERE method IS NOT NULL
    UNION ALL
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR), f.src_ip, f.dst_ip, f.dst_port, x.ts, x.ts, NULL, 'the body sent to ' || coalesce(x.name, '/'), 0, x.attack_sign
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256
    WHERE coalesce(x.name, '') NOT IN (${logs.map((name) => `'${name}'`).join(", ")}) AND x.attack_sign IN (${names.map((name) => `'${name}'`).join(", ")}) AND x.sent_by = 'originator' AND x.protocol = 'http'`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip, target}] = group;
      const kinds = [...new Set(group.map((row) => methods[row.method].name))].sort();
      const server = common(group.map((row) => row.dst_ip));
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: new Set(group.map((row) => row.flow_id)).size,
        severity: severityOf(group),
        summary: `${src_ip} sent ${server ?? counted(new Set(group.map((row) => row.dst_ip)).size, "web server")} ${counted(group.length, "request")} with ${kinds.join(" and ")} in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast("requests that carry an attack", group.length, limits.requests),
          fact("kinds", kinds.join(", ")),
          fact("the first one", target.slice(0, 120)),
          fact(
            "answered with success",
            total(group, ({status}) => (status !== null && status < 300 ? 1 : 0))
          )
        ]
      };
    })
});

function severityOf(group: readonly Row[]): Severity {
  if (group.length < limits.searches.value && group.every(({is_search}) => is_search === 1)) return "info";
  return group.length >= limits.many.value || group.some(({method}) => !noise.has(method)) ? "medium" : "low";
}
