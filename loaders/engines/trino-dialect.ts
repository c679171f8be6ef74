import type {Dialect} from "../../schema/engine.ts";

/** Trino's spelling of what engines spell differently. Times are TIMESTAMP(6) without a zone, in UTC as the lake has them. */
export const trinoDialect: Dialect = {
  name: "trino",
  bucket: (timestamp, widthUs) => {
    if (!Number.isSafeInteger(widthUs) || widthUs <= 0)
      throw new Error(`bucket width: expected a positive whole number of µs, found ${widthUs}`);
    const start = `CAST(floor(CAST(${epochUs(timestamp)} AS DOUBLE) / ${widthUs}) AS BIGINT) * ${widthUs}`;
    return `CAST(from_unixtime_nanos(${start} * 1000) AT TIME ZONE 'UTC' AS TIMESTAMP(6))`;
  },
  // Exact quantiles are unknown to Trino: the values are sorted. An empty list has no elements, so the answer is NULL.
  quantile: (expression, q) => {
    const values = `array_sort(array_agg(${expression}) FILTER (WHERE ${expression} IS NOT NULL))`;
    return `element_at(${values}, CAST(greatest(1, ceil(count(${expression}) * ${Number(q)}e0)) AS INTEGER))`;
  },
  ratio: (dividend, divisor) => `(CAST(${dividend} AS DOUBLE) / NULLIF(${divisor}, 0))`,
  epochMs: (timestamp) => `(${epochUs(timestamp)} / 1000)`,
  epochUs,
  eachOf: (table, lists) => {
    const names = Object.keys(lists);
    return `(SELECT e.*, ${names.map((name) => `u.${name}`).join(", ")}
    FROM ${table} AS e CROSS JOIN UNNEST(${Object.values(lists).join(",\n    ")}) AS u(${names.join(", ")}))`;
  },
  // Trino's sequence counts down where the last is below the first.
  series: (first, last) => `CASE WHEN ${first} <= ${last} THEN sequence(${first}, ${last}) END`,
  numbers: (text) => `CAST(split(${text}, ',') AS ARRAY(BIGINT))`,
  sumOf: (list) => `reduce(${list}, CAST(0 AS BIGINT), (s, x) -> s + x, s -> s)`,
  sumOver: ([a, b, c], term) =>
    `reduce(zip_with(zip_with(${a}, ${b}, (x, y) -> ARRAY[x, y]), ${c}, (p, z) -> ${term("p[1]", "p[2]", "z")}), CAST(0 AS DOUBLE), (s, t) -> s + t, s -> s)`,
  madeOnce: "",
  wholeQuotient: (dividend, divisor) => `${dividend} / ${divisor}`,
  addressKey
};

/** `to_unixtime` gives seconds as DOUBLE, which are exact to a quarter of a µs until 2106: rounded they are the µs. */
function epochUs(timestamp: string): string {
  return `CAST(round(to_unixtime(${timestamp}) * 1e6) AS BIGINT)`;
}

function addressKey(address: string): string {
  const digits = `lower(to_hex(CAST(TRY_CAST(${address} AS IPADDRESS) AS VARBINARY)))`;
  return `CASE WHEN regexp_like(${address}, '^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$') THEN '4' || substr(${digits}, 25)
    WHEN strpos(${address}, ':') = 0 THEN '9' || ${address} ELSE '6' || ${digits} END`;
}
