/**
 * The view `flow_series`: what one host sent to one port of another in one capture, added up. Like roll-ups it is made beside the
 * lake, a file for each part, and views add the flows of parts that have none yet.
 */
export const seriesView = "flow_series";

/** The view of what incidents its flows belong to: it is made anew when they change, the sums are not. */
export const seriesIncidentsView = "flow_series_incidents";

/** The file of either in a part's folder of roll-ups. */
export const seriesFile = "series.parquet";

interface SeriesColumn {
  readonly name: string;
  readonly type: "VARCHAR" | "INTEGER" | "BIGINT" | "DOUBLE" | "BIGINT[]";
}

/** What a series is of, by the names that these columns have in `flows`. A series may have several rows, one of each part. */
export const seriesKeys: readonly SeriesColumn[] = [
  {name: "capture_sha256", type: "VARCHAR"},
  {name: "src_ip", type: "VARCHAR"},
  {name: "dst_ip", type: "VARCHAR"},
  {name: "proto", type: "INTEGER"},
  {name: "dst_port", type: "INTEGER"},
  {name: "service", type: "VARCHAR"}
];

/**
 * `sent`: payload of the originator, and `sent_squares` the sum of its squares; `answered`: flows that came to something. The
 * columns of probes are of flows that may be no more than an attempt: what came of them, the best outcome (1 is an open port),
 * when the first began and the last ended, in µs. `times`: when each flow began, in order.
 */
export const seriesColumns: readonly SeriesColumn[] = [
  ...seriesKeys,
  {name: "flows", type: "BIGINT"},
  {name: "sent", type: "BIGINT"},
  {name: "sent_squares", type: "DOUBLE"},
  {name: "answered", type: "BIGINT"},
  {name: "probes", type: "BIGINT"},
  {name: "probes_open", type: "BIGINT"},
  {name: "probes_refused", type: "BIGINT"},
  {name: "probes_silent", type: "BIGINT"},
  {name: "probes_best", type: "INTEGER"},
  {name: "probes_first_us", type: "BIGINT"},
  {name: "probes_last_us", type: "BIGINT"},
  {name: "times", type: "BIGINT[]"}
];

/** Of all flows, and of probes alone; null where none of them belongs to an incident. */
export const seriesIncidentColumns: readonly SeriesColumn[] = [...seriesKeys, {name: "incident", type: "VARCHAR"}, {name: "probe_incident", type: "VARCHAR"}];
