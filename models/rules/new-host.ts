import {inNetworks} from "./addresses.ts";
import {baselineLimits, familiarCaptures, type HostRow, hostsSeen} from "./baseline.ts";
import {defineRule} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

interface Row extends HostRow {
  readonly ts_start: number;
  readonly ts_end: number;
  readonly flows: number;
}

/**
 * A local address that took part in an exchange and is in no earlier capture of the same network. Without an earlier
 * capture that shares hosts with this one there is no baseline and no notice.
 */
export const newHost = defineRule<typeof baselineLimits, Row>({
  name: "new_host",
  doc: "A local host that no earlier capture of the same network has.",
  blindTo:
    "Hosts that were there and silent; one machine under a new address (DHCP, IPv6 privacy addresses) counts as new.",
  attackTechnique: "T1200",
  severity: "low",
  limits: baselineLimits,
  tables: ["flows", "captures"],
  query: (scope) => `
    SELECT capture_sha256, ip, ts_start, ts_end, flows, is_known FROM ${hostsSeen(scope)} s WHERE ${scope.isLookedAt("capture_sha256")}
    ORDER BY capture_sha256, ts_start, ip`,
  incidents: (rows, limits, surroundings) => {
    const isLocal = inNetworks(surroundings.localNets);
    const familiar = familiarCaptures(rows, surroundings);
    return rows
      .filter((row) => row.is_known === 0 && familiar.has(row.capture_sha256) && isLocal(row.ip))
      .map(({capture_sha256, ip, ts_start, ts_end, flows}) => ({
        capture_sha256,
        ts_start,
        ts_end,
        src_ip: ip,
        dst_ip: null,
        dst_port: null,
        flows,
        summary: `${ip} is new: no earlier capture of this network has it. It took part in ${counted(flows, "flow")}.`,
        reasons: [
          atLeast("local hosts known from before", familiar.get(capture_sha256)!, limits.known_hosts),
          fact("flows", flows)
        ]
      }));
  }
});
