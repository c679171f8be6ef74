import {inNetworks} from "./addresses.ts";
import {matches} from "./matches.ts";
import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  uri: string;
  host: string;
};

const limits = {
  requests: {
    value: 1,
    unit: "requests",
    doc: "Pages, templates and scripts that an office program gets from a foreign server without TLS"
  },
  gap: {value: 600, unit: "s", doc: "Requests so close together are one incident"}
} as const;

/** Programs by the beginning of what they call themselves, in lower case. */
const isOffice =
  "(lower(h.user_agent) LIKE 'microsoft office%' OR lower(h.user_agent) LIKE '%; ms-office;%' OR lower(h.user_agent) LIKE '%; msoffice %')";
/** What a document's text does not consist of: templates, pages, scripts. Pictures and feeds are left out. */
const isLoaded = matches("lower(split_part(h.uri, '?', 1))", "[.](dotm?x?|docm|xltm|rtf|html?|hta|sct|wsc)$");

/** Documents that load their template or a page from afar (ATT&CK T1221; CVE-2017-0199, CVE-2021-40444, CVE-2022-30190). */
export const remoteTemplate = defineRule<typeof limits, Row>({
  name: "remote_template",
  doc: "An office program gets a page, a template or a script from a foreign server without TLS, as documents make it that bring malware.",
  blindTo:
    "The same within TLS, from a local server, or under other names; what the file does. Documents with a linked page, and mails that a program for mail shows with its pages, look the same.",
  attackTechnique: "T1105",
  severity: "medium",
  limits,
  tables: ["flows", "http"],
  startsFrom: {http: isOffice.replaceAll("h.", "")},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT h.capture_sha256, CAST(h.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, h.ts AS ts_start, h.ts AS ts_end, h.uri, coalesce(h.host, f.dst_ip) AS host
    FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON f.flow_id = h.flow_id AND f.capture_sha256 = h.capture_sha256
    WHERE h.method = 'GET' AND h.status = 200 AND ${isOffice} AND ${isLoaded}`,
  incidents: (rows, {requests, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return together(
      rows.filter(({dst_ip}) => !isLocal(dst_ip)),
      (row) => `${row.capture_sha256} ${row.src_ip}`,
      gap.value * 1e6
    ).map((group) => {
      const [{src_ip, host, uri}] = group;
      return {
        ...placeOfFlows(group),
        summary: `An office program of ${src_ip} got ${uri.split("?")[0].slice(0, 80)} from ${host}.`,
        reasons: [atLeast("such files", group.length, requests), fact("the first one", `${host}${uri}`.slice(0, 120))]
      };
    });
  }
});
