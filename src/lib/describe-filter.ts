import type {CaptureFacts} from "./captures.js";
import type {Filter} from "./filter.js";
import {formatSpan, formatTime, type Zone} from "./format.js";
import {protocolName, serviceName, verdictName} from "./names.js";
import {shortened, visibleText} from "./visible-text.js";

/** A filter in words, such as `TLS or SSH · suspicious · host 10.0.0.1`; `all flows` where it restricts nothing. */
export function describeFilter(filter: Filter, zone: Zone, captures: readonly CaptureFacts[] = []): string {
  const either = (names: readonly string[]) => names.join(" or ");
  const parts = [
    filter.from !== undefined && filter.to !== undefined && formatSpan(filter.from, filter.to, zone),
    filter.from !== undefined && filter.to === undefined && `from ${formatTime(filter.from, zone)}`,
    filter.from === undefined && filter.to !== undefined && `until ${formatTime(filter.to, zone)}`,
    filter.protos && either(filter.protos.map(protocolName)),
    filter.services && either(filter.services.map(serviceName)),
    filter.verdicts && either(filter.verdicts.map((verdict) => verdictName(verdict).toLowerCase())),
    filter.labels && `class ${either(filter.labels.map(visibleText))}`,
    filter.host !== undefined && `host ${visibleText(filter.host)}`,
    filter.incident !== undefined && `incident ${filter.incident.slice(0, 8)}`,
    filter.query !== undefined && visibleText(filter.query),
    filter.captures && `capture ${either(filter.captures.map((hash) => captureName(hash, captures)))}`
  ];
  return parts.filter(Boolean).join(" · ") || "all flows";
}

/** A capture's file name without its folders; the beginning of its hash where it is not known. */
export function captureName(sha256: string, captures: readonly CaptureFacts[]): string {
  const path = captures.find((capture) => capture.sha256 === sha256)?.path;
  return path === undefined ? sha256.slice(0, 8) : shortened(visibleText(path.split("/").at(-1) ?? path), 40);
}
