import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {formatFilter, parseFilter} from "../../src/lib/filter.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";
import {QueryError} from "../../src/lib/query/ast.ts";
import {completions} from "../../src/lib/query/complete.ts";
import {fields} from "../../src/lib/query/fields.ts";
import {parseQuery} from "../../src/lib/query/parse.ts";
import {select} from "../../src/lib/selection.ts";
import {flowsSql} from "../../src/lib/sql.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {carriedFlows} from "./carried-flows.ts";
import {randomFrom} from "./random-filter.ts";

const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_251_129);
let folder: string;
let engine: LakeEngine;
let model: string;
let flows: FlowTable;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-query-"));
  ({model} = await makeLake(join(folder, "lake"), 1500));
  engine = await openLake(join(folder, "lake"), {exportFolder: folder, threads: 1});
  flows = await carriedFlows(engine, model, folder);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

const inPage = (query: string) => Array.from(select(flows, {query}).rows, (row) => flows.ids[row]);
const inLake = async (query: string) => {
  const sql = flowsSql({query}, {model}, "f.ts_start, f.flow_id, f.capture_sha256");
  return (await engine.query(`SELECT flow_id FROM (${sql})`)).rows.map(([id]) => id);
};
const count = async (where: string) =>
  Number(
    (
      await engine.query(
        `SELECT COUNT(*) FROM flows AS f LEFT JOIN verdicts AS v ON v.flow_id = f.flow_id AND v.capture_sha256 = f.capture_sha256 AND v.model = '${model}' WHERE ${where}`
      )
    ).rows[0][0]
  );

describe("a query means", () => {
  it.each([
    ["10.0.0.0/15", "src_ip LIKE '10.0.%' OR src_ip LIKE '10.1.%' OR dst_ip LIKE '10.0.%' OR dst_ip LIKE '10.1.%'"],
    ["src 10.0.1.0/24", "src_ip LIKE '10.0.1.%'"],
    ["dst 2001:DB8::/32", "dst_ip LIKE '2001:db8:%'"],
    ["dst 2001:db8:0:0::3", "dst_ip = '2001:db8::3'"],
    ["dst 192.0.2.1-192.0.2.9", "regexp_full_match(dst_ip, '192\\.0\\.2\\.[1-9]')"],
    ["dst 192.0.2.16/28", "dst_ip LIKE '192.0.2.%' AND CAST(split_part(dst_ip, '.', 4) AS INTEGER) BETWEEN 16 AND 31"],
    ["dst 0.0.0.0/1", "dst_ip LIKE '10.%'"],
    ["dst_port 1000-2000,443", "dst_port BETWEEN 1000 AND 2000 OR dst_port = 443"],
    ["port != 443", "src_port <> 443 AND dst_port <> 443"],
    ["tcp and not (service tls or service = none)", "proto = 6 AND service <> 'tls'"],
    ["proto udp, 132", "proto IN (17, 132)"],
    ["dns duration > 1.5s", "service = 'dns' AND duration_us > 1500000"],
    ["bytes >= 10k", "src_wire_bytes + dst_wire_bytes >= 10000"],
    ["name *.example.com", "server_name LIKE '%.example.com'"],
    ["host example.com", "server_name = 'example.com' OR server_name LIKE '%.example.com'"],
    ["name ~ EXAMPLE", "server_name LIKE '%example%'"],
    ['name "o\'neil.example"', "server_name = 'o''neil.example'"],
    ["name none", "server_name IS NULL"],
    ["verdict unusual", "v.state = 'unusual'"],
    ["class portscan", "v.label = 'PortScan'"],
    ["score > 0.1", "CAST(v.anomaly_score AS DOUBLE) > CAST('0.1' AS DOUBLE)"],
    ["not rtt none", "rtt_us IS NOT NULL"],
    ["NOT tcp OR NOT tcp", "proto <> 6"]
  ])("%s", async (query, where) => {
    const found = inPage(query);
    expect(await inLake(query)).toEqual(found);
    expect(found.length).toBe(await count(where));
  });
});

