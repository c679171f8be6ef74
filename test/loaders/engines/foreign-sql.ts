/**
 * Finds what a statement in Trino's dialect has that Trino refuses, or answers otherwise than DuckDB. The lists come from
 * statements that were run on both; `npm run engines` runs them again.
 */
export function foreignSql(sql: string): string[] {
  const texts: string[] = [];
  // Texts become numbered marks, so that no pattern finds itself in them.
  const bare = sql
    .replace(/'(?:[^']|'')*'|\/\*.*?\*\/|--[^\n]*/gs, (text) => (text[0] === "'" ? `'${texts.push(text) - 1}'` : " "))
    .replace(/"(?:[^"]|"")*"/g, "named");
  const found = refused.filter(([, pattern]) => pattern.test(bare)).map(([name]) => name);
  for (const [, name] of bare.matchAll(/\b([a-z_][a-z0-9_]*) ?\(/gi)) {
    const called = name.toLowerCase();
    if (!words.has(called) && !functions.has(called)) found.push(`function ${called}`);
  }
  // DuckDB's quotient of whole numbers has a fraction, Trino's has none: one side is written as DOUBLE.
  for (const {index} of bare.matchAll(/\//g)) {
    const [before, after] = [bare.slice(0, index), bare.slice(index + 1)];
    if (!/(?:AS DOUBLE\)|\de\d+) *$/i.test(before) && !/^ *(?:\d+(?:\.\d+)?e\d+|CAST\([^()]* AS DOUBLE\))/i.test(after))
      found.push(`quotient that may be whole: …${bare.slice(Math.max(0, index - 40), index + 30)}…`);
  }
  // Where nothing matches DuckDB gives '', Trino NULL.
  for (const [call, before, pattern] of bare.matchAll(/(coalesce\()?\bregexp_extract\(.*?, '(\d+)'\)/gi))
    if (!before && !new RegExp(texts[Number(pattern)].slice(1, -1).replaceAll("''", "'")).test(""))
      found.push(`no match gives NULL: ${call}`);
  return [...new Set(found)];
}

const refused: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["::", /::/],
  ["//", /\/\//],
  ["QUALIFY", /\bQUALIFY\b/i],
  ["GROUP BY ALL", /\bGROUP BY ALL\b/i],
  ["ORDER BY ALL", /\bORDER BY ALL\b/i],
  ["ILIKE", /\bILIKE\b/i],
  ["FILTER without WHERE", /\bFILTER \((?! *WHERE\b)/i],
  ["list literal", /(?<![\w)\]]\s?)\[/],
  ["struct literal", /\{/],
  ["lambda with a word", /\blambda\b/i],
  ["SELECT with EXCLUDE or REPLACE", /\* (?:EXCLUDE|REPLACE)\b/i],
  ["UNION BY NAME", /\bBY NAME\b/i],
  ["type FLOAT", /\bAS FLOAT\b/i],
  ["ARRAY type by []", /\b(?:BIGINT|INTEGER|VARCHAR|DOUBLE)\[\]/i],
  ["UNNEST among columns", /(?<!CROSS JOIN )\bUNNEST\(/i],
  ["file as a table", /(?<!\bDISTINCT )\bFROM '/i]
];

/** Words of SQL before a parenthesis. */
const words = new Set(
  "and as between by case distinct else exists filter from in join not on or over partition select then union using values when where with all having set any is like"
    .split(" ")
    .concat(["u", "findings", "array", "timestamp"])
);

/** Functions that both engines have, with the same answers, and Trino's own that its dialect writes. */
const functions = new Set(
  [
    "abs avg cast ceil coalesce count floor greatest lag lead least length lower max min ntile nullif regexp_extract replace",
    "row_number split_part starts_with stddev_pop substr sum try_cast strpos",
    "array_agg array_sort cardinality date_diff element_at from_unixtime_nanos reduce regexp_like round sequence split to_hex to_unixtime unnest zip_with whole_quotient epoch_ms_of"
  ].flatMap((line) => line.split(" "))
);
