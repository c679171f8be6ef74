import {common, extent, together, total} from "./merge.ts";
import {rpcCalls} from "./rpc-calls.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {isAdminShare, smbRequests} from "./smb-requests.ts";
import {atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  calls: number;
};

const limits = {
  calls: {
    value: 1,
    unit: "calls",
    doc: "Lists of shares that a machine gave a client, which knew it by its address alone"
  },
  used: {value: 1, unit: "shares", doc: "From so many shares of it on that the client then uses, it browses"},
  gap: {value: 600, unit: "s", doc: "Calls so close together are one incident"}
} as const;

/**
 * Discovery of shares: a client that connects to `\\192.0.2.5\IPC$`, by the address and not by a name, lists the shares and
 * uses none. People and programs go by names, and list shares to open one.
 */
export const shareDiscovery = defineRule<typeof limits, Row>({
  name: "share_discovery",
  doc: "A client lists the shares of a machine that it knows by its address alone, and uses none of them.",
  blindTo:
    "Lists asked for by a machine's name; encrypted SMB 3; which shares there are. Somebody who looks into a machine by its address and finds nothing, inventory and monitoring look the same.",
  attackTechnique: "T1135",
  severity: "medium",
  limits,
  tables: ["flows", "smb", "dcerpc"],
  startsFrom: {dcerpc: "interface = 'srvsvc'"},
  countedFlows: "f.service = 'smb'",
  query: (scope, {calls, used}) => `
    WITH used AS (SELECT capture_sha256, src_ip, dst_ip FROM ${smbRequests(scope)} r
        WHERE is_opened = 1 AND share_name <> 'ipc$' AND NOT ${isAdminShare} GROUP BY capture_sha256, src_ip, dst_ip HAVING count(DISTINCT share_name) >= ${used.value}),
    by_address AS (SELECT DISTINCT s.flow_id, s.capture_sha256 FROM ${scope.rows("smb")} s
        WHERE s.command = 'tree_connect' AND coalesce(regexp_extract(s.share, '^\\\\+[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+\\\\'), '') <> '')
    SELECT c.capture_sha256, c.src_ip, c.dst_ip, min(c.dst_port) AS dst_port, min(c.ts_start) AS ts_start, max(c.ts_start) AS ts_end, count(DISTINCT c.flow_id) AS flows, sum(c.calls) AS calls
    FROM ${rpcCalls(scope)} c JOIN by_address b ON b.flow_id = c.flow_id AND b.capture_sha256 = c.capture_sha256
      LEFT JOIN used u ON u.capture_sha256 = c.capture_sha256 AND u.src_ip = c.src_ip AND u.dst_ip = c.dst_ip
    WHERE c.interface = 'srvsvc' AND c.operation IN ('NetrShareEnum', 'NetrShareEnumSticky') AND c.is_granted = 1 AND u.dst_ip IS NULL
    GROUP BY c.capture_sha256, c.src_ip, c.dst_ip HAVING sum(c.calls) >= ${calls.value}`,
  incidents: (rows, {calls, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} listed the shares of ${server ?? counted(hosts, "host")} by its address, and used none.`,
        reasons: [
          atLeast(
            "lists of shares",
            total(group, (row) => row.calls),
            calls
          ),
          fact("hosts", hosts)
        ]
      };
    })
});