describe("random queries", () => {
  it(`choose the same flows in SQL and in the page (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    for (let n = 0; n < 150; n++) {
      const query = randomQuery(random, 3);
      expect(await inLake(query), query).toEqual(inPage(query));
      // It survives the page's address.
      expect(parseFilter(`#${formatFilter({query})}`), query).toEqual({query});
    }
  });

  function randomQuery(random: () => number, depth: number): string {
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
    if (depth > 0 && random() < 0.5) {
      const of = Array.from({length: 2 + Math.floor(random() * 2)}, () => randomQuery(random, depth - 1));
      return `${random() < 0.3 ? "not " : ""}(${of.join(pick([" and ", " or ", " "]))})`;
    }
    const name = pick(Object.keys(fields));
    const {kind, columns} = fields[name];
    const row = Math.floor(random() * flows.rows);
    const texts = (column: string) => {
      const {codes, values} = flows.texts[column as keyof FlowTable["texts"]];
      return codes[row] < 0 ? "none" : `"${values[codes[row]].replace(/[\\"]/g, "\\$&")}"`;
    };
    const numbers = (column: string) => flows.numbers[column as keyof FlowTable["numbers"]][row];
    const not = random() < 0.2 ? "not " : "";
    if (kind === "address") {
      const address = texts(columns[0]).slice(1, -1);
      const network = `${address}/${Math.floor(random() * (address.includes(":") ? 129 : 33))}`;
      return `${not}${name} ${pick(["", "=", "!="])} ${pick([address, network, network, "example.org", "*.example.*"])}`;
    }
    if (kind === "text") {
      const text = texts(columns[0]);
      const part = text === "none" ? text : `"${text.slice(1, 5).replace(/["\\]/g, "")}*"`;
      return `${not}${name} ${pick(["=", "!=", "~"])} ${pick([text, `${text}, none`, part])}`;
    }
    const [a, b] = [numbers(columns[0]), numbers(columns[0]) * (1 + random())];
    if (Number.isNaN(a)) return `${not}${name} ${pick(["=", "!="])} none`;
    const unit = kind === "duration" ? "us" : "";
    const exact = (value: number) => `${Number.isInteger(a) ? Math.round(value) : value.toFixed(6)}${unit}`;
    if (a >= 0 && random() < 0.3) return `${not}${name} ${pick(["", "!="])} ${exact(a)}-${exact(b)}`;
    return `${not}${name} ${pick(["=", "!=", "<", "<=", ">", ">="])} ${exact(a)}`;
  }
});

describe("a query that makes no sense", () => {
  it.each([
    ["host 10.0.0.300", 5, 15, "10.0.0.300 is no address and no network such as 10.0.0.0/8"],
    ["host 10.0.0.0/33", 5, 16, "10.0.0.0/33 is no address and no network such as 10.0.0.0/8"],
    ["port 80 and", 11, 11, "expected a condition, found the end"],
    ["(port 80", 0, 1, "this ( has no )"],
    ["port 80)", 7, 8, "there is no ( for this"],
    ["port", 4, 4, "expected a value for port"],
    ["port high", 5, 9, "high is no number, and no range such as 1000-2000"],
    ["port 90-80", 5, 10, "a range goes from the smaller to the larger"],
    ["bytes ~ 5", 6, 7, "~ looks into texts; a number is compared by = < >"],
    ["name > a", 5, 6, "a text is compared by =, != or ~"],
    ["colour = red", 0, 6, /^there is no field colour; there are host, /],
    ['name "open', 5, 10, 'this text has no " at its end'],
    ["(".repeat(60), 40, 41, "too many parentheses"]
  ])("%s: is told where", (query, from, to, message) => {
    let error: QueryError | null = null;
    try {
      parseQuery(query);
    } catch (thrown) {
      error = thrown as QueryError;
    }
    expect(error).toBeInstanceOf(QueryError);
    expect({from: error?.from, to: error?.to}).toEqual({from, to});
    if (typeof message === "string") expect(error?.message).toBe(message);
    else expect(error?.message).toMatch(message);
    expect(parseFilter(`q=${encodeURIComponent(query)}`)).toEqual({});
  });
});

describe("completion", () => {
  const offered = (text: string) => completions(text, text.length).map(({text}) => text);
  it("offers fields, then values", () => {
    expect(offered("src")).toEqual(["src_port"]);
    expect(offered("verdict su")).toEqual(["suspicious"]);
    expect(offered("proto = t")).toEqual(["tcp"]);
    expect(offered("tcp and ")).toContain("host");
    expect(offered("not (se")).toEqual(["service"]);
    expect(offered('name "x')).toEqual([]);
  });
});
