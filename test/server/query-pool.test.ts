import {spawn} from "node:child_process";
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {buffer, text} from "node:stream/consumers";
import {tableFromIPC} from "apache-arrow";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {isAlive} from "../../capture/partitions/owner.ts";
import {type PoolLimits, poolLimits, QueryPool, type ReaderQuery} from "../../server/queries/pool.ts";
import {exportLimits, queryLimits} from "../../server/routes/queries.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {itUnless, onWindows} from "../needs.ts";
import {nestedQueries} from "./attacks/statements.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-pool-"));
const pools: QueryPool[] = [];
const poolOf = (limits: Partial<PoolLimits> = {}) => {
  const pool = new QueryPool(lake, {...poolLimits, threads: 1, ...limits});
  pools.push(pool);
  return pool;
};

let pool: QueryPool;
beforeAll(async () => {
  await makeLake(lake, 500);
  pool = poolOf();
});
afterAll(async () => {
  for (const one of pools) await one.close();
  rmSync(lake, {recursive: true, force: true});
});

const never = new AbortController().signal;
const query = (sql: string, more: Partial<ReaderQuery> = {}): ReaderQuery => ({
  sql,
  format: "rows",
  isWhole: true,
  limits: {...queryLimits, timeoutMs: 60_000},
  ...more
});
const answer = async (sql: string, more: Partial<ReaderQuery> = {}, signal = never, on = pool) =>
  text((await on.run(query(sql, more), signal)).body);
const rows = async (sql: string, more: Partial<ReaderQuery> = {}, on = pool) =>
  JSON.parse(await answer(sql, more, never, on)).rows;
const within = (timeoutMs: number) => ({limits: {...queryLimits, timeoutMs}});
const works = async (on = pool) => expect(await rows("SELECT count(*) AS n FROM flows", {}, on)).toEqual([{n: 500}]);

describe("a query in a process of its own", () => {
  it("is answered by one process after another query, with what was sealed meanwhile", async () => {
    await works();
    const {pids} = pool.state;
    await works();
    expect(pool.state).toEqual({running: 0, waiting: 0, pids});
    expect(pids).toHaveLength(1);
  });

  it("has its parameters bound, whatever they hold", async () => {
    const parameters = ["'; DROP VIEW flows; --\u2028\n", 7, 0.5, true, null];
    const [row] = await rows("SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e", {parameters});
    expect(Object.values(row)).toEqual(parameters);
  });

  it("comes in every format", async () => {
    const sql = "SELECT CAST(i AS INTEGER) AS i, 'x' || i AS t FROM range(3) AS r(i)";
    expect(await answer(sql, {format: "csv"})).toBe("i,t\n0,x0\n1,x1\n2,x2\n");
    expect(JSON.parse(await answer(sql, {format: "json"}))[2]).toEqual({i: 2, t: "x2"});
    expect((await answer(sql, {format: "ndjson"})).trimEnd().split("\n")).toHaveLength(3);
    const arrow = await pool.run(query(sql, {format: "arrow"}), never);
    expect(
      tableFromIPC(await buffer(arrow.body))
        .toArray()
        .map(({t}) => t)
    ).toEqual(["x0", "x1", "x2"]);
    const parquet = await pool.run(query(sql, {format: "parquet"}), never);
    expect(String((await buffer(parquet.body)).subarray(0, 4))).toBe("PAR1");
  });

  it("is told what is wrong with it, and the process serves on", async () => {
    const {pids} = pool.state;
    await expect(answer("SELECT nosuch FROM flows")).rejects.toThrow(/nosuch/);
    await expect(answer("DROP VIEW flows")).rejects.toThrow(/only statements that read/);
    await expect(answer("SELECT ?", {parameters: []})).rejects.toThrow(/param/i);
    await works();
    expect(pool.state.pids).toEqual(pids);
  });
});

