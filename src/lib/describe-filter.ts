import type {CaptureFacts} from "./captures.js";
import type {Filter} from "./filter.js";
import {formatSpan, formatTime, type Zone} from "./format.js";
import {protocolName, serviceName, verdictName} from "./names.js";
import {shortened, visibleText} from "./visible-text.js";

/** One condition of a filter in words, and the fields that lift it. */
export interface FilterPart {
  readonly words: string;
  readonly lift: Filter;
}

const either = (names: readonly string[]) => names.join(" or ");

/** What a filter restricts, part by part. */
export function filterParts(filter: Filter, zone: Zone, captures: readonly CaptureFacts[] = []): FilterPart[] {
  const {from, to, protos, services, verdicts, labels, host, incident, query} = filter;
  const until = to !== undefined ? `until ${formatTime(to, zone)}` : "";
  const time =
    from === undefined ? until : to === undefined ? `from ${formatTime(from, zone)}` : formatSpan(from, to, zone);
  const parts: [string | undefined, Filter][] = [
    [time, {from: undefined, to: undefined}],
    [protos && either(protos.map(protocolName)), {protos: undefined}],
    [services && either(services.map(serviceName)), {services: undefined}],
    [verdicts && either(verdicts.map((verdict) => verdictName(verdict).toLowerCase())), {verdicts: undefined}],
    [labels && `class ${either(labels.map(visibleText))}`, {labels: undefined}],
    [host && `host ${visibleText(host)}`, {host: undefined}],
    [incident && `incident ${incident.slice(0, 8)}`, {incident: undefined}],
    [query && visibleText(query), {query: undefined}],
    [
      filter.captures && `capture ${either(filter.captures.map((hash) => captureName(hash, captures)))}`,
      {captures: undefined}
    ]
  ];
  return parts.flatMap(([words, lift]) => (words ? [{words, lift}] : []));
}

/** A filter in words, such as `TLS or SSH · suspicious · host 10.0.0.1`; `all flows` where it restricts nothing. */
export function describeFilter(filter: Filter, zone: Zone, captures: readonly CaptureFacts[] = []): string {
  return (
    filterParts(filter, zone, captures)
      .map(({words}) => words)
      .join(" · ") || "all flows"
  );
}

/** A capture's file name without its folders; the beginning of its hash where it is not known. */
export function captureName(sha256: string, captures: readonly CaptureFacts[]): string {
  const path = captures.find((capture) => capture.sha256 === sha256)?.path;
  return path === undefined ? sha256.slice(0, 8) : shortened(visibleText(path.split("/").at(-1) ?? path), 40);
}
