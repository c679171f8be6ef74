import {httpRequests, isLoginPath, isScript} from "./http-requests.ts";
import {placeOfServices, togetherOutward, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = ServiceRow & {
  asked: string;
  way: string;
  sent: number;
};

const limits = {
  reports: {value: 1, unit: "connections", doc: "Connections that report, behind the question for the own address"},
  within: {value: 900, unit: "s", doc: "A report follows the question for the own address within so long"},
  sent: {value: 400, unit: "bytes", doc: "Sent by mail or to a bot, over a connection that reports, at least"},
  gap: {value: 3600, unit: "s", doc: "Reports so close together are one incident"}
} as const;

/** Services that tell who asks by which address of the Internet he comes. */
const askers = [
  "checkip.dyndns.org",
  "checkip.dyndns.com",
  "checkip.amazonaws.com",
  "api.ipify.org",
  "api64.ipify.org",
  "icanhazip.com",
  "ipv4.icanhazip.com",
  "ifconfig.me",
  "ifconfig.co",
  "ip-api.com",
  "ipinfo.io",
  "ipecho.net",
  "ident.me",
  "myexternalip.com",
  "api.myip.com",
  "wtfismyip.com",
  "whatismyipaddress.com",
  "bot.whatismyipaddress.com",
  "api.ip.sb",
  "ip.sb",
  "reallyfreegeoip.org",
  "freegeoip.app",
  "freegeoip.net",
  "www.geoplugin.net",
  "geoplugin.net",
  "showip.net",
  "eth0.me",
  "ip.anysrc.net",
  "ipwho.is",
  "ipapi.co"
];
const nameOf = (flow: string) => `lower(coalesce(${flow}.server_name, ${flow}.dns_name, ''))`;

/**
 * Keyloggers and stealers of passwords (Snake, Agent Tesla, MassLogger, WorldWind) ask by which address they come, then
 * send what they have: to a bot of Telegram, by mail with a password, by FTP, or to a script of a page that no page led to.
 * Browsers and mail programs ask nobody.
 */
export const addressReport = defineRule<typeof limits, Row>({
  name: "address_report",
  doc: "A host asks a service for its own address of the Internet, and then sends something to a bot of Telegram, by mail, by FTP or to a script of a page.",
  blindTo:
    "Reports to pages within TLS and by other services; hosts that ask nobody, or through a proxy; what is sent. A script that tells its owner the address by Telegram or mail, and a machine that keeps a dynamic name up to date and sends mails or backups, look the same.",
  attackTechnique: "T1048.003",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {
    flows: `service IN ('http', 'tls') AND lower(coalesce(server_name, dns_name, '')) IN (${askers.map((name) => `'${name}'`).join(", ")})`
  },
  judgesOpen: true,
  countedFlows: "f.service IN ('tls', 'smtp', 'ftp', 'http')",
  query: (scope, {within, sent}) => `
    WITH askers AS (
      SELECT capture_sha256, src_ip, ${scope.dialect.epochMs("a.ts_start")} AS at_ms, ${nameOf("a")} AS name
      FROM ${scope.rows("flows")} a
      WHERE a.service IN ('http', 'tls') AND a.dst_payload_bytes > 0 AND ${nameOf("a")} IN (${askers.map((name) => `'${name}'`).join(", ")})),
    posts AS (
      SELECT DISTINCT capture_sha256, flow_id FROM ${httpRequests(scope)} q
      WHERE method = 'POST' AND status = 200 AND referer = '' AND (agent = '' OR agent LIKE 'mozilla/%') AND content_type NOT LIKE 'application/json%' AND ${isScript("uri")} AND NOT ${isLoginPath("uri")}
        AND (request_type = '' OR request_type LIKE 'application/x-www-form-urlencoded%' OR request_type LIKE 'application/octet-stream%' OR request_type LIKE 'multipart/form-data%')),
    reports AS (
      SELECT capture_sha256, flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, ${scope.dialect.epochMs("r.ts_start")} AS at_ms, src_payload_bytes,
        CASE WHEN ${nameOf("r")} = 'api.telegram.org' THEN 'a bot of Telegram' WHEN r.service = 'ftp' THEN 'FTP' WHEN r.service = 'http' THEN 'a post to a script' ELSE 'mail' END AS way
      FROM ${scope.rows("flows")} r
      WHERE r.proto = 6 AND ((r.service = 'tls' AND ${nameOf("r")} = 'api.telegram.org') OR r.service = 'ftp' OR (r.service = 'http' AND r.flow_id IN (SELECT p.flow_id FROM posts p WHERE p.capture_sha256 = r.capture_sha256)) OR r.service = 'smtp' OR (r.service = 'tls' AND r.dst_port IN (465, 587)))
        AND r.dst_payload_bytes > 0 AND (r.src_payload_bytes >= ${sent.value} OR r.service IN ('ftp', 'http')))
    SELECT r.capture_sha256, r.src_ip, r.dst_ip, min(r.dst_port) AS dst_port, min(r.ts_start) AS ts_start, max(r.ts_end) AS ts_end, count(DISTINCT r.flow_id) AS flows,
      min(a.name) AS asked, min(r.way) AS way, sum(r.src_payload_bytes) AS sent
    FROM reports r JOIN askers a ON a.capture_sha256 = r.capture_sha256 AND a.src_ip = r.src_ip AND r.at_ms - a.at_ms BETWEEN 0 AND ${within.value * 1000}
    GROUP BY r.capture_sha256, r.src_ip, r.dst_ip`,
  incidents: (rows, {reports, gap}, {localNets}) => {
    return togetherOutward(rows, localNets, gap.value * 1e6).map((group) => {
      const [{src_ip, asked, way}] = group;
      return {
        ...placeOfServices(group),
        summary: `${src_ip} asked ${asked} for its own address, and then sent something by ${way}.`,
        reasons: [
          atLeast(
            "connections that report",
            total(group, ({flows}) => flows),
            reports
          ),
          fact("asked before", asked),
          fact("sent by", way)
        ]
      };
    });
  },
  yieldsTo: (incident, other) => other.rule === "stealer_report" && other.src_ip === incident.src_ip
});
