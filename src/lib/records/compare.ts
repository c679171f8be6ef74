import {literal} from "../sql.js";
import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";

/** Flows, each counted where it began. */
export const comparedFlows: RecordSource = {
  name: "flows",
  title: "flows",
  from: "flows AS f",
  columns: [],
  derived: {
    service:
      "coalesce(f.service, CASE f.proto WHEN 6 THEN 'not recognised (TCP)' WHEN 17 THEN 'not recognised (UDP)' WHEN 1 THEN 'icmp' WHEN 58 THEN 'icmpv6' ELSE 'ip/' || f.proto END)",
    service_port: "CASE f.proto WHEN 6 THEN 'tcp/' || f.dst_port WHEN 17 THEN 'udp/' || f.dst_port END",
    name: "nullif(lower(f.server_name), '')",
    bytes: "f.src_wire_bytes + f.dst_wire_bytes",
    // Sides may be captures.
    capture_sha256: "f.capture_sha256"
  },
  nothing: "No flow was seen."
};

/** One of the two things that are compared: a stretch of time, of one capture or of all. Times in µs since 1970, the end exclusive. */
export interface Side {
  readonly label: string;
  readonly from?: number;
  readonly to?: number;
  readonly capture?: string;
}

export interface Sides {
  readonly before: Side;
  readonly after: Side;
}

/** A difference is told from chance by so many standard deviations, and by a share that is so many times the other. */
export const leastDeviations = 3;
export const leastRatio = 1.25;

/** What is compared, by name: an expression over `sided`, or two of which each flow counts for both. */
const keys = {
  service: {title: "Services", keys: ["service"]},
  host: {title: "Hosts", keys: ["originator", "responder"]},
  port: {title: "Ports", keys: ["service_port"]},
  name: {title: "Names", keys: ["name"]}
} as const;

export type ComparedBy = keyof typeof keys;
export const comparedBy = Object.keys(keys) as readonly ComparedBy[];

const lifts = ["from", "to", "captures"] as const;

function conditionOf({from, to, capture}: Side): string {
  const conditions = [
    ...(from === undefined ? [] : [`ts_us >= ${from}`]),
    ...(to === undefined ? [] : [`ts_us < ${to}`]),
    ...(capture === undefined ? [] : [`capture_sha256 = ${literal(capture)}`])
  ];
  return conditions.length > 0 ? conditions.join(" AND ") : "true";
}

const sidedSql = ({before, after}: Sides) => `, sided AS (
  SELECT *, 1 AS side FROM records WHERE ${conditionOf(before)}
  UNION ALL SELECT *, 2 FROM records WHERE ${conditionOf(after)}
)`;

/**
 * Groups with their flows on either side, and how far the second is from what the first leads to expect. If a group's share of
 * flows were the same, its flows on the second side, given those on both, were binomial (as two Poisson counts are, Przyborowski
 * and Wilenski 1940): `deviations` says how many standard deviations they are from the mean of that.
 */
function judgedSql(by: ComparedBy, sides: Sides): string {
  const [first, second] = keys[by].keys as readonly string[];
  const other = second ? `\n  UNION ALL SELECT side, ${second}, bytes FROM sided WHERE ${second} <> ${first}` : "";
  return `${sidedSql(sides)},
keyed AS (
  SELECT side, ${first} AS key, bytes FROM sided WHERE ${first} IS NOT NULL${other}
),
totals AS (
  SELECT CAST(count(*) FILTER (side = 1) AS DOUBLE) AS before_all, CAST(count(*) FILTER (side = 2) AS DOUBLE) AS after_all FROM sided
),
counted AS (
  SELECT key, count(*) FILTER (side = 1) AS before, count(*) FILTER (side = 2) AS after,
    coalesce(sum(bytes) FILTER (side = 1), 0) AS before_bytes, coalesce(sum(bytes) FILTER (side = 2), 0) AS after_bytes
  FROM keyed GROUP BY key
),
judged AS (
  SELECT c.*, c.before / nullif(before_all, 0) AS before_share, c.after / nullif(after_all, 0) AS after_share,
    (c.after - (c.before + c.after) * after_all / (before_all + after_all))
      / nullif(sqrt((c.before + c.after) * after_all * before_all) / (before_all + after_all), 0) AS deviations
  FROM counted AS c, totals
),
told AS (
  SELECT *, CASE WHEN before = 0 THEN 'new' WHEN after = 0 THEN 'gone'
    WHEN coalesce(abs(deviations), 0) <= ${leastDeviations} OR greatest(before_share, after_share) < ${leastRatio} * least(before_share, after_share) THEN 'alike'
    WHEN deviations > 0 THEN 'grew' ELSE 'shrank' END AS change
  FROM judged
)`;
}

