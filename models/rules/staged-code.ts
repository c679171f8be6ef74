import {inNetworks} from "./addresses.ts";
import {isBareHost} from "./http-requests.ts";
import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, fact} from "./wording.ts";

type Row = OneFlowRow & {
  sign: Sign;
  name: string | null;
  size: number;
  /** A script from a server that was asked for by its name. */
  is_named: number;
};

const limits = {
  files: {
    value: 1,
    unit: "files",
    doc: "Files that a client gets over HTTP without TLS and that hide a program, or run one unseen"
  },
  gap: {value: 300, unit: "s", doc: "Files so close together are one incident"}
} as const;

/** What `files.attack_sign` says of a response. */
const signs = {
  script: "a script that runs programs unseen",
  program: "a program of Windows as text or under a key",
  archive: "an archive whose first entry is a script"
} as const;
type Sign = keyof typeof signs;

/**
 * What a loader, a macro or a false update fetches (ATT&CK T1105, T1027): no program by its first bytes, but one as Base64 or
 * under an XOR key, a script that fetches and runs one without a window, or an archive that holds just a script.
 */
export const stagedCode = defineRule<typeof limits, Row>({
  name: "staged_code",
  doc: "A client gets a hidden program over HTTP without TLS: in Base64 or under an XOR key, or a script that runs one unseen.",
  blindTo:
    "The same within TLS or compressed; programs in pictures or under other keys; scripts that say nothing of it in their first 960 bytes. Scripts of administrators that hide their window, and archives of a single script that somebody sends a colleague, look the same. Scripts of a neighbour that is asked for by its name are told with low severity.",
  attackTechnique: "T1105",
  severity: "medium",
  limits,
  tables: ["flows", "files"],
  startsFrom: {files: "attack_sign IN ('script', 'program', 'archive')"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope) => `
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, x.ts AS ts_start, x.ts AS ts_end, x.attack_sign AS sign, x.name, CAST(x.size AS DOUBLE) AS size,
      CASE WHEN x.attack_sign = 'script' AND f.server_name IS NOT NULL AND NOT ${isBareHost("f.server_name")} THEN 1 ELSE 0 END AS is_named
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256
    WHERE x.sent_by = 'responder' AND x.protocol = 'http' AND x.attack_sign IN (${Object.keys(signs)
      .map((sign) => `'${sign}'`)
      .join(", ")})`,
  incidents: (rows, {files, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    return together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, sign, name, size}] = group;
      // Installers of one's own house start what they install in the background.
      const isOfHouse = group.every((row) => row.is_named === 1 && isLocal(row.dst_ip));
      return {
        ...placeOfFlows(group),
        severity: isOfHouse ? "low" : "medium",
        summary: `${src_ip} got ${signs[sign]} from ${dst_ip}.`,
        reasons: [
          atLeast("hidden programs and scripts that run them", group.length, files),
          fact("the first one", (name ?? "/").slice(0, 120)),
          fact("its size", size, "bytes")
        ]
      };
    });
  }
});
