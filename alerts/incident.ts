import {basename} from "node:path";
import type {Notice} from "../loaders/judge/notice-list.ts";
import {type Severity, severities} from "../schema/incidents.ts";
import {shortened, visibleText} from "../src/lib/visible-text.ts";

/** What an alert tells of a notice; all texts are made visible and of bounded length. Times in µs since 1970. */
export interface Incident {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  /** MITRE ATT&CK technique id; null where none fits. */
  readonly technique: string | null;
  readonly from: number;
  readonly to: number;
  /** Null where many did it. */
  readonly src: string | null;
  /** Null where it was done to many. */
  readonly dst: string | null;
  readonly port: number | null;
  readonly flows: number;
  readonly summary: string;
  readonly reasons: readonly string[];
  /** File name or interface of the capture. */
  readonly capture: string;
  readonly captureSha256: string;
}

const mostReasons = 12;
const longestText = 500;

/** A notice as an alert tells it. */
export function incidentOf(notice: Notice): Incident {
  return {
    id: notice.notice_id,
    rule: notice.rule,
    severity: notice.severity,
    technique: notice.attack_technique,
    from: notice.ts_start,
    to: notice.ts_end,
    src: notice.src_ip,
    dst: notice.dst_ip,
    port: notice.dst_port,
    flows: notice.flows,
    summary: plain(notice.summary),
    reasons: notice.reasons.slice(0, mostReasons).map(({text}) => plain(text)),
    capture: plain(basename(notice.capture ?? "")),
    captureSha256: notice.capture_sha256
  };
}

const plain = (text: string) => shortened(visibleText(text), longestText);

/** Gravest first, then by time. */
export function byGravity(a: Incident, b: Incident): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity) || a.from - b.from;
}

/** What is needed to know an incident again. */
export type Trace = Pick<Incident, "rule" | "src" | "dst" | "from" | "to">;

/**
 * True where one incident goes on in the other: the same rule, hosts that agree (many agree with each), and at most
 * `quietUs` of packet time between them. A growing live capture may find its beginning anew, and another capture sees
 * the same attack under another id.
 */
export function goesOn(a: Trace, b: Trace, quietUs: number): boolean {
  const agree = (x: string | null, y: string | null) => x === y || x === null || y === null;
  if (a.rule !== b.rule || a.from > b.to + quietUs || b.from > a.to + quietUs) return false;
  if (!agree(a.src, b.src) || !agree(a.dst, b.dst)) return false;
  const namesNone = a.src === null && a.dst === null && b.src === null && b.dst === null;
  return namesNone || (a.src !== null && a.src === b.src) || (a.dst !== null && a.dst === b.dst);
}
