import {inNetworks} from "./addresses.ts";
import {common, extent, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Connections by such an interface from an address outside the local networks"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/** Services that do what they are told, and ask for no password. */
const interfaces = {
  adb: "the debugging interface",
  jdwp: "the debugging interface",
  "java-rmi": "an interface for calls of Java (RMI)",
  ajp: "the interface of a servlet container (AJP)",
  distcc: "the compiling service (distcc)",
  activemq: "the message broker",
  x11: "the screen (X11)",
  vnc: "the screen (VNC)",
  socks: "the proxy (SOCKS)"
} as const;
type Service = keyof typeof interfaces;
/** Of these a login says that none was asked for; the others never ask. */
const asking: readonly string[] = ["vnc", "socks"];
const services = Object.keys(interfaces)
  .filter((name) => !asking.includes(name))
  .map((name) => `'${name}'`)
  .join(", ");
const isOpen = "auth = 'none' AND success AND protocol IN ('vnc', 'socks')";

/**
 * The Android Debug Bridge over TCP and Java's debugging interface (JDWP) ask for no password. Whoever comes to one from
 * outside runs commands there: so worms and coin miners spread over television sets (ADB.Miner, 2018) and servers. The same is
 * true of RMI, AJP, distcc, OpenWire and X11, which are meant for machines of one network, and of VNC and SOCKS where they let
 * somebody in without a password.
 */
export const exposedService = defineRule<typeof limits, OneFlowRow & {service: Service}>({
  name: "exposed_service",
  doc: "A stranger's address speaks with a device or program inside by an interface that does what it is told: debugging (ADB, JDWP), RMI, AJP, distcc, OpenWire, X11, or VNC and SOCKS without a password.",
  blindTo:
    "Who comes from inside, as developers do; what was run; connections that began before the capture. A developer at home whose device or server stands elsewhere looks the same.",
  attackTechnique: "T1219",
  severity: "high",
  limits,
  tables: ["flows", "logins"],
  startsFrom: {flows: `service IN (${services})`, logins: isOpen},
  judgesOpen: true,
  countedFlows: `f.service IN (${services}, 'vnc', 'socks')`,
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end, service
    FROM ${scope.rows("flows")} f WHERE service IN (${services}) AND src_payload_bytes > 0
    UNION ALL
    SELECT f.capture_sha256, CAST(f.flow_id AS VARCHAR), f.src_ip, f.dst_ip, f.dst_port, f.ts_start, f.ts_end, g.protocol
    FROM ${scope.rows("flows")} f JOIN (SELECT DISTINCT capture_sha256, flow_id, protocol FROM ${scope.rows("logins")} n WHERE ${isOpen}) g
      ON g.flow_id = f.flow_id AND g.capture_sha256 = f.capture_sha256`,
  incidents: (rows, {connections, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const foreign = rows.filter(
      ({src_ip, dst_ip, service}) =>
        !isLocal(src_ip) && (isDebugger(service) || isLocal(dst_ip)) && networkOf(src_ip) !== networkOf(dst_ip)
    );
    return together(foreign, (row) => `${row.capture_sha256} ${row.src_ip} ${row.service}`, gap.value * 1e6).map(
      (group) => {
        const [{capture_sha256, src_ip, service}] = group;
        const hosts = new Set(group.map((row) => row.dst_ip)).size;
        return {
          capture_sha256,
          ...extent(group),
          src_ip,
          dst_ip: common(group.map((row) => row.dst_ip)),
          dst_port: common(group.map((row) => row.dst_port)),
          flows: group.length,
          severity: isDebugger(service) ? "high" : "medium",
          summary: `${src_ip} used ${interfaces[service]} of ${hosts === 1 ? group[0].dst_ip : counted(hosts, "host")} from outside.`,
          reasons: [atLeast("connections from outside", group.length, connections), fact("hosts", hosts)]
        };
      }
    );
  }
});

function isDebugger(service: Service): boolean {
  return service === "adb" || service === "jdwp";
}

/** The first half of an IPv4 address, or of the network part of an IPv6 address: neighbours share it, whatever addresses they have. */
function networkOf(address: string): string {
  return address.split(/[.:]/).slice(0, 2).join(".");
}
