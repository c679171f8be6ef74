import type {Filter} from "./filter.js";
import type {ArrowTable} from "./flow-table.js";

/** An incident that a rule found; times in µs since 1970, texts from strangers in `summary` and `reasons`. */
export interface NoticeFacts {
  readonly id: string;
  readonly capture: string;
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  /** MITRE ATT&CK technique id; null where there is none. */
  readonly technique: string | null;
  readonly severity: string;
  /** Null where many did it. */
  readonly src: string | null;
  /** Null where it was done to many. */
  readonly dst: string | null;
  /** Port aimed at; null for many. */
  readonly port: number | null;
  readonly flows: number;
  readonly summary: string;
  /** The figures and limits that decided. */
  readonly reasons: readonly string[];
}

/** Reads `notices.parquet`. */
export function noticeFacts(arrow: ArrowTable & {toArray?(): readonly unknown[]}): NoticeFacts[] {
  return ((arrow.toArray?.() ?? []) as Readonly<Record<string, unknown>>[]).map((row) => {
    const maybe = (name: string) => (row[name] === null || row[name] === undefined ? null : String(row[name]));
    return {
      id: String(row.notice_id),
      capture: String(row.capture_sha256),
      from: Number(row.ts_start),
      to: Number(row.ts_end),
      rule: String(row.rule),
      technique: maybe("attack_technique"),
      severity: String(row.severity),
      src: maybe("src_ip"),
      dst: maybe("dst_ip"),
      port: row.dst_port === null || row.dst_port === undefined ? null : Number(row.dst_port),
      flows: Number(row.flows),
      summary: String(row.summary),
      reasons: texts(String(row.reasons))
    };
  });
}

function texts(json: string): string[] {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list.map((item) => (typeof item === "string" ? item : JSON.stringify(item))) : [];
  } catch {
    return [];
  }
}

const severities = ["high", "medium", "low", "info"];

/**
 * The notices that the filter's window, host and captures leave, gravest first, then by time. What filters single flows
 * (protocol, service, verdict, class) leaves notices alone: an incident is more than its flows.
 */
export function noticesOf(notices: readonly NoticeFacts[], {from, to, host, captures}: Filter): NoticeFacts[] {
  return notices
    .filter((notice) => from === undefined || notice.to >= from)
    .filter((notice) => to === undefined || notice.from < to)
    .filter(({src, dst}) => host === undefined || src === host || dst === host)
    .filter(({capture}) => !captures || captures.includes(capture))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.from - b.from);
}
