import type {Dialect, Value} from "../../schema/engine.ts";
import type {Severity} from "../../schema/incidents.ts";
import type {NoticeRow} from "../../schema/notices.ts";
import type {TableName} from "../../schema/tables.ts";

/** A number that decides, with its name in the rule's `limits`. */
export interface Limit {
  readonly value: number;
  readonly unit: string;
  /** What the number bounds. */
  readonly doc: string;
}

export type Limits = Readonly<Record<string, Limit>>;

/** What a rule looks at: some captures of a lake, each judged by itself. */
export interface Scope {
  readonly dialect: Dialect;
  /** A subquery with the rows of a table that belong to the captures looked at. */
  rows(table: TableName): string;
  /** A condition: the column holds one of the captures looked at. For rules that compare with the rest of the lake. */
  isLookedAt(column: string): string;
  readonly surroundings: Surroundings;
}

/** A row of a rule's query by column name; 64-bit numbers as doubles, timestamps as µs since 1970. */
export type RuleRow = Readonly<Record<string, Exclude<Value, bigint>>>;

/** A row about one source and the service that it spoke to. */
export type ServiceRow = RuleRow & {
  readonly capture_sha256: string;
  readonly src_ip: string;
  readonly dst_ip: string;
  readonly dst_port: number;
  readonly ts_start: number;
  readonly ts_end: number;
  readonly flows: number;
};

/** A row about one flow. */
export type OneFlowRow = RuleRow & {
  readonly capture_sha256: string;
  readonly flow_id: string;
  readonly src_ip: string;
  readonly dst_ip: string;
  readonly dst_port: number;
  readonly ts_start: number;
  readonly ts_end: number;
};

/** One figure that decided, as `notices.reasons` keeps it. */
export interface Reason {
  /** The figure and its limit in words. */
  readonly text: string;
  readonly figure: string;
  readonly value: number | string;
  /** The limit that the value passed; null for a figure that only explains. */
  readonly limit: number | null;
  readonly unit: string | null;
}

/** What happened, before it is a row of `notices`. Addresses and port are null for many. */
export interface Incident
  extends Pick<NoticeRow, "capture_sha256" | "ts_start" | "ts_end" | "src_ip" | "dst_ip" | "dst_port" | "summary"> {
  readonly flows: number;
  readonly reasons: readonly Reason[];
  /** Where this incident is graver or more harmless than what its rule finds as a rule. */
  readonly severity?: Severity;
  /** Where this incident is another technique than what its rule finds as a rule. */
  readonly attackTechnique?: string;
}

/** Where, when and by how many flows an incident is that is one row. */
export function placeOf({capture_sha256, ts_start, ts_end, src_ip, dst_ip, dst_port, flows}: ServiceRow) {
  return {capture_sha256, ts_start, ts_end, src_ip, dst_ip, dst_port, flows};
}

/** An incident with the rule that found it. */
export interface Finding extends Incident {
  readonly rule: string;
}

/** What a rule must be told besides the lake. */
export interface Surroundings {
  /** Networks taken as local, in CIDR notation. */
  readonly localNets: readonly string[];
}

/**
 * A detector: SQL over the lake's tables that gives rows for what passes the limits, and a function that makes
 * incidents of them. The SQL keeps to what DuckDB and Trino share; `Dialect` has the rest (`docs/decisions/engines.md`).
 */
export interface Rule<L extends Limits = Limits> {
  /** As `notices.rule` has it. */
  readonly name: string;
  /** What is detected, in one sentence. */
  readonly doc: string;
  /** What the rule cannot see, so that its silence proves nothing there. */
  readonly blindTo: string;
  /** MITRE ATT&CK technique id; null where none fits. */
  readonly attackTechnique: string | null;
  /** Of an incident that does not give its own. */
  readonly severity: Severity;
  readonly limits: L;
  readonly tables: readonly TableName[];
  /**
   * What the rule begins with: conditions on rows of tables. Where none of them has a row it finds nothing and is not asked,
   * for a query's planning costs more than most captures do. Without it the rule is always asked.
   */
  readonly startsFrom?: Readonly<Partial<Record<TableName, string>>>;
  /**
   * True where flows under way count in a live capture, a second after they began: what is counted stays true as they
   * go on, or changes seldom. Other rules wait for the flow's end, or for TCP to have closed it.
   */
  readonly judgesOpen?: boolean;
  /**
   * A condition on rows `f` of `flows`: which of those between an incident's hosts, in its stretch of time and to its port,
   * the rule counts. Without it all of them.
   */
  readonly countedFlows?: string;
  query(scope: Scope, limits: L): string;
  incidents(rows: readonly RuleRow[], limits: L, surroundings: Surroundings): readonly Incident[];
  /**
   * True where a finding of another rule already tells of this incident; it is dropped then. Both have the same source
   * or the same target, or one of them has no source: others are not compared.
   */
  yieldsTo?(incident: Incident, other: Finding): boolean;
}

/** Gives a rule its type, with its limits by name. */
export function defineRule<const L extends Limits, R extends RuleRow = RuleRow>(
  rule: Omit<Rule<L>, "incidents"> & {
    incidents(rows: readonly R[], limits: L, surroundings: Surroundings): readonly Incident[];
  }
): Rule {
  return rule as unknown as Rule;
}
