import {grouped} from "./merge.ts";
import type {Finding, Rule} from "./rule.ts";

/** A finding with the rule that made it. */
export interface Found {
  readonly rule: Rule;
  readonly finding: Finding;
}

/**
 * The findings that none of another rule tells better, in their order. Each is compared with those alone that
 * {@link Rule.yieldsTo} may be true of, by address: a capture may have tens of thousands.
 */
export function withoutYielding(found: readonly Found[]): Finding[] {
  const captures = grouped(found, ({finding}) => finding.capture_sha256);
  const yielding = new Set([...captures.values()].flatMap(yieldingOf));
  return found.map(({finding}) => finding).filter((finding) => !yielding.has(finding));
}

/** Those of one capture that yield. */
function yieldingOf(found: readonly Found[]): Finding[] {
  const findings = found.map(({finding}) => finding);
  const bySource = grouped(findings, ({src_ip}) => src_ip);
  const byTarget = grouped(findings, ({dst_ip}) => dst_ip);
  return found
    .filter(({rule, finding}) => {
      const others =
        finding.src_ip === null
          ? [findings]
          : [bySource.get(finding.src_ip), bySource.get(null), byTarget.get(finding.dst_ip)];
      return others.some((some) =>
        some?.some((other) => other.rule !== finding.rule && rule.yieldsTo?.(finding, other))
      );
    })
    .map(({finding}) => finding);
}
