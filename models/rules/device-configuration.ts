import {inNetworks} from "./addresses.ts";
import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  protocol: string;
  name: string;
  sender: string;
  receiver: string;
  /** 1 where the name is one that devices give. */
  is_usual: number;
};

const limits = {
  files: {
    value: 1,
    unit: "files",
    doc: "Files with the configuration of a router or switch that cross without encryption"
  },
  gap: {value: 3600, unit: "s", doc: "Files so close together are one incident"}
} as const;

/** Names that network devices give their configuration (Cisco, Juniper, HP, MikroTik, Fortinet), in lower case. */
const names =
  "(^|[-_./])(running|startup)-config(uration)?([-_.].*)?$|-confg$|^juniper[.]conf([.]gz)?$|^(config|startup)[.]cfg$|^fgt.*[.]conf$|^[^/]*[.]rsc$";
/** Any name that ends as a configuration does: for files that a device sends out of its network. */
const anyName = "[.](conf|cfg)$";
const isAnyConfiguration = (column: string) =>
  `coalesce(regexp_extract(lower(coalesce(${column}, '')), '${names}|${anyName}'), '') <> ''`;
const isConfiguration = (column: string) =>
  `coalesce(regexp_extract(lower(coalesce(${column}, '')), '${names}'), '') <> ''`;

/** Configurations of network devices in clear: keys, passwords and the network's plan (ATT&CK T1602.002, Smart Install). */
export const deviceConfiguration = defineRule<typeof limits, Row>({
  name: "device_configuration",
  doc: "The configuration of a router or switch crosses the network without encryption, or leaves it by TFTP.",
  blindTo:
    "Files under other names; configurations read by SNMP, SSH or a web page; who asked for it. Backups within a network by TFTP and FTP look the same, and are as readable.",
  attackTechnique: "T1602.002",
  severity: "low",
  limits,
  tables: ["flows", "files"],
  startsFrom: {files: `protocol IN ('tftp', 'ftp') AND ${isAnyConfiguration("name")}`},
  judgesOpen: true,
  countedFlows: "f.service IN ('tftp', 'ftp', 'ftp-data')",
  query: (scope) => `
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, x.ts AS ts_start, x.ts AS ts_end, x.protocol, x.name,
      CASE WHEN x.sent_by = 'originator' THEN f.src_ip ELSE f.dst_ip END AS sender, CASE WHEN x.sent_by = 'originator' THEN f.dst_ip ELSE f.src_ip END AS receiver,
      CASE WHEN ${isConfiguration("x.name")} THEN 1 ELSE 0 END AS is_usual
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256
    WHERE x.protocol IN ('tftp', 'ftp') AND x.size > 0 AND ${isAnyConfiguration("x.name")}`,
  incidents: (rows, {files, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const goesOut = ({protocol, sender, receiver}: Row) => protocol === "tftp" && isLocal(sender) && !isLocal(receiver);
    return together(
      rows.filter((row) => row.is_usual === 1 || goesOut(row)),
      (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`,
      gap.value * 1e6
    ).map((group) => {
      const [{src_ip, dst_ip, protocol}] = group;
      return {
        ...placeOfFlows(group),
        severity: group.some(goesOut) ? "high" : "low",
        summary: `${src_ip} and ${dst_ip} exchanged ${group.length === 1 ? "the configuration" : counted(group.length, "configuration")} of a network device by ${protocol.toUpperCase()}.`,
        reasons: [atLeast("configurations", group.length, files), fact("a file", group.map(({name}) => name).sort()[0])]
      };
    });
  }
});
