import {extent, overlaps, together, total} from "./merge.ts";
import {isProbe, judgedFlows} from "./probes.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  hosts: number;
  ports: number;
  a_port: number;
  answered: number;
};

const limits = {
  hosts: {
    value: 20,
    unit: "hosts",
    doc: "Different hosts, whose names nobody looked up, of which one source merely probed a port of devices within a session"
  },
  ports: {
    value: 3,
    unit: "ports",
    doc: "Different ones of those ports; a sweep of one port is told by `host_sweep`"
  },
  talked: {
    value: 0.2,
    unit: "of the hosts",
    doc: "Of the hosts asked on these ports the source talks with at most so many"
  },
  gap: {value: 120, unit: "s", doc: "A session ends when no such port is asked for so long"}
} as const;

/** Ports by which bots enter cameras, routers and recorders (Mirai, Gafgyt, Hajime, Mozi): Telnet, UPnP, management, ADB. */
const ports = "23, 2323, 23231, 5555, 6789, 7547, 7574, 8291, 9527, 34567, 37215, 49152, 52869, 60001";

/** Bots that look for devices: few hosts a port, and several ports, at random over the Internet. */
export const deviceSweep = defineRule<typeof limits, Row>({
  name: "device_sweep",
  doc: "One source asks many hosts about several ports by which bots enter cameras, routers and recorders.",
  blindTo:
    "Ports of the web, which bots ask, too; sweeps slower than the limits; what is sent to hosts that answer. Surveys of the Internet and inventories of devices look the same.",
  attackTechnique: "T1046",
  severity: "medium",
  limits,
  tables: ["flows"],
  startsFrom: {flows: `proto = 6 AND dst_port IN (${ports})`},
  judgesOpen: true,
  countedFlows: `${isProbe} AND f.dst_port IN (${ports})`,
  query: (scope, {hosts, ports: least, talked, gap}) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, sum(is_probe) AS flows, count(DISTINCT CASE WHEN is_probe = 1 AND is_named = 0 THEN dst_ip END) AS hosts,
        count(DISTINCT CASE WHEN is_probe = 1 THEN dst_port END) AS ports, min(dst_port) AS a_port,
        CAST(count(DISTINCT CASE WHEN is_probe = 0 THEN dst_ip END) AS DOUBLE) / count(DISTINCT dst_ip) AS answered
      FROM ${sessions(
        scope.dialect,
        `(SELECT j.* FROM ${judgedFlows(scope)} j WHERE proto = 6 AND dst_port IN (${ports}))`,
        ["capture_sha256", "src_ip"],
        gap.value * 1000
      )} s GROUP BY capture_sha256, src_ip, session) g
    WHERE hosts >= ${hosts.value} AND ports >= ${least.value} AND answered <= ${talked.value}`,
  incidents: (rows, {hosts, ports: least, gap}) =>
    together(rows, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const asked = Math.max(...group.map((row) => row.hosts));
      const most = Math.max(...group.map((row) => row.ports));
      const time = extent(group);
      return {
        capture_sha256,
        ...time,
        src_ip,
        dst_ip: null,
        dst_port: null,
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} asked ${asked} hosts about ${most} ports of devices in ${span(time.ts_end - time.ts_start)}.`,
        reasons: [
          atLeast("hosts merely probed", asked, hosts),
          atLeast("ports of devices", most, least),
          fact("a port", group[0].a_port)
        ]
      };
    }),
  yieldsTo: (incident, other) =>
    ["host_sweep", "port_scan"].includes(other.rule) &&
    other.src_ip === incident.src_ip &&
    overlaps(incident, other, limits.gap.value * 1e6)
});
