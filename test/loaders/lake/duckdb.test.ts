import {mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {QueryLimit} from "../../../loaders/lake/query-limit.ts";
import {StatementRefused} from "../../../loaders/lake/statement-check.ts";
import {schemaVersion, table, tables} from "../../../schema/tables.ts";
import {judgedColumns} from "../../../schema/verdicts.ts";

let folder: string;
let lake: string;
let engine: LakeEngine;

const dns = (capture: string, ids: readonly number[]) =>
  rowsToBatch(
    table("dns"),
    ids.map((id) => ({
      flow_id: BigInt(id),
      capture_sha256: capture,
      ts: 1_700_000_000_000_000 + id,
      query: `n${id}.example`
    }))
  );
const capture = (capture_sha256: string, packets: number, first_ts: number | null = 5) =>
  ({capture_sha256, path: `${capture_sha256}.pcap`, packets, first_ts, dissect_given_up: 7n}) as never;
const flow = (flow_id: bigint) =>
  rowsToBatch(table("flows"), [{flow_id, capture_sha256: "new", dns_name: "www.example", service_guess: "tls"}]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-engine-"));
  lake = join(folder, "lake");
  const writer = openLakeWriter(lake, 1_790_000_000_000);
  writer.write(dns("a", [1, 2]));
  writer.write(dns("b", [3]));
  await writer.seal([capture("a", 20), capture("b", 3)]);
  writer.write(dns("c", [4]));
  await writer.seal([capture("c", 4, null)]);
  await writer.close();
  writeFileSync(join(lake, "secret.txt"), "secret");
  engine = await openLake(lake, {threads: 1, timeoutMs: 60_000, maxRows: 1000});
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, {recursive: true, force: true});
});

describe("a lake's views", () => {
  it("are there and typed, without a row, where nothing was imported", async () => {
    const empty = await openLake(join(folder, "nowhere"));
    for (const t of tables) {
      const {columns, rows} = await empty.query(`SELECT * FROM "${t.name}"`);
      const shown = t.name === "verdicts" ? [...t.columns, ...judgedColumns] : t.columns;
      expect(columns).toEqual(shown.map(({name, type}) => ({name, type})));
      expect(rows).toEqual([]);
    }
    await empty.close();
  });

  it("show parts of an earlier version, which lack columns, with NULL there", async () => {
    const older = join(folder, "older");
    const writer = openLakeWriter(older, 1_790_000_000_000);
    writer.describe({"flowbook.schema_version": schemaVersion});
    writer.write(flow(1n));
    await writer.seal([capture("new", 1)]);
    await writer.close();
    const made = await DuckDBInstance.create();
    const connection = await made.connect();
    for (const [name, without] of [
      ["flows", "dns_name, service_guess"],
      ["captures", "dissect_malformed, dissect_given_up"]
    ]) {
      const [file] = readdirSync(join(older, name));
      const rows = `read_parquet('${join(older, name, file)}', hive_partitioning = false)`;
      await connection.run(
        `COPY (SELECT * EXCLUDE (${without}) REPLACE ('old' AS capture_sha256${name === "flows" ? ", '2;0,1,3;90,1,1' AS activity" : ""}) FROM ${rows})
         TO '${join(older, name, "old-1.parquet")}' (FORMAT parquet, KV_METADATA {'flowbook.schema_version': '1'})`
      );
    }
    made.closeSync();
    const lakeOfBoth = await openLake(older);
    expect(
      (await lakeOfBoth.query("SELECT capture_sha256, dns_name, service_guess FROM flows ORDER BY 1")).rows
    ).toEqual([
      ["new", "www.example", "tls"],
      ["old", null, null]
    ]);
    // One width for all bins is the form of an earlier version.
    expect((await lakeOfBoth.query("SELECT activity FROM flows WHERE capture_sha256 = 'old'")).rows).toEqual([[null]]);
    expect((await lakeOfBoth.query("SELECT capture_sha256, dissect_given_up FROM captures ORDER BY 1")).rows).toEqual([
      ["new", 7n],
      ["old", null]
    ]);
    await lakeOfBoth.close();
  });

  it("show the sealed parts", async () => {
    expect((await engine.query("SELECT capture_sha256, count(*) FROM dns GROUP BY 1 ORDER BY 1")).rows).toEqual([
      ["a", 2n],
      ["b", 1n],
      ["c", 1n]
    ]);
    expect((await engine.query("SELECT capture_sha256, packets FROM captures ORDER BY 1")).rows).toEqual([
      ["a", 20n],
      ["b", 3n],
      ["c", 4n]
    ]);
  });

  it("leave out a file whose part was never sealed", async () => {
    writeFileSync(join(lake, "dns/20200101T000000000Z-1-0.dns.0.parquet"), "no Parquet at all");
    await engine.refresh();
    expect((await engine.query("SELECT count(*) FROM dns")).rows).toEqual([[4n]]);
  });

  it("show a part sealed later after refresh, and a capture imported again once, by its newer rows", async () => {
    const writer = openLakeWriter(lake, 1_790_000_100_000);
    writer.write(dns("a", [7, 8, 9]));
    await writer.seal([capture("a", 21)]);
    await writer.close();
    expect((await engine.query("SELECT count(*) FROM dns")).rows).toEqual([[4n]]);
    expect(await engine.refresh()).toBe(true);
    expect(await engine.refresh()).toBe(false);
    expect((await engine.query("SELECT flow_id FROM dns ORDER BY 1")).rows).toEqual([[3n], [4n], [7n], [8n], [9n]]);
    expect((await engine.query("SELECT packets FROM captures ORDER BY capture_sha256")).rows).toEqual([
      [21n],
      [3n],
      [4n]
    ]);
  });
});

