import {inNetworks, isPerhapsIn} from "./addresses.ts";
import type {Limits, RuleRow, Scope, Surroundings} from "./rule.ts";

/** What must hold before something counts as new: an earlier capture of the same network. */
export const baselineLimits = {
  known_hosts: {value: 5, unit: "hosts", doc: "Local hosts of the capture that earlier captures of the lake have too"},
  known_share: {value: 0.8, unit: "of the local hosts", doc: "Least share of those: else it is another network"},
  age: {value: 30, unit: "days", doc: "Earlier captures that began longer before this one tell nothing of its network"}
} as const satisfies Limits;

/** A subquery: the captures looked at and those that began within the baseline's age before them. */
export function comparedCaptures({dialect, isLookedAt}: Scope): string {
  const age = baselineLimits.age.value * 86_400_000;
  return `(SELECT b.capture_sha256 FROM captures b JOIN captures a
    ON ${dialect.epochMs("b.first_ts")} BETWEEN ${dialect.epochMs("a.first_ts")} - ${age} AND ${dialect.epochMs("a.first_ts")}
    WHERE ${isLookedAt("a.capture_sha256")})`;
}

/**
 * A subquery: addresses that took part in an answered exchange, one row per capture and address, with `is_known` (1
 * where a capture that began earlier has the address too). Foreign addresses are mostly left out, not wholly.
 */
export function hostsSeen(scope: Scope): string {
  const side = (column: string) =>
    `SELECT capture_sha256, ${column} AS ip, ts_start, ts_end FROM flows WHERE capture_sha256 IN ${comparedCaptures(scope)} AND src_pkts > 0 AND dst_pkts > 0 AND ${isPerhapsIn(scope.surroundings.localNets, column)}`;
  return `(SELECT h.*, ${isKnown(scope, "ip")} AS is_known
    FROM (SELECT capture_sha256, ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows
      FROM (${side("src_ip")} UNION ALL ${side("dst_ip")}) b GROUP BY capture_sha256, ip) h
    JOIN captures c ON c.capture_sha256 = h.capture_sha256)`;
}

/** 1 where a capture that began before this one, and not too long before, has the same `keys`; `c` is the capture's row. */
export function isKnown({dialect}: Scope, keys: string): string {
  return `CASE WHEN count(*) OVER (PARTITION BY ${keys} ORDER BY ${dialect.epochMs("c.first_ts")}
    RANGE BETWEEN ${baselineLimits.age.value * 86_400_000} PRECEDING AND 1 PRECEDING) > 0 THEN 1 ELSE 0 END`;
}

export interface HostRow extends RuleRow {
  readonly capture_sha256: string;
  readonly ip: string;
  readonly is_known: number;
}

/** The captures whose network the lake knows from before: hash → number of local hosts known. */
export function familiarCaptures(rows: readonly HostRow[], {localNets}: Surroundings): Map<string, number> {
  const isLocal = inNetworks(localNets);
  const counts = new Map<string, {known: Set<string>; all: Set<string>}>();
  for (const {capture_sha256, ip, is_known} of rows) {
    if (!isLocal(ip)) continue;
    const count = counts.get(capture_sha256) ?? {known: new Set(), all: new Set()};
    counts.set(capture_sha256, count);
    count.all.add(ip);
    if (is_known === 1) count.known.add(ip);
  }
  const {known_hosts, known_share} = baselineLimits;
  return new Map(
    [...counts]
      .filter(([, {known, all}]) => known.size >= known_hosts.value && known.size >= known_share.value * all.size)
      .map(([capture, {known}]) => [capture, known.size])
  );
}
