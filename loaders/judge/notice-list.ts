import type {Reason} from "../../models/rules/rule.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {type Severity, severities} from "../../schema/incidents.ts";

/** A notice as it is shown: times in µs since 1970, reasons as objects, the capture by its name. */
export interface Notice {
  readonly notice_id: string;
  readonly capture: string;
  readonly capture_sha256: string;
  readonly ts_start: number;
  readonly ts_end: number;
  readonly rule: string;
  readonly attack_technique: string | null;
  readonly severity: Severity;
  readonly src_ip: string | null;
  readonly dst_ip: string | null;
  readonly dst_port: number | null;
  readonly flows: number;
  readonly summary: string;
  readonly reasons: readonly Reason[];
}

export interface NoticeFilter {
  /** Only notices of this rule. */
  readonly rule?: string;
  /** Only notices of at least this severity. */
  readonly severity?: Severity;
}

/** The lake's notices in order of time. */
export async function listNotices(engine: QueryEngine, filter: NoticeFilter = {}): Promise<Notice[]> {
  const {columns, rows} = await engine.query(
    `SELECT notice_id, c.path AS capture, n.capture_sha256, ts_start, ts_end, rule, attack_technique, severity, src_ip, dst_ip, dst_port,
      n.flows AS flows, summary, reasons
    FROM notices n LEFT JOIN captures c ON c.capture_sha256 = n.capture_sha256 ORDER BY ts_start, rule, notice_id`
  );
  const least = filter.severity === undefined ? 0 : severities.indexOf(filter.severity);
  return rows
    .map((row) => {
      const plain = row.map((value) => (typeof value === "bigint" ? Number(value) : value));
      const notice = Object.fromEntries(columns.map(({name}, k) => [name, plain[k]]));
      return {...notice, reasons: JSON.parse(String(notice.reasons))} as unknown as Notice;
    })
    .filter(
      ({rule, severity}) => (filter.rule === undefined || rule === filter.rule) && severities.indexOf(severity) >= least
    );
}
