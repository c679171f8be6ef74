import type {Attack} from "./attack.ts";
import {nestedQueries, selfJoins} from "./statements.ts";
import {askSql} from "./target.ts";

/** Much like others, and too long for a test. */
const slow = new Set([
  "25 natural self-joins",
  "self-joins by inequality",
  "recursion that doubles",
  "text of 2 GB by format",
  "list of lists",
  "a billion groups",
  "windows over everything",
  "1,000 UNIONs",
  "SUMMARIZE of a wide join",
  "levenshtein of long texts",
  "text of 2 GB by lpad",
  "200 MB in few rows"
]);

const sql = (name: string, statement: string, expected: RegExp): Attack => ({
  name,
  expected,
  run: (target) => askSql(target, statement),
  isSlow: slow.has(name)
});

const list = (length: number, item: (k: number) => string | number, separator = ",") =>
  Array.from({length}, (_, k) => item(k)).join(separator);

const capped = /^422 (time|memory)$/;
/** On a busy machine any query may run out of its time. */
const refused = /^(400 |422 time$)/;
const fine = /^(200|422 time)$/;
const fineOrRefused = /^(200|400 .*|422 .*)$/;

/** Statements that want too much, or what is none of theirs. */
export const sqlAttacks: readonly Attack[] = [
  sql("25 subqueries within each other, deaf to interrupts", nestedQueries(25), capped),
  sql("895 bytes of 25 self-joins", selfJoins(25), capped),
  sql("25 natural self-joins", selfJoins(25, "NATURAL JOIN"), /^(200|422 (time|memory))/),
  sql(
    "self-joins by inequality",
    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range < b.range",
    capped
  ),
  sql("100 MB of text in each of 30 rows", "SELECT repeat('x', 100000000) FROM range(30)", capped),
  sql("text of 2 GB by lpad", "SELECT lpad('x', 2000000000, 'y')", /^(422 (memory|time)|400 )/),
  sql("text of 2 GB by format", "SELECT format('{:>2000000000}', 'x')", /^(422 (memory|time)|400 )/),
  sql(
    "endless recursion",
    "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r",
    capped
  ),
  sql(
    "recursion that doubles",
    "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r, range(2)) SELECT count(*) FROM r",
    capped
  ),
  sql("a trillion numbers", "SELECT count(*) FROM range(1000000000000)", /^422 time$/),
  sql("a billion rows", "SELECT * FROM range(1000000000)", /^422 (rows|time)$/),
  sql("200 MB in few rows", "SELECT repeat('x', 1000000) FROM range(200)", /^422 (bytes|memory|time)$/),
  sql("list of a billion", "SELECT range(0, 1000000000)", capped),
  sql("list of lists", "SELECT list(l) FROM (SELECT range(0, 100000) AS l FROM range(100000))", capped),
  sql("struct 200 deep", `SELECT ${"{'a': ".repeat(200)}1${"}".repeat(200)}`, fineOrRefused),
  sql("string_agg of everything", "SELECT string_agg(repeat('x', 1000), '') FROM range(100000000)", capped),
  sql(
    "sort larger than memory and disk",
    "SELECT md5(i::VARCHAR) AS m FROM range(10000000000) AS r(i) ORDER BY m",
    capped
  ),
  sql(
    "a billion groups",
    "SELECT count(*) FROM (SELECT DISTINCT md5(i::VARCHAR) FROM range(10000000000) AS r(i))",
    capped
  ),
  sql(
    "windows over everything",
    "SELECT sum(x) FROM (SELECT median(i) OVER (ORDER BY i ROWS 1000000 PRECEDING) AS x FROM range(10000000) AS r(i))",
    capped
  ),
  sql("regular expression that backtracks", "SELECT regexp_matches(repeat('a', 1000000) || 'b', '^(a+)+$')", fine),
  sql("regular expression that explodes", "SELECT regexp_matches('a', '((a{1,100}){1,100}){1,100}')", refused),
  sql("LIKE with many wildcards", `SELECT repeat('a', 100000) LIKE '${"%a".repeat(100)}%b'`, fine),
  sql("levenshtein of long texts", "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))", capped),
  sql("6,000 values in IN", `SELECT 1 WHERE 5 IN (${list(6000, (k) => k)})`, fine),
  sql("15,000 parentheses", `SELECT ${"(".repeat(15_000)}1${")".repeat(15_000)}`, refused),
  sql("7,000 NOTs", `SELECT ${"NOT ".repeat(7000)}true`, refused),
  sql("10,000 operators", `SELECT ${list(10_000, () => 1, "+")}`, fineOrRefused),
  sql("300 subqueries in FROM", `${"SELECT * FROM (".repeat(300)}SELECT 1${")".repeat(300)}`, fineOrRefused),
  sql(
    "1,000 UNIONs",
    list(1000, () => "SELECT * FROM flows", " UNION ALL "),
    fineOrRefused
  ),
  sql("8,000 columns", `SELECT ${list(8000, () => 1)}`, /^(200|422 (bytes|time))$/),
  sql("every column 30 times over", `SELECT ${list(30, () => "*")} FROM flows`, /^(200|422 (bytes|time))$/),
  sql(
    "PIVOT on what differs in every row",
    "PIVOT (SELECT range AS i, 1 AS v FROM range(100000)) ON i USING sum(v)",
    /^(400|422) /
  ),
  sql(
    "EXPLAIN ANALYZE of what does not end",
    "EXPLAIN ANALYZE SELECT count(*) FROM range(1000000000000)",
    /^422 time$/
  ),
  sql("SUMMARIZE of a wide join", "SUMMARIZE SELECT * FROM flows a, flows b, flows c, range(100000)", capped),
  sql("files by table functions", "SELECT * FROM read_csv('/etc/passwd')", refused),
  sql("files by name", "SELECT * FROM '/etc/passwd'", refused),
  sql("files as text", "SELECT content FROM read_text('/etc/passwd')", refused),
  sql("files as Parquet", "SELECT * FROM read_parquet('/etc/passwd')", refused),
  sql("files beside the tables", "SELECT * FROM read_parquet('../../../../etc/*')", refused),
  sql("names of files", "SELECT * FROM glob('/**')", refused),
  sql("an address", "SELECT * FROM read_parquet('https://192.0.2.1/x.parquet')", refused),
  sql("the environment", "SELECT getenv('PATH')", refused),
  sql("SQL within SQL", "SELECT * FROM query('SELECT 1')", refused),
  sql("a file in a subquery", "SELECT (SELECT count(*) FROM read_csv('/etc/passwd'))", refused),
  sql("a file in EXISTS", "SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))", refused),
  sql("a file in a CTE nobody reads", "WITH c AS MATERIALIZED (FROM READ_BLOB('/etc/passwd')) SELECT 1", refused),
  sql("a file by a qualified function", "FROM system.main.\"read_text\"('/etc/passwd')", refused),
  sql("DESCRIBE of a file", "DESCRIBE FROM read_csv('/etc/passwd')", refused),
  sql("SUMMARIZE of a file", "SUMMARIZE FROM sniff_csv('/etc/passwd')", refused),
  sql("reviews of notices as a file", "FROM read_json('.reviews/notices.json')", refused),
  sql("spilled rows of others", "FROM read_parquet('.spill/*/answer.parquet')", refused),
  sql("sleep", "SELECT sleep_ms(100000)", refused),
  sql("sleep by its other name", "SELECT pg_sleep(100)", refused),
  sql("a log that is a file", "SELECT write_log('x')", refused),
  sql("EXPLAIN of COPY", "EXPLAIN ANALYZE COPY flows TO '/tmp/flowbook-attack.csv'", refused),
  sql("EXPLAIN behind comments", "-- x\nEXPLAIN /* y */ COPY flows TO '/tmp/flowbook-attack.csv'", refused),
  sql("EXPLAIN with options", "EXPLAIN (ANALYZE, FORMAT json) COPY flows TO '/tmp/flowbook-attack.csv'", refused),
  sql("COPY", "COPY flows TO '/tmp/flowbook-attack.csv'", refused),
  sql("ATTACH", "ATTACH '/tmp/flowbook-attack.db'", refused),
  sql("INSTALL", "INSTALL httpfs", refused),
  sql("LOAD", "LOAD '/tmp/x.duckdb_extension'", refused),
  sql("SET", "SET memory_limit = '100GB'", refused),
  sql("PRAGMA", "PRAGMA enable_profiling", refused),
  sql("CALL", "CALL enable_logging()", refused),
  sql("CREATE", "CREATE TABLE t AS SELECT 1", refused),
  sql("CREATE MACRO", "CREATE MACRO f() AS 1", refused),
  sql("CREATE SECRET", "CREATE SECRET s (TYPE s3)", refused),
  sql("two statements", "SELECT 1; DROP VIEW flows", refused),
  sql("EXPLAIN of two statements", "EXPLAIN SELECT 1; DROP VIEW flows", refused),
  sql("prepared statements", "PREPARE p AS SELECT 1", refused),
  sql("line separators and bidi marks", "SELECT '\u2028\u2029\u202e' AS \"\u202ex\"", fine),
  sql("a byte of zero", "SELECT 'a\u0000b'", fineOrRefused),
  sql("a lone surrogate", "SELECT '\ud800'", fineOrRefused)
];
