import {inNetworks} from "./addresses.ts";
import {httpRequests, isBareHost} from "./http-requests.ts";
import {placeOfFlows, together, total} from "./merge.ts";
import {defineRule, type OneFlowRow, type Reason} from "./rule.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = OneFlowRow & {
  /** Bodies that look encrypted, sent as a form, as text or without a type. */
  posted: number;
  /** Bodies of nothing but Base64. */
  sealed: number;
  /** Answers that look encrypted and are called a page. */
  answered: number;
  /** 1 where no page led to the requests, or the server says that it has none for them, and what asked calls itself a browser or nothing. */
  is_pageless: number;
  is_bare: number;
};

const limits = {
  posted: {
    value: 2,
    unit: "bodies",
    doc: "Bodies that look encrypted, posted from no page to a foreign server as a form, as text or without a type, by what calls itself a browser or nothing"
  },
  named: {value: 1, unit: "answers", doc: "Where the server has a name, so many of the answers below besides"},
  answered: {
    value: 3,
    unit: "answers",
    doc: "Or: answers of a foreign address without a name that look encrypted and are called a page (text/html)"
  },
  mutual: {
    value: 3,
    unit: "bodies",
    doc: "Or, wherever both are: bodies posted that look encrypted or are Base64 alone, and as many such answers"
  },
  gap: {value: 3600, unit: "s", doc: "Bodies so close together are one incident"}
} as const;

const isPosted =
  "x.sent_by = 'originator' AND x.attack_sign = 'cipher' AND (x.declared_type IS NULL OR lower(x.declared_type) LIKE 'application/x-www-form-urlencoded%' OR lower(x.declared_type) LIKE 'text/%')";
const isAnswer = "x.sent_by = 'responder' AND x.attack_sign = 'cipher' AND lower(x.declared_type) LIKE 'text/html%'";

/**
 * Encryption of its own within HTTP, under the name of a form or a page: bots and loaders (Tinba, Zeus, SmokeLoader, Locky,
 * Emotet, Necurs) and web shells (Behinder). What programs send in bytes they call application/octet-stream or by its format.
 */
export const cipherTalk = defineRule<typeof limits, Row>({
  name: "cipher_talk",
  doc: "A host and a web server send each other over HTTP what is encrypted and called a form or a page.",
  blindTo:
    "Encrypted bodies under their true type, or shorter than 48 bytes; Base64 in one direction alone; control within TLS. Programs that call themselves a browser and post encrypted measurements as a form to an address without a name look the same.",
  attackTechnique: "T1071.001",
  severity: "medium",
  limits,
  tables: ["flows", "http", "files"],
  startsFrom: {files: "attack_sign = 'cipher'"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    WITH talks AS (SELECT capture_sha256, flow_id, min(CASE WHEN (referer = '' OR coalesce(status, 200) >= 400) AND (agent = '' OR agent LIKE 'mozilla/%') THEN 1 ELSE 0 END) AS is_pageless,
        max(CASE WHEN ${isBareHost("host")} THEN 1 ELSE 0 END) AS is_bare FROM ${httpRequests(scope)} q GROUP BY capture_sha256, flow_id)
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, min(x.ts) AS ts_start, max(x.ts) AS ts_end,
      sum(CASE WHEN ${isPosted} THEN 1 ELSE 0 END) AS posted, sum(CASE WHEN x.sent_by = 'originator' AND x.attack_sign = 'sealed' THEN 1 ELSE 0 END) AS sealed,
      sum(CASE WHEN ${isAnswer} THEN 1 ELSE 0 END) AS answered, min(t.is_pageless) AS is_pageless, max(t.is_bare) AS is_bare
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON f.flow_id = x.flow_id AND f.capture_sha256 = x.capture_sha256
      JOIN talks t ON t.flow_id = x.flow_id AND t.capture_sha256 = x.capture_sha256
    WHERE x.protocol = 'http' AND x.encoding IS NULL AND ((x.attack_sign = 'cipher' AND x.found_type IS NULL) OR x.attack_sign = 'sealed')
    GROUP BY x.capture_sha256, x.flow_id, f.src_ip, f.dst_ip, f.dst_port`,
  incidents: (rows, {gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).flatMap(
      (group) => {
        const decided = deciding(group, isLocal(group[0].src_ip) && !isLocal(group[0].dst_ip));
        if (decided === null) return [];
        const place = placeOfFlows(group);
        const [sent, sealed, back] = counts(group);
        return [
          {
            ...place,
            summary: `${place.src_ip} and ${place.dst_ip} sent each other ${counted(sent + sealed + back, "encrypted body", "encrypted bodies")} over HTTP as forms and pages in ${span(place.ts_end - place.ts_start)}.`,
            reasons: [decided, fact("bodies posted in Base64", sealed), fact("encrypted answers called a page", back)]
          }
        ];
      }
    );
  },
  yieldsTo: (incident, other) =>
    other.rule === "web_control" && other.src_ip === incident.src_ip && other.dst_ip === incident.dst_ip
});

function counts(rows: readonly Row[]): [posted: number, sealed: number, answered: number] {
  return [total(rows, ({posted}) => posted), total(rows, ({sealed}) => sealed), total(rows, ({answered}) => answered)];
}

/** The figure that makes a group's bodies an incident; null where they are too few. */
function deciding(group: readonly Row[], isOutward: boolean): Reason | null {
  const [posted, sealed, answered] = counts(group);
  if (Math.min(posted + sealed, answered) >= limits.mutual.value)
    return atLeast("encrypted bodies posted", posted + sealed, limits.mutual);
  if (!isOutward) return null;
  const pageless = group.filter(({is_pageless}) => is_pageless === 1);
  const [sent, , back] = counts(pageless);
  const isBare = pageless.some(({is_bare}) => is_bare === 1);
  if (sent >= limits.posted.value && (isBare || answered >= limits.named.value))
    return atLeast("encrypted bodies posted", sent, limits.posted);
  return isBare && back >= limits.answered.value ? atLeast("encrypted answers", back, limits.answered) : null;
}