describe("a cap is named", () => {
  const capped = (cap: string) => expect.objectContaining({name: "QueryLimit", cap});

  it("of rows and of bytes, in every format", async () => {
    await expect(answer("SELECT * FROM range(10001)")).rejects.toEqual(capped("rows"));
    const limits = {...queryLimits, bytes: 20_000};
    for (const format of ["rows", "csv", "json", "ndjson", "arrow", "parquet"] as const)
      await expect(answer("SELECT md5(i::VARCHAR) AS t FROM range(9000) AS r(i)", {format, limits})).rejects.toEqual(
        capped("bytes")
      );
  });

  it("of time, where the engine heeds an interrupt", async () => {
    const {pids} = pool.state;
    await expect(answer("SELECT count(*) FROM range(1000000000000)", within(500))).rejects.toEqual(capped("time"));
    expect(pool.state.pids).toEqual(pids);
  });

  it("of time, where it does not: its process is killed, and another serves on", async () => {
    const {pids} = pool.state;
    await expect(answer(nestedQueries(25), within(500))).rejects.toEqual(capped("time"));
    await works();
    expect(pool.state.pids).not.toEqual(pids);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it("of memory, of the engine and of the process", async () => {
    const sql = "SELECT list(i ORDER BY i) FROM range(200000000) AS r(i)";
    await expect(answer(sql, {}, never, poolOf({memoryMb: 64, spillMb: 1}))).rejects.toEqual(capped("memory"));
    await expect(answer("SELECT repeat('x', 100000000) FROM range(30)")).rejects.toEqual(capped("memory"));
    await works();
  });
});

describe("nobody waits for it", () => {
  it("where it computes: it is interrupted, or killed where it does not heed that", async () => {
    for (const sql of ["SELECT count(*) FROM range(1000000000000)", nestedQueries(25)]) {
      const left = new AbortController();
      setTimeout(() => left.abort(new Error("gone")), 300);
      await expect(answer(sql, {}, left.signal)).rejects.toThrow("gone");
      expect(pool.state.running).toBe(0);
    }
    await works();
  });

  it("where it streams: its place is free again", async () => {
    const sql = "SELECT repeat('x', 1000) FROM range(100000000)";
    const streams = {isWhole: false, limits: exportLimits, format: "csv" as const};
    const left = new AbortController();
    const {body} = await pool.run(query(sql, streams), left.signal);
    await new Promise((read) => body.once("data", read));
    left.abort(new Error("gone"));
    await expect.poll(() => pool.state.running).toBe(0);
    const second = await pool.run(query(sql, streams), never);
    second.body.destroy();
    await expect.poll(() => pool.state.running).toBe(0);
    await works();
  });

  it("where it takes too little of it: it is let go", async () => {
    const hurried = poolOf({stallMs: 300});
    const {body} = await hurried.run(
      query("SELECT repeat('x', 1000) FROM range(100000000)", {isWhole: false, limits: exportLimits, format: "csv"}),
      never
    );
    const error = new Promise<Error>((resolve) => body.once("error", resolve));
    expect((await error).message).toBe("its reader took too little of it in 0.3 s");
    await expect.poll(() => hurried.state.running).toBe(0);
  });
});

describe("many readers", () => {
  it("do not wait for each other as far as there are processes, then in turn, then not at all", async () => {
    const small = poolOf({processes: 2, streamed: 1, waiting: 1, waitMs: 60_000});
    const left = new AbortController();
    const endless = () => answer("SELECT count(*) FROM range(1000000000000)", {}, left.signal, small);
    const gone = endless().catch((error: Error) => error.message);
    await works(small);
    const alsoGone = endless().catch((error: Error) => error.message);
    await expect.poll(() => small.state.running).toBe(2);
    const waits = works(small);
    expect(small.state).toMatchObject({running: 2, waiting: 1});
    await expect(works(small)).rejects.toThrow("2 queries run and 1 wait: try again in a moment");
    left.abort(new Error("gone"));
    expect([await gone, await alsoGone]).toEqual(["gone", "gone"]);
    await waits;
  });

  it("over the same rows wait for the process that has them", async () => {
    const own = poolOf();
    await works(own);
    const selected = {name: "selected", select: "SELECT * FROM flows WHERE proto = 17"};
    const counted = Array.from({length: 4}, (_, k) => {
      const rest = `SELECT count(*) + ${k} AS n FROM selected`;
      return rows(`WITH selected AS (${selected.select}) ${rest}`, {records: {tables: [selected], rest}}, own);
    });
    const [[{n}], ...others] = await Promise.all(counted);
    expect(others.map(([row]) => row.n)).toEqual([n + 1, n + 2, n + 3]);
    expect(own.state.pids).toHaveLength(1);
  });

  it("whose selections are to be made leave a process to short ones, and are overtaken by them", async () => {
    const few = poolOf({processes: 2, waitMs: 60_000});
    const left = new AbortController();
    const over = (select: string, rest: string, signal = never) =>
      answer(
        `WITH selected AS (${select}) ${rest}`,
        {records: {tables: [{name: "selected", select}], rest}},
        signal,
        few
      );
    const endless = over("SELECT count(*) AS n FROM range(1000000000000)", "FROM selected", left.signal);
    const gone = endless.catch((error: Error) => error.message);
    await expect.poll(() => few.state.running).toBe(1);
    const order: string[] = [];
    const other = over("SELECT * FROM flows WHERE proto = 6", "SELECT count(*) AS n FROM selected").then(() =>
      order.push("selection")
    );
    expect(few.state).toMatchObject({running: 1, waiting: 1});
    await works(few);
    const alsoLeft = new AbortController();
    const busy = answer("SELECT count(*) FROM range(1000000000000)", {}, alsoLeft.signal, few);
    const alsoGone = busy.catch((error: Error) => error.message);
    const short = works(few).then(() => order.push("short"));
    expect(few.state).toMatchObject({running: 2, waiting: 2});
    alsoLeft.abort(new Error("gone"));
    await short;
    expect(order).toEqual(["short"]);
    left.abort(new Error("gone"));
    await other;
    expect(await Promise.all([gone, alsoGone])).toEqual(["gone", "gone"]);
  });

  it("with long answers leave places to those with short ones", async () => {
    const small = poolOf({processes: 2, streamed: 1, waitMs: 300});
    const stream = () =>
      small.run(
        query("SELECT repeat('x', 1000) FROM range(100000000)", {isWhole: false, limits: exportLimits, format: "csv"}),
        never
      );
    const first = await stream();
    await expect(stream()).rejects.toThrow("other exports took all of 0.3 s: try again in a moment");
    await works(small);
    first.body.destroy();
    (await stream()).body.destroy();
  });

  it("who take their time leave processes to others, as far as their answers can be held", async () => {
    const small = poolOf({processes: 2, heldBytes: 5e6});
    const slow = () => small.run(query("SELECT repeat('x', 1000000) FROM range(3)"), never);
    const bodies = [(await slow()).body, (await slow()).body];
    // The first is held; there is no room for the second, whose process waits for its reader.
    await expect.poll(() => small.state.running).toBe(1);
    await works(small);
    expect((await text(bodies[1])).length).toBeGreaterThan(3e6);
    await expect.poll(() => small.state.running).toBe(0);
    expect((await text(bodies[0])).length).toBeGreaterThan(3e6);
    expect((await text((await slow()).body)).length).toBeGreaterThan(3e6);
  });

  it("are told so when the server stops, and nothing is left of it", async () => {
    const stopping = poolOf();
    const refused = expect(answer(nestedQueries(25), {}, never, stopping)).rejects.toThrow("the server is stopping");
    await expect.poll(() => stopping.state.pids.length).toBe(1);
    const {pids} = stopping.state;
    await stopping.close();
    await refused;
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(works(stopping)).rejects.toThrow("the server is stopping");
  });
});

describe("folders of processes", () => {
  const other = mkdtempSync(join(tmpdir(), "flowbook-pool-"));
  const spill = join(other, ".spill");
  afterAll(() => rmSync(other, {recursive: true, force: true}));

  it("go with their processes, and those of servers that were killed with the next server", async () => {
    mkdirSync(join(spill, "query-999999999-abc"), {recursive: true});
    const own = new QueryPool(other);
    expect(readdirSync(spill)).toEqual([]);
    expect(await rows("SELECT count(*) AS n FROM flows", {}, own)).toEqual([{n: 0}]);
    expect(readdirSync(spill)).toHaveLength(1);
    await own.close();
    expect(readdirSync(spill)).toEqual([]);
  });

  itUnless(onWindows)("go, with their processes, when their server is killed", async () => {
    const script = join(other, "server.mts");
    const pidsPath = join(other, "pids");
    const root = resolve(import.meta.dirname, "../..");
    writeFileSync(
      script,
      `import {writeFileSync} from "node:fs";
       import {QueryPool} from ${JSON.stringify(join(root, "server/queries/pool.ts"))};
       const pool = new QueryPool(${JSON.stringify(other)});
       const query = {sql: ${JSON.stringify(nestedQueries(25))}, format: "rows", isWhole: true, limits: {timeoutMs: 3e6, bytes: 1e9, rows: 1e9}};
       void pool.run(query, new AbortController().signal);
       setTimeout(() => writeFileSync(${JSON.stringify(pidsPath)}, JSON.stringify(pool.state.pids)), 1500);`
    );
    const server = spawn(process.execPath, [join(root, "bin/run.js"), script], {stdio: "ignore", cwd: root});
    await expect.poll(() => (existsSync(pidsPath) ? readFileSync(pidsPath, "utf8") : "")).toMatch(/^\[\d+\]$/);
    const [pid] = JSON.parse(readFileSync(pidsPath, "utf8")) as number[];
    expect(isAlive(pid)).toBe(true);
    server.kill("SIGKILL");
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(readdirSync(spill)).toEqual([]);
  });
});
