import type {Severity} from "../../schema/incidents.ts";
import {inNetworks} from "./addresses.ts";
import {isBareHost} from "./http-requests.ts";
import {matches} from "./matches.ts";
import {common, extent, together, total} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  host: string | null;
  /** The path as it was sent. */
  sent_path: string;
  content_type: string | null;
  is_hidden: number;
  is_bare: number;
  is_script: number;
  is_disguised: number;
  /** Told by nothing but its first bytes. */
  is_unnamed: number;
  /** A page led to it, as a browser says. */
  is_linked: number;
};

const limits = {
  downloads: {value: 1, unit: "files", doc: "Programs that a client got over HTTP without TLS"},
  signs: {
    value: 1,
    unit: "signs",
    doc: "From so many on the severity is medium: a program under a name that hides it, called text or a document by its server, from a bare address, or fetched by a script"
  },
  servers: {
    value: 3,
    unit: "domains",
    doc: "From so many different domains on that a client gets programs from in a row, and no page led there, the severity is medium, too: loaders try one after another; an update comes from many addresses of one, and people follow links"
  },
  gap: {value: 300, unit: "s", doc: "Downloads so close together are one incident"}
} as const;

/** Content types of programs for Windows, Linux and Java. */
const programTypes = [
  "application/x-msdownload",
  "application/x-msdos-program",
  "application/x-dosexec",
  "application/x-exe",
  "application/exe",
  "application/vnd.microsoft.portable-executable",
  "application/x-executable",
  "application/x-elf",
  "application/hta",
  "application/x-powershell"
];

/** Endings of files that run, whatever their content type. */
const programEnding =
  "[.](exe|dll|scr|msi|pif|ps1|bat|cmd|vbs|vbe|wsf|wsh|jse|sct|hta|elf|sh|mips|mpsl|arm[0-9]?|x86|i[56]86|ppc|spc|sh4|m68k)$";
/** Those of them that administrators do not pipe into a shell. */
const binaryEnding = "[.](exe|dll|scr|pif|ps1|vbs|hta|sct|elf|mips|mpsl|arm[0-9]?|x86|i[56]86|ppc|spc|sh4|m68k)$";
/** Endings under which a program hides nothing. */
const openEnding = "[.](exe|dll|scr|com|msi|msu|cab|cpl|ocx|sys|bin|jar|hta|ps1)$";

/** Programs that fetch without anybody looking on. */
const scripts = [
  "powershell%",
  "%windowspowershell%",
  "certutil%",
  "wget%",
  "curl%",
  "python-%",
  "autoit%",
  "microsoft-webdav-miniredir/%"
];

/** What certutil is made for: certificates and lists of them. Whatever else it gets somebody wanted to have without a browser. */
const certificates = "[.](crl|crt|cer|der|pem|p7[bc]|stl|cab|sst)$";
const isMisused = `(agent LIKE 'certutil url agent%' AND path <> '' AND path <> '/' AND NOT ${matches("path", certificates)} AND path NOT LIKE '%ocsp%' AND path NOT LIKE '%/cert%')`;
/** Code for a Java program that runs without a browser, from an address without a name: what an injection by JNDI or RMI loads. */
const isLoaded = `(agent LIKE 'java/%' AND ${matches("path", "[.](class|jar)$")} AND ${isBareHost("host")})`;
/** A package that Windows' installer gets by itself under a name that is none of a package's. */
const isInstalled = `(agent = 'windows installer' AND NOT ${matches("path", "[.](ms[iptu]|cab|exe)$")})`;

const isProgramType = `split_part(lower(coalesce(h.content_type, '')), ';', 1) IN (${programTypes.map((type) => `'${type}'`).join(", ")})`;
/** A condition on `files`: a program by its first bytes whose name, by path or header, is none of a program's. */
const isUnnamed = `coalesce(x.declared_type, 'application/octet-stream') IN ('application/octet-stream', 'binary/octet-stream', 'application/force-download', 'application/x-www-form-urlencoded') AND x.sent_by = 'responder' AND x.found_type IN ('application/x-dosexec', 'application/x-elf', 'application/x-mach-o')
  AND NOT ${matches("lower(coalesce(x.name, ''))", "[.](exe|dll|scr|com|cpl|ocx|sys|bin|elf|so|msu|mui|drv|efi|apk|img|dat|upd|fw|dylib|o|ko|patch|diff|psf|vdm|nvd|cab|[0-9]+)$")}`;
/** A condition on `files`: a program by its first bytes that its server calls text, sound, a document or an archive. */
const isDisguised = `x.sent_by = 'responder' AND x.found_type IN ('application/x-dosexec', 'application/x-elf', 'application/x-mach-o')
  AND (x.declared_type LIKE 'text/%' OR x.declared_type LIKE 'audio/%' OR x.declared_type LIKE 'video/%'
    OR x.declared_type IN ('application/pdf', 'application/javascript', 'application/json', 'application/zip', 'application/msword', 'application/font-woff'))`;

/**
 * Download of a program over HTTP without TLS. Software is still distributed so, hence information only; a program that
 * comes under another name, from an address without a name, or to a script is what malware loads after it.
 */
