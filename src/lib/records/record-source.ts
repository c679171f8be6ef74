import type {Filter} from "../filter.js";
import type {TimeGrid} from "../question.js";

/**
 * How a value is shown: a host and an incident's id lead to their pages, a query of flows (as the query box has it) to those
 * flows; a service, or several with commas between them, has the name that all pages give it; a list is JSON of texts; a second is a time that has no parts of a second.
 */
export type CellKind =
  | "text"
  | "service"
  | "list"
  | "digest"
  | "count"
  | "bytes"
  | "duration"
  | "share"
  | "number"
  | "time"
  | "second"
  | "host"
  | "port"
  | "incident"
  | "flows";

export interface NamedCell {
  /** Name in the answer. */
  readonly name: string;
  readonly label: string;
  readonly kind: CellKind;
}

/** A column of records. */
export interface RecordColumn extends NamedCell {
  /** Expression over the record `r` and its flow `f`; without it the record's column of that name. */
  readonly sql?: string;
  /** Shown where one record is opened, not in the table. */
  readonly rare?: true;
}

/** A table of application records, each joined to the flow it was seen in. */
export interface RecordSource {
  /** The lake's table. */
  readonly name: string;
  /** What its records are, in the plural: `DNS queries`. */
  readonly title: string;
  readonly columns: readonly RecordColumn[];
  /** Further expressions over `r` and `f` that questions ask, by name; of flows also over `flow_incidents AS i`. */
  readonly derived?: Readonly<Record<string, string>>;
  /** Of what is no table of records: flows `f`, of `selectedColumns`, with what is made of each, as they stand behind FROM. */
  readonly from?: string;
  /** A condition on flows `f` beside those of the filter. */
  readonly only?: string;
  /** Its rows are of no flow: frames without IP. Time and captures narrow them, other fields of the filter do not. */
  readonly flowless?: true;
  /** What is said where the lake has none, and where to look instead. */
  readonly nothing: string;
}

/** What a chart or a figure asks of records, as SQL over the table `records`: those that pass the filter. */
export interface RecordQuestion {
  /** kebab-case; the chart's id. */
  readonly name: string;
  readonly title: string;
  readonly source: RecordSource;
  /** It asks what only packets tell: over logs of flows alone its chart is left out where it has nothing. */
  readonly ofPackets?: true;
  /** Fields of the filter that do not narrow `records`: the statement sets them itself. */
  readonly lifts?: readonly (keyof Filter)[];
  /**
   * What `records` are made of the source's records, which are then called `chosen`, where several questions ask what costs much:
   * behind `WITH chosen AS (…)`, or `unmarked`, which are the same without their incidents: to join those costs as much as to
   * count the rest. The server makes them once.
   */
  readonly made?: string;
  /**
   * What is {@link made}, of `series` and `marked` in place of flows: the rows of `flow_series` and `flow_series_incidents` that pass
   * the filter. A lake that is served has them; they know no times, classes or verdicts.
   */
  readonly summed?: string;
  /** What is made asks `chosen` once and leaves few rows: it is read from the lake itself, where all others select the filter's flows first. */
  readonly isReadOnce?: true;
  /** Columns of the answer in order. */
  readonly columns: readonly NamedCell[];
  /** Names of those that a list does not show until they are chosen. */
  readonly rare?: readonly string[];
  /** A statement's part behind `WITH records AS (…)`; buckets of time are columns `ts_us`, see `bucketSql`. */
  sql(grid: TimeGrid, filter: Filter): string;
}

/** A page over records: a static build gives it the rows of its tables. */
export interface RecordPage {
  /** As `/dns`. */
  readonly path: string;
  /** Those that the page lists one by one. */
  readonly sources: readonly RecordSource[];
  /** Further tables that its questions ask. */
  readonly also?: readonly string[];
  /** Further tables and views without flows that its questions ask. */
  readonly beside?: readonly string[];
  readonly questions: readonly RecordQuestion[];
}