describe("values", () => {
  it("come as the interface says: µs as bigint, decimals as numbers, nested ones as JSON", async () => {
    const {rows} = await engine.query(
      "SELECT TIMESTAMP '2023-11-14 22:13:20.000001', 1.5::DECIMAL(5,2), [1, 2], {a: 'x'}, NULL, true, 9007199254740993, 'ü', sum(flow_id) FROM dns WHERE flow_id = 3"
    );
    expect(rows).toEqual([[1_700_000_000_000_001n, 1.5, "[1,2]", '{"a":"x"}', null, true, 9007199254740993n, "ü", 3n]]);
  });

  it("are streamed in pieces of some millions of characters where they are large, each row once", async () => {
    const sql =
      "SELECT i, repeat(chr((65 + i)::INTEGER), 3000000) t, [repeat('b', 10 * i)] l FROM range(20) r(i) ORDER BY i";
    const sizes: number[] = [];
    const read: unknown[] = [];
    for await (const batch of (await engine.stream(sql)).batches) {
      sizes.push(batch.length);
      for (const [i, t, l] of batch)
        read.push([Number(i), String(t).length, String(t)[0], JSON.parse(String(l))[0].length]);
    }
    expect(sizes).toEqual(Array(10).fill(2));
    expect(read).toEqual(Array.from({length: 20}, (_, i) => [i, 3_000_000, String.fromCharCode(65 + i), 10 * i]));
    const short = await engine.stream("SELECT i, repeat('x', 60) FROM range(5000) r(i)");
    const whole: number[] = [];
    for await (const batch of short.batches) whole.push(batch.length);
    expect(whole).toEqual([2048, 2048, 904]);
    const kept = await engine.collect("SELECT 1 AS a, 'b' AS b", (row, columns) => `${columns[1].name}${row[0]}`);
    expect(kept.rows).toEqual(["b1"]);
  });

  it("bind to ? in order", async () => {
    expect(
      (await engine.query("SELECT count(*) FROM dns WHERE query = ? AND flow_id > ?", ["n3.example", 2])).rows
    ).toEqual([[1n]]);
  });
});

describe("DuckDB's dialect", () => {
  const ask = async (expression: string) =>
    (await engine.query(`SELECT ${expression} FROM dns WHERE capture_sha256 = 'b'`)).rows[0][0];

  it("buckets from 1970 on, divides to doubles, and NULL where the divisor is 0", async () => {
    const {bucket, ratio, epochMs, quantile} = engine.dialect;
    expect(await ask(bucket("ts", 7_000_000))).toBe(1_699_999_994_000_000n);
    expect(await ask(ratio("7", "2"))).toBe(3.5);
    expect(await ask(ratio("7", "0"))).toBe(null);
    expect(await ask(epochMs("ts"))).toBe(1_700_000_000_000n);
    expect(await ask(quantile("flow_id", 0.5))).toBe(3n);
    expect(() => bucket("ts", 0)).toThrow("expected a positive whole number of µs, found 0");
  });
});

