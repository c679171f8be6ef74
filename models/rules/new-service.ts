import {inNetworks, isPerhapsIn} from "./addresses.ts";
import {baselineLimits, comparedCaptures, familiarCaptures, type HostRow, hostsSeen, isKnown} from "./baseline.ts";
import {ephemeralFrom} from "./probes.ts";
import {defineRule} from "./rule.ts";
import {atLeast, counted, fact} from "./wording.ts";

interface Row extends HostRow {
  readonly ts_start: number | null;
  readonly ts_end: number | null;
  readonly flows: number | null;
  readonly proto: number | null;
  readonly dst_port: number | null;
  readonly service: string | null;
  readonly is_known_service: number | null;
}

/**
 * A local host, known from earlier captures of the same network, answers on a port where it did not before. TCP ports
 * below the ephemeral range and UDP ports below 1024.
 */
export const newService = defineRule<typeof baselineLimits, Row>({
  name: "new_service",
  doc: "A known local host offers a service that no earlier capture has of it.",
  blindTo:
    "Services nobody used while it was captured; services on ephemeral ports; one service replaced by another on the same port.",
  attackTechnique: null,
  severity: "low",
  limits: baselineLimits,
  tables: ["flows", "captures"],
  query: (scope) => `
    WITH offered AS (
      SELECT capture_sha256, dst_ip, proto, dst_port, min(service) AS service, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows
      FROM flows WHERE capture_sha256 IN ${comparedCaptures(scope)} AND dst_payload_bytes > 0 AND src_pkts > 0 AND ${isPerhapsIn(scope.surroundings.localNets, "dst_ip")}
        AND ((proto = 6 AND dst_port < ${ephemeralFrom} AND history LIKE 'Sh%') OR (proto = 17 AND dst_port < 1024))
      GROUP BY capture_sha256, dst_ip, proto, dst_port),
    dated AS (
      SELECT o.*, ${isKnown(scope, "o.dst_ip, o.proto, o.dst_port")} AS is_known_service
      FROM offered o JOIN captures c ON c.capture_sha256 = o.capture_sha256)
    SELECT s.capture_sha256, s.ip, s.is_known, d.ts_start, d.ts_end, d.flows, d.proto, d.dst_port, d.service, d.is_known_service
    FROM ${hostsSeen(scope)} s LEFT JOIN dated d ON d.capture_sha256 = s.capture_sha256 AND d.dst_ip = s.ip
    WHERE ${scope.isLookedAt("s.capture_sha256")}
    ORDER BY s.capture_sha256, d.ts_start, s.ip, d.dst_port`,
  incidents: (rows, limits, surroundings) => {
    const isLocal = inNetworks(surroundings.localNets);
    const familiar = familiarCaptures(rows, surroundings);
    return rows
      .filter(
        (row) => row.is_known === 1 && row.is_known_service === 0 && familiar.has(row.capture_sha256) && isLocal(row.ip)
      )
      .map(({capture_sha256, ip, ts_start, ts_end, flows, proto, dst_port, service}) => ({
        capture_sha256,
        ts_start: ts_start!,
        ts_end: ts_end!,
        src_ip: null,
        dst_ip: ip,
        dst_port,
        flows: flows!,
        summary: `${ip} now answers on ${proto === 6 ? "TCP" : "UDP"} port ${dst_port}${service ? ` (${service})` : ""}; in earlier captures it did not.`,
        reasons: [
          atLeast("local hosts known from before", familiar.get(capture_sha256)!, limits.known_hosts),
          fact("flows", counted(flows!, "flow")),
          fact("recognised by content", service ?? "nothing")
        ]
      }));
  }
});
