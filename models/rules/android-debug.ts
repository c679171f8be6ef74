import {inNetworks} from "./addresses.ts";
import {common, extent, together} from "./merge.ts";
import {defineRule, type OneFlowRow} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

const limits = {
  connections: {
    value: 1,
    unit: "connections",
    doc: "Connections by a debugging interface from an address outside the local networks"
  },
  gap: {value: 3600, unit: "s", doc: "Connections so close together are one incident"}
} as const;

/**
 * The Android Debug Bridge over TCP and Java's debugging interface (JDWP) ask for no password. Whoever comes to one from
 * outside runs commands there: so worms and coin miners spread over television sets (ADB.Miner, 2018) and servers.
 */
export const androidDebug = defineRule<typeof limits, OneFlowRow>({
  name: "android_debug",
  doc: "A stranger's address speaks with an Android device, or a program in Java, by its debugging interface (ADB, JDWP).",
  blindTo:
    "Who comes from inside, as developers do; what was run; connections that began before the capture. A developer at home whose device or server stands elsewhere looks the same.",
  attackTechnique: "T1219",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "service IN ('adb', 'jdwp')"},
  judgesOpen: true,
  countedFlows: "f.service IN ('adb', 'jdwp')",
  query: (scope) => `
    SELECT capture_sha256, CAST(flow_id AS VARCHAR) AS flow_id, src_ip, dst_ip, dst_port, ts_start, ts_end
    FROM ${scope.rows("flows")} f WHERE service IN ('adb', 'jdwp')`,
  incidents: (rows, {connections, gap}, {localNets}) => {
    const isLocal = inNetworks(localNets);
    const foreign = rows.filter(({src_ip, dst_ip}) => !isLocal(src_ip) && networkOf(src_ip) !== networkOf(dst_ip));
    return together(foreign, (row) => `${row.capture_sha256} ${row.src_ip}`, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const hosts = new Set(group.map((row) => row.dst_ip)).size;
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: common(group.map((row) => row.dst_ip)),
        dst_port: common(group.map((row) => row.dst_port)),
        flows: group.length,
        summary: `${src_ip} used the debugging interface of ${hosts === 1 ? group[0].dst_ip : counted(hosts, "host")} from outside.`,
        reasons: [atLeast("connections for debugging from outside", group.length, connections), fact("hosts", hosts)]
      };
    });
  }
});

/** The first half of an IPv4 address, or of the network part of an IPv6 address: neighbours share it, whatever addresses they have. */
function networkOf(address: string): string {
  return address.split(/[.:]/).slice(0, 2).join(".");
}
