import {httpRequests} from "./http-requests.ts";
import {matches} from "./matches.ts";
import {common, extent, together, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  tool_requests: number;
  tool: string | null;
  methods: number;
  odd: number;
};

const limits = {
  tool_requests: {
    value: 3,
    unit: "requests",
    doc: "Requests to one web server by a program that says it is a scanner; a single one is noise of the Internet"
  },
  methods: {
    value: 5,
    unit: "methods",
    doc: "Different methods that one client tries at one web server, at least one of them no application's (TRACE, TRACK, DEBUG, made-up)"
  },
  odd: {value: 1, unit: "methods", doc: "Of them such methods"},
  gap: {value: 300, unit: "s", doc: "A session ends when nothing is asked for so long"}
} as const;

/** Programs that ask what a web server is and which holes it has, as their User-Agent header says; not those that guess paths. */
const tools =
  "nmap scripting engine|whatweb|nikto|zgrab|masscan|nuclei|openvas|nessus|acunetix|netsparker|qualys|wpscan|joomscan|arachni|wapiti|w3af|skipfish|httprint|wappalyzer|projectdiscovery|censysinspect|detectify|fimap|vega/|jaeles";

/** Registered methods that applications use: HTTP, WebDAV, calendars, UPnP, Exchange, RPC over HTTP, caches. */
const methods =
  "GET HEAD POST PUT DELETE CONNECT OPTIONS PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT ACL BIND UNBIND REBIND LINK UNLINK LABEL MERGE UPDATE CHECKIN CHECKOUT UNCHECKOUT VERSION-CONTROL BASELINE-CONTROL MKWORKSPACE MKACTIVITY MKCALENDAR MKREDIRECTREF ORDERPATCH UPDATEREDIRECTREF QUERY PRI SUBSCRIBE UNSUBSCRIBE NOTIFY M-SEARCH POLL BCOPY BMOVE BDELETE BPROPFIND BPROPPATCH X-MS-ENUMATTS RPC_IN_DATA RPC_OUT_DATA SSTP_DUPLEX_POST PURGE BAN"
    .split(" ")
    .map((method) => `'${method}'`)
    .join(", ");

const odd = `method NOT IN (${methods})`;

/** Fingerprinting of web servers: by a scanner that says its name, or by methods that no application uses. */
export const webFingerprint = defineRule<typeof limits, Row>({
  name: "web_fingerprint",
  doc: "A client finds out what a web server is: by a scanner that says its name, or by methods that no application uses.",
  blindTo:
    "Requests within TLS; scanners that call themselves a browser and ask by ordinary methods. Scanners of one's own, and services that watch the whole Internet, look the same.",
  attackTechnique: "T1595.002",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {http: `${odd} OR ${matches("lower(user_agent)", tools)}`},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope, {tool_requests, methods: least, odd: oddest, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, min(dst_port) AS dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(DISTINCT flow_id) AS flows,
      sum(CASE WHEN tool <> '' THEN 1 ELSE 0 END) AS tool_requests, max(tool) AS tool, count(DISTINCT method) AS methods,
      count(DISTINCT CASE WHEN ${odd} THEN method END) AS odd
    FROM ${sessions(
      scope.dialect,
      `(SELECT h.*, coalesce(regexp_extract(agent, '${tools}'), '') AS tool FROM ${httpRequests(scope)} h)`,
      ["capture_sha256", "src_ip", "dst_ip"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, session
    HAVING sum(CASE WHEN tool <> '' THEN 1 ELSE 0 END) >= ${tool_requests.value}
      OR (count(DISTINCT method) >= ${least.value} AND count(DISTINCT CASE WHEN ${odd} THEN method END) >= ${oddest.value})`,
  incidents: (rows, {gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const named = [...new Set(group.flatMap(({tool}) => tool || []))].sort();
      const most = group.reduce((a, b) => (b.methods > a.methods ? b : a));
      const time = extent(group);
      const requests = total(group, (row) => row.tool_requests);
      const byTool = requests >= limits.tool_requests.value;
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} examined ${server ?? counted(group.length, "web server")} in ${span(time.ts_end - time.ts_start)}${byTool ? `, with ${named.join(" and ")}` : `, by ${most.methods} methods`}.`,
        reasons: byTool
          ? [
              atLeast("requests of a scanner that says its name", requests, limits.tool_requests),
              fact("scanner", named.join(", "))
            ]
          : [
              atLeast("different methods", most.methods, limits.methods),
              atLeast("methods that no application uses", most.odd, limits.odd)
            ]
      };
    })
});