export const executableDownload = defineRule<typeof limits, Row>({
  name: "executable_download",
  doc: "A client gets a program over HTTP without TLS.",
  blindTo:
    "Downloads within TLS; programs in archives and documents, or encrypted; what the program does. Software updates, driver downloads, administrators' scripts, and pages that name the file in a header only look the same.",
  attackTechnique: "T1105",
  severity: "medium",
  limits,
  tables: ["flows", "http", "files"],
  startsFrom: {http: "TRUE"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts AS ts_start, ts AS ts_end, host, sent_path, content_type, is_hidden, is_bare, is_script, is_disguised, is_unnamed, is_linked
    FROM (SELECT q.*, CASE WHEN is_program = 1 AND NOT ${matches("path", openEnding)} THEN 1 ELSE 0 END AS is_hidden,
        CASE WHEN (is_program = 1 OR ${matches("path", programEnding)}) AND ${isBareHost("host")} THEN 1 WHEN ${isLoaded} THEN 1 ELSE 0 END AS is_bare,
        CASE WHEN (is_program = 1 OR ${matches("path", binaryEnding)}) AND (${scripts.map((agent) => `agent LIKE '${agent}'`).join(" OR ")}) THEN 1 WHEN ${isMisused} THEN 1 WHEN ${isInstalled} THEN 1 ELSE 0 END AS is_script
      FROM (SELECT h.capture_sha256, h.flow_id, h.ts, f.src_ip, f.dst_ip, f.dst_port, coalesce(h.host, '') AS host, split_part(coalesce(h.uri, ''), '?', 1) AS sent_path, lower(split_part(coalesce(h.uri, ''), '?', 1)) AS path,
          h.content_type, lower(coalesce(h.user_agent, '')) AS agent, coalesce(n.is_disguised, 0) AS is_disguised, coalesce(n.is_unnamed, 0) AS is_unnamed, CASE WHEN ${isProgramType} THEN 1 ELSE 0 END AS is_program,
          CASE WHEN coalesce(h.referer, '') <> '' THEN 1 ELSE 0 END AS is_linked
        FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256
          LEFT JOIN (SELECT flow_id, capture_sha256, name, max(CASE WHEN ${isDisguised} THEN 1 ELSE 0 END) AS is_disguised, max(CASE WHEN ${isUnnamed} THEN 1 ELSE 0 END) AS is_unnamed
            FROM ${scope.rows("files")} x WHERE x.sent_by = 'responder' AND x.found_type IN ('application/x-dosexec', 'application/x-elf', 'application/x-mach-o') GROUP BY flow_id, capture_sha256, name) n
            ON n.flow_id = h.flow_id AND n.capture_sha256 = h.capture_sha256 AND n.name = coalesce(regexp_extract(split_part(coalesce(h.uri, ''), '?', 1), '[^/]*$'), '')
        WHERE coalesce(h.method, 'GET') = 'GET' AND h.status BETWEEN 200 AND 299) q) r
    WHERE is_program = 1 OR is_disguised = 1 OR ${isMisused} OR ${isLoaded} OR ${isInstalled} OR is_unnamed = 1 OR (${matches("path", programEnding)} AND lower(coalesce(content_type, '')) NOT LIKE 'text/html%')`,
  incidents: (rows, {gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return together(
      rows.filter((row) => isOpen(row) || !isLocal(row.dst_ip)),
      (row) => `${row.capture_sha256} ${row.src_ip}`,
      gap.value * 1e6
    ).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const signs = total(group, signsOf);
      const worst = group.reduce((a, b) => (signsOf(b) > signsOf(a) ? b : a));
      const servers = new Set(group.filter(({is_linked}) => is_linked === 0).map(domainOf)).size;
      const severity: Severity = signs >= limits.signs.value || servers >= limits.servers.value ? "medium" : "info";
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: new Set(group.map((row) => row.flow_id)).size,
        severity,
        summary: `${src_ip} got ${counted(group.length, "program")} over HTTP: ${worst.sent_path === "" ? "/" : worst.sent_path} from ${worst.host === "" ? worst.dst_ip : worst.host}.`,
        reasons: [
          atLeast("programs", group.length, limits.downloads),
          signs >= limits.signs.value
            ? atLeast("signs of a download that nobody is meant to see", signs, limits.signs)
            : fact("signs of a download that nobody is meant to see", signs),
          servers >= limits.servers.value
            ? atLeast("domains that no page led to", servers, limits.servers)
            : fact("domains that no page led to", servers),
          fact("called something else by the server", sumOf(group, "is_disguised")),
          fact("under a name that hides it", sumOf(group, "is_hidden")),
          fact("from an address without a name", sumOf(group, "is_bare")),
          fact("programs by nothing but their first bytes", sumOf(group, "is_unnamed")),
          fact("fetched by a script", sumOf(group, "is_script")),
          fact("content type", worst.content_type ?? "none")
        ]
      };
    });
  }
});

/** More than its first bytes says that it is a program: machines that start from a server get theirs so. */
function isOpen({is_unnamed, is_hidden, is_bare, is_script, is_disguised}: Row): boolean {
  return is_unnamed === 0 || is_hidden + is_bare + is_script + is_disguised > 0;
}

/** The last two labels of the host's name, or its address. */
function domainOf({host, dst_ip}: Row): string {
  return host === null || host === "" ? dst_ip : (/[^.]+[.][^.]+$/.exec(host)?.[0] ?? host);
}

function signsOf(row: Row): number {
  return row.is_hidden + row.is_bare + row.is_script + row.is_disguised + row.is_unnamed;
}

function sumOf(
  rows: readonly Row[],
  sign: "is_hidden" | "is_bare" | "is_script" | "is_disguised" | "is_unnamed"
): number {
  return total(rows, (row) => row[sign]);
}