describe("SQL typed by users", () => {
  const allowed = [
    "SELECT 1",
    "FROM dns",
    "WITH x AS (SELECT 1 AS a) SELECT * FROM x",
    "DESCRIBE flows",
    "SHOW TABLES",
    "SUMMARIZE captures",
    "EXPLAIN SELECT * FROM flows",
    "-- why\nEXPLAIN ANALYZE SELECT * FROM flows",
    "SELECT * FROM range(3), unnest([1, 2])",
    "SELECT 1;",
    "VALUES (1)"
  ];
  for (const sql of allowed)
    it(`runs: ${sql.replaceAll("\n", " ")}`, async () => {
      expect((await engine.query(sql)).columns.length).toBeGreaterThan(0);
    });

  const refused = [
    "COPY dns TO 'LAKE/dns/x.parquet'",
    "COPY dns TO '/tmp/flowbook-must-not-exist.csv'",
    "EXPLAIN ANALYZE COPY dns TO 'LAKE/dns/x.parquet'",
    "ATTACH 'LAKE/dns/a.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "RESET memory_limit",
    "PRAGMA threads = 1",
    "CREATE TABLE t (a INTEGER)",
    "CREATE OR REPLACE VIEW dns AS SELECT 1",
    "DROP VIEW dns",
    "INSERT INTO dns SELECT * FROM dns",
    "DELETE FROM dns",
    "EXPORT DATABASE 'LAKE/dns/e'",
    "IMPORT DATABASE '/tmp'",
    "CALL enable_logging(storage = 'file', storage_path = 'LAKE/dns/log')",
    "SELECT * FROM enable_logging(storage = 'file', storage_path = 'LAKE/dns/log')",
    'SELECT * FROM "ENABLE_logging"()',
    "SELECT (SELECT count(*) FROM checkpoint())",
    "SELECT * FROM enable_profiling(save_location = 'LAKE/dns/p.json')",
    "SELECT * FROM query('SELECT ' || '1')",
    "SELECT * FROM json_execute_serialized_sql('x')",
    "SELECT write_log('x')",
    "SELECT 1; SELECT 2",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_text('LAKE/secret.txt')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_parquet('LAKE/../x.parquet')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM '/etc/passwd.csv'",
    "SELECT * FROM 'LAKE/dns/../secret.txt'",
    "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "SELEC 1",
    "",
    "SELECT * FROM nothing"
  ];
  for (const sql of refused)
    it(`refuses: ${sql}`, async () => {
      const before = readdirSync(lake, {recursive: true}).sort();
      await expect(engine.query(sql.replaceAll("LAKE", lake))).rejects.toThrow();
      expect(readdirSync(lake, {recursive: true}).sort()).toEqual(before);
    });

  it("is told in DuckDB's words what is wrong, and in ours what is not run", async () => {
    await expect(engine.query("SELEC 1")).rejects.toThrow('syntax error at or near "SELEC"');
    await expect(engine.query("SELECT nope FROM dns")).rejects.toThrow('Referenced column "nope" not found');
    await expect(engine.query("COPY dns TO 'x'")).rejects.toThrow(StatementRefused);
    await expect(engine.query("SELECT 1; SELECT 2")).rejects.toThrow("expected one statement, found 2");
  });

  it("is stopped when its time is over", async () => {
    const hasty = await openLake(lake, {threads: 1, timeoutMs: 2000});
    await expect(
      hasty.query("SELECT sum(sin(a.range * b.range)) FROM range(1000000) a, range(1000000) b")
    ).rejects.toThrow("the query took longer than 2 s");
    expect((await hasty.query("SELECT count(*) FROM dns")).rows.length).toBe(1);
    await hasty.close();
  });

  it("is stopped when it gives more rows than are collected", async () => {
    await expect(engine.query("SELECT * FROM range(5000)")).rejects.toThrow(QueryLimit);
    expect((await engine.query("SELECT count(*) FROM dns")).rows.length).toBe(1);
  });
});