const columns = [
  {name: "change", label: "Change", kind: "text"},
  {name: "before", label: "Flows before", kind: "count"},
  {name: "after", label: "after", kind: "count"},
  {name: "before_share", label: "Share before", kind: "share"},
  {name: "after_share", label: "after", kind: "share"},
  {name: "before_bytes", label: "Bytes before", kind: "bytes"},
  {name: "after_bytes", label: "after", kind: "bytes"},
  {name: "chance", label: "By chance?", kind: "text"}
] as const;
const selected = `change, CAST(before AS BIGINT) AS before, CAST(after AS BIGINT) AS after, CAST(before_share AS DOUBLE) AS before_share, CAST(after_share AS DOUBLE) AS after_share,
  CAST(before_bytes AS BIGINT) AS before_bytes, CAST(after_bytes AS BIGINT) AS after_bytes,
  CASE WHEN deviations IS NULL THEN 'cannot tell' WHEN abs(deviations) <= ${leastDeviations} THEN 'may be' ELSE 'no' END AS chance`;

/** What differs, the surest first. */
export const differences = (by: ComparedBy, sides: Sides): RecordQuestion => ({
  name: `compare-${by}s`,
  title: `${keys[by].title} that differ`,
  source: comparedFlows,
  lifts,
  columns: [
    {name: "key", label: keys[by].title.slice(0, -1), kind: by === "host" || by === "service" ? by : "text"},
    ...columns
  ],
  sql: () => `${judgedSql(by, sides)}
SELECT key, ${selected}
FROM told\nWHERE change <> 'alike'\nORDER BY abs(deviations) DESC NULLS LAST, before + after DESC, key\nLIMIT 500`
});

/** The mix of services on both sides, the most used first. */
export const serviceMix = (sides: Sides): RecordQuestion => ({
  name: "compare-mix",
  title: "Mix of services",
  source: comparedFlows,
  lifts,
  columns: [{name: "key", label: "Service", kind: "service"}, ...columns],
  sql: () => `${judgedSql("service", sides)}
SELECT key, ${selected}
FROM told\nORDER BY greatest(coalesce(before_share, 0), coalesce(after_share, 0)) DESC, key\nLIMIT 14`
});

export const compareFigures = (sides: Sides): RecordQuestion => ({
  name: "compare-figures",
  title: "Both sides in figures",
  source: comparedFlows,
  lifts,
  columns: [
    {name: "before", label: "Flows before", kind: "count"},
    {name: "after", label: "Flows after", kind: "count"},
    {name: "before_bytes", label: "Bytes before", kind: "bytes"},
    {name: "after_bytes", label: "Bytes after", kind: "bytes"},
    {name: "new_hosts", label: "New hosts", kind: "count"},
    {name: "gone_hosts", label: "Gone hosts", kind: "count"},
    {name: "moved", label: "Hosts beyond chance", kind: "count"}
  ],
  sql: () => `${judgedSql("host", sides)}
SELECT CAST(count(*) FILTER (side = 1) AS BIGINT) AS before, CAST(count(*) FILTER (side = 2) AS BIGINT) AS after,
  CAST(coalesce(sum(bytes) FILTER (side = 1), 0) AS BIGINT) AS before_bytes, CAST(coalesce(sum(bytes) FILTER (side = 2), 0) AS BIGINT) AS after_bytes,
  CAST((SELECT count(*) FROM told WHERE change = 'new') AS BIGINT) AS new_hosts, CAST((SELECT count(*) FROM told WHERE change = 'gone') AS BIGINT) AS gone_hosts,
  CAST((SELECT count(*) FROM told WHERE change <> 'alike' AND abs(deviations) > ${leastDeviations}) AS BIGINT) AS moved
FROM sided`
});

/** For what is said of the page where no notebook is at hand: all of time against itself. */
const everything: Sides = {before: {label: "all"}, after: {label: "all"}};

export const comparePage: RecordPage = {
  path: "/compare",
  sources: [],
  questions: [
    compareFigures(everything),
    serviceMix(everything),
    ...comparedBy.map((by) => differences(by, everything))
  ]
};
