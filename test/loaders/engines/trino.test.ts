import {createServer, type Server} from "node:http";
import type {AddressInfo} from "node:net";
import {afterAll, beforeAll, expect, it} from "vitest";
import {openTrino, trinoPlace} from "../../../loaders/engines/trino.ts";

/** Answers as a coordinator does: pages by statement. What was asked is kept. */
let server: Server;
let origin: string;
const asked: {body: string; headers: NodeJS.Dict<string | string[]>}[] = [];
let pages: string[] = [];
let busy = 0;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    if (request.method === "POST") asked.push({body, headers: request.headers});
    if (busy-- > 0) return response.writeHead(503).end();
    response.end(pages.shift());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));

const columns =
  '"columns":[{"name":"id","type":"bigint"},{"name":"ts","type":"timestamp(6)"},{"name":"share","type":"decimal(3, 1)"},{"name":"text","type":"varchar"},{"name":"is","type":"boolean"},{"name":"p","type":"real"}]';

it("rows of several pages are as DuckDB gives them: 64-bit numbers whole, times in µs", async () => {
  busy = 1;
  pages = [
    `{"nextUri":"${origin}/1"}`,
    `{${columns},"data":[[9223372036854775807,"2026-11-29 05:10:00.123456","3.5","1234567890123456789, \\"[1]\\"",true,0.98784391]],"nextUri":"${origin}/2"}`,
    '{"data":[[-9007199254740993,null,0.12345678901234567890,null,false,null],[7,"1970-01-01 00:00:00.000001","0.0","",null,1.0]]}'
  ];
  const engine = openTrino(trinoPlace(`${origin}/lake/flowbook`));
  const {columns: found, rows} = await engine.query("SELECT 1;\n", ["it's", 5, null, 0.5]);
  expect(rows).toEqual([
    [9223372036854775807n, 1_795_929_000_123_456n, 3.5, '1234567890123456789, "[1]"', true, Math.fround(0.98784391)],
    [-9007199254740993n, null, 0.12345678901234568, null, false, null],
    [7n, 1n, 0, "", null, 1]
  ]);
  expect(found[0]).toEqual({name: "id", type: "BIGINT"});
  expect(asked.at(-1)!.body).toBe("EXECUTE IMMEDIATE 'SELECT 1' USING 'it''s', 5, NULL, DOUBLE '0.5'");
  expect(asked.at(-1)!.headers).toMatchObject({
    "x-trino-user": "flowbook",
    "x-trino-catalog": "lake",
    "x-trino-schema": "flowbook"
  });
});

it("what the cluster refuses is said in its words, and its pages are looked for nowhere else", async () => {
  const engine = openTrino(trinoPlace(`${origin}/lake/flowbook`));
  pages = ['{"error":{"message":"line 1:8: Column \'x\' cannot be resolved"}}'];
  await expect(engine.query("SELECT x")).rejects.toThrow("Column 'x' cannot be resolved");
  pages = ['{"nextUri":"http://127.0.0.1:1/steal"}'];
  await expect(engine.query("SELECT 1")).rejects.toThrow("names pages elsewhere, at http://127.0.0.1:1");
  const nobody = openTrino(trinoPlace("http://127.0.0.1:1/lake/flowbook"));
  await expect(nobody.query("SELECT 1")).rejects.toThrow("trino: http://127.0.0.1:1 cannot be reached: bad port");
});

it.each(["", "trino://host/a/b", "http://host", "http://host/a", "http://host/a/b/c", "http://me:pass@host/a/b"])(
  "%j is no address of a cluster",
  (address) => {
    expect(() => trinoPlace(address)).toThrow(/^trino: /);
    expect(() => trinoPlace(address)).not.toThrow(/me:pass/);
  }
);
