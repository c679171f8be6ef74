import {mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {tableFromIPC} from "apache-arrow";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {type ExportFormat, exportFormats, exportRows} from "../../../loaders/export/export.ts";
import {isoTime} from "../../../loaders/export/text-formats.ts";
import {table} from "../../../schema/tables.ts";
import {hostileTexts} from "../../capture/partitions/random-batches.ts";

let folder: string;
let lake: string;
const rows = 5000;
const sql = "SELECT flow_id, ts, query, rtt_us, answers FROM dns ORDER BY ts";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-export-"));
  lake = join(folder, "lake");
  const writer = openLakeWriter(lake, 1_790_000_000_000);
  const made = Array.from({length: rows}, (_, i) => ({
    flow_id: BigInt(i) * 1_800_000_000_000_001n,
    capture_sha256: "c",
    ts: 1_700_000_000_000_000 + i,
    query: hostileTexts[i % hostileTexts.length],
    rtt_us: i % 3 === 0 ? null : i,
    answers: null
  }));
  writer.write(rowsToBatch(table("dns"), made));
  await writer.seal([{capture_sha256: "c", path: "p"} as never]);
  await writer.close();
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function exported(format: ExportFormat, query = sql, rawCsv = false): Promise<{rows: number; path: string}> {
  const path = join(folder, `out.${format}`);
  return {rows: await exportRows({lake, sql: query, format, to: path, rawCsv}), path};
}

async function read(query: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const found = (await connection.runAndReadAll(query)).getRows();
  instance.closeSync();
  return found;
}

describe("exported rows", () => {
  for (const format of exportFormats)
    it(`${format}: as many as the query has, and no file is left but the one asked for`, async () => {
      const done = await exported(format);
      expect(done.rows).toBe(rows);
      expect(readdirSync(folder).sort()).toEqual(["lake", `out.${format}`].sort());
      rmSync(done.path);
    });

  it("csv is read back by DuckDB, texts that a spreadsheet would run with an apostrophe in front", async () => {
    const {path} = await exported("csv");
    const found = await read(
      `SELECT query FROM read_csv('${path}', header = true, all_varchar = true, quote = '"', escape = '"', delim = ',', max_line_size = 100000, new_line = '\\n', strict_mode = false)`
    );
    expect(found.length).toBe(rows);
    const text = readFileSync(path, "utf8");
    expect(text.split("\n")[0]).toBe("flow_id,ts,query,rtt_us,answers");
    expect(text.split("\n")[1]).toBe("0,2023-11-14T22:13:20.000000Z,,,");
    expect(text).toContain(",'=1+1,");
    expect(text).not.toContain(",=1+1,");
  });

  it("csv is left as it is on request", async () => {
    expect(readFileSync((await exported("csv", sql, true)).path, "utf8")).toContain(",=1+1,");
  });

  it("json and ndjson hold the same: whole numbers beyond 2^53 as texts, times in ISO 8601 with µs", async () => {
    const array = JSON.parse(readFileSync((await exported("json")).path, "utf8"));
    const lines = readFileSync((await exported("ndjson")).path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(array).toEqual(lines);
    expect(array[1]).toEqual({
      flow_id: 1_800_000_000_000_001,
      ts: "2023-11-14T22:13:20.000001Z",
      query: " ",
      rtt_us: 1,
      answers: null
    });
    expect(array[6].flow_id).toBe("10800000000000006");
    expect(array.map((row: {query: string}) => row.query)).toEqual(
      Array.from({length: rows}, (_, i) => hostileTexts[i % hostileTexts.length])
    );
  });

  it("parquet and arrow give back every value", async () => {
    const found = await read(`SELECT flow_id, epoch_us(ts), query, rtt_us FROM '${(await exported("parquet")).path}'`);
    const expected = Array.from({length: rows}, (_, i) => [
      BigInt(i) * 1_800_000_000_000_001n,
      1_700_000_000_000_000n + BigInt(i),
      hostileTexts[i % hostileTexts.length],
      i % 3 === 0 ? null : BigInt(i)
    ]);
    expect(found).toEqual(expected);
    const arrow = tableFromIPC(readFileSync((await exported("arrow")).path));
    expect(arrow.numRows).toBe(rows);
    expect(String(arrow.schema.fields[1].type)).toBe("Timestamp<MICROSECOND>");
    const [ids, queries, rtts] = ["flow_id", "query", "rtt_us"].map((name) => arrow.getChild(name)!);
    expect(Array.from({length: rows}, (_, i) => [ids.get(i), queries.get(i), rtts.get(i)])).toEqual(
      expected.map(([id, , query, rtt]) => [id, query, rtt])
    );
  });

  it("a query with sums, decimals and lists is exported in every format", async () => {
    for (const format of exportFormats)
      expect(
        (
          await exported(
            format,
            "SELECT sum(flow_id) AS s, 1.5::DECIMAL(4,1) AS d, [1] AS l, now() AS n, 1::UTINYINT AS u FROM dns;"
          )
        ).rows
      ).toBe(1);
  });

  it("an empty selection gives an empty file of the right shape", async () => {
    const none = `${sql.split(" ORDER")[0]} WHERE 1 = 0`;
    const text = async (format: ExportFormat) => readFileSync((await exported(format, none)).path, "utf8");
    expect(await text("csv")).toBe("flow_id,ts,query,rtt_us,answers\n");
    expect(await text("json")).toBe("[]\n");
    expect(await text("ndjson")).toBe("");
    expect(tableFromIPC(readFileSync((await exported("arrow", none)).path)).schema.fields.length).toBe(5);
    expect(await read(`SELECT count(*) FROM '${(await exported("parquet", none)).path}'`)).toEqual([[0n]]);
  });

  it("a statement that does not only read leaves nothing behind", async () => {
    const before = readdirSync(folder).sort();
    for (const format of exportFormats)
      await expect(exported(format, "COPY dns TO 'x'")).rejects.toThrow("only statements that read");
    await expect(exported("parquet", "SELECT 1) TO '/tmp/flowbook-must-not-exist' --")).rejects.toThrow();
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

it("times before 1970 and beyond the calendar keep their value", () => {
  expect(isoTime(-1n)).toBe("1969-12-31T23:59:59.999999Z");
  expect(isoTime(0n)).toBe("1970-01-01T00:00:00.000000Z");
  expect(isoTime(9_000_000_000_000_000_000n)).toBe("9000000000000000000");
});
