import {placeOfFlows, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = OneFlowRow & {
  protocol: string;
  name: string;
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
const isConfiguration = (column: string) =>
  `coalesce(regexp_extract(lower(coalesce(${column}, '')), '${names}'), '') <> ''`;

/** Configurations of network devices in clear: keys, passwords and the network's plan (ATT&CK T1602.002, Smart Install). */
export const deviceConfiguration = defineRule<typeof limits, Row>({
  name: "device_configuration",
  doc: "The configuration of a router or switch crosses the network without encryption.",
  blindTo:
    "Files under other names; configurations read by SNMP, SSH or a web page; who asked for it. Backups by TFTP and FTP look the same, and are as readable.",
  attackTechnique: "T1602.002",
  severity: "low",
  limits,
  tables: ["flows", "files"],
  startsFrom: {files: `protocol IN ('tftp', 'ftp') AND ${isConfiguration("name")}`},
  judgesOpen: true,
  countedFlows: "f.service IN ('tftp', 'ftp', 'ftp-data')",
  query: (scope) => `
    SELECT x.capture_sha256, CAST(x.flow_id AS VARCHAR) AS flow_id, f.src_ip, f.dst_ip, f.dst_port, x.ts AS ts_start, x.ts AS ts_end, x.protocol, x.name
    FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON x.flow_id = f.flow_id AND x.capture_sha256 = f.capture_sha256
    WHERE x.protocol IN ('tftp', 'ftp') AND x.size > 0 AND ${isConfiguration("x.name")}`,
  incidents: (rows, {files, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip} ${row.dst_ip}`, gap.value * 1e6).map((group) => {
      const [{src_ip, dst_ip, protocol}] = group;
      return {
        ...placeOfFlows(group),
        summary: `${src_ip} and ${dst_ip} exchanged ${group.length === 1 ? "the configuration" : counted(group.length, "configuration")} of a network device by ${protocol.toUpperCase()}.`,
        reasons: [atLeast("configurations", group.length, files), fact("a file", group.map(({name}) => name).sort()[0])]
      };
    })
});
