import {existsSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {recordTables} from "../../schema/records/index.ts";
import {chosenSides, sidesToChoose} from "../../src/lib/compared-sides.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";
import {recordPages} from "../../src/lib/records/all.ts";
import {comparedBy, compareFigures, differences} from "../../src/lib/records/compare.ts";
import {dnsOverTime, dnsRecords} from "../../src/lib/records/dns.ts";
import {hostMarks, hostOffers, hostPeers, hostUses, peerServices} from "../../src/lib/records/hosts.ts";
import {arpHolders} from "../../src/lib/records/link-layer.ts";
import type {RecordQuestion, RecordSource} from "../../src/lib/records/record-source.ts";
import {
  recordCountSql,
  recordFlowSql,
  recordQuestionSql,
  recordRowsSql,
  recordsSql
} from "../../src/lib/records/record-sql.ts";
import * as scans from "../../src/lib/records/scans.ts";
import {select} from "../../src/lib/selection.ts";
import {gridFor, type Span, windowOf} from "../../src/lib/time-grid.ts";
import {addRecords, addScans} from "../fixtures/made-records.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {carriedFlows} from "./carried-flows.ts";
import {randomFilter, randomFrom} from "./random-filter.ts";
import {spanOf} from "./span-of.ts";

const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_251_128);
const records = 900;
const filters = 6;

let folder: string;
let engine: LakeEngine;
let model: string;
let flows: FlowTable;
let span: Span;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-records-"));
  const lake = join(folder, "lake");
  ({model} = await makeLake(lake, 1500));
  await addRecords(lake, records);
  await addScans(lake);
  engine = await openLake(lake, {exportFolder: folder, threads: 1});
  flows = await carriedFlows(engine, model, folder);
  span = spanOf(flows) as Span;
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

const sources = [
  ...new Map(recordPages.flatMap((page) => page.sources.map((source) => [source.name, source]))).values()
];
const number = async (sql: string) => Number((await engine.query(sql)).rows[0][0]);

describe("every page over records", () => {
  for (const {path, questions, sources, also = []} of recordPages) {
    it(`${path} is there, and names only tables that there are`, () => {
      expect(existsSync(resolve(import.meta.dirname, `../../src${path}.md`))).toBe(true);
      const names = [...sources, ...questions.map(({source}) => source)].map(({name}) => name);
      for (const name of [...names, ...also])
        expect([
          "flows",
          "credentials_seen",
          "arp",
          "link_layer",
          ...recordTables.map((table) => table.name)
        ]).toContain(name);
    });

    for (const question of questions)
      it(`${question.name} answers with the columns that it declares, for ${filters} random filters (seed ${seed})`, async () => {
        const random = randomFrom(seed);
        for (let n = 0; n <= filters; n++) {
          const filter = n === 0 ? {} : randomFilter(flows, span, random);
          const grid = gridFor(windowOf(span, filter), 60);
          const {columns} = await engine.query(recordQuestionSql(question, filter, grid, {model}));
          expect(columns.map(({name}) => name)).toEqual(question.columns.map(({name}) => name));
        }
      });
  }
});

describe("figures of pages over records", () => {
  it("of DNS: what the outcomes over time add up to is every query, and each outcome what SQL counts", async () => {
    const {columns, rows} = await engine.query(recordQuestionSql(dnsOverTime, {}, gridFor(span, 100), {model}));
    expect(columns.map(({name}) => name)).toEqual(["ts_us", "outcome", "queries"]);
    const sum = (passes: (outcome: string) => boolean) =>
      rows.filter(([, outcome]) => passes(String(outcome))).reduce((total, row) => total + Number(row[2]), 0);
    expect(sum(() => true)).toBe(await number("SELECT count(*) FROM dns"));
    expect(sum((outcome) => outcome === "NXDOMAIN")).toBe(await number("SELECT count(*) FROM dns WHERE rcode = 3"));
    expect(sum((outcome) => outcome === "no answer seen")).toBe(
      await number("SELECT count(*) FROM dns WHERE rcode IS NULL")
    );
  });

  it("of DNS: a domain is the last two labels, three below an ending of two", async () => {
    const domain = async (query: string) =>
      (await engine.query(`SELECT ${dnsRecords.derived?.domain} FROM (SELECT '${query}' AS query) AS r`)).rows[0][0];
    for (const [name, expected] of [
      ["www.example.org", "example.org"],
      ["a.b.Example.co.uk.", "example.co.uk"],
      ["co.uk", "co.uk"],
      ["localhost", "localhost"],
      ["1.2.0.192.in-addr.arpa", "in-addr.arpa"],
      ["", ""]
    ])
      expect([name, await domain(name)]).toEqual([name, expected]);
  });
});

describe("figures of hosts and of the link layer", () => {
  it("tell the vendor of a MAC address, and who else claims its address", async () => {
    const {columns, rows} = await engine.query(
      recordQuestionSql(arpHolders, {host: "10.0.0.1"}, gridFor(span, 60), {model})
    );
    const told = rows.map((row) =>
      ["ip", "mac", "vendor", "others"].map((name) => row[columns.findIndex((column) => column.name === name)])
    );
    expect(told).toEqual([
      ["192.0.2.0", "02:00:00:00:00:66", "locally administered", 1n],
      ["192.0.2.0", "b8:27:eb:00:00:00", "Raspberry Pi Foundation", 1n],
      ["192.0.2.1", "b8:27:eb:00:00:01", "Raspberry Pi Foundation", 0n]
    ]);
    const marks = await engine.query(recordQuestionSql(hostMarks, {host: "192.0.2.1"}, gridFor(span, 60), {model}));
    expect(marks.rows).toEqual([
      [expect.stringContaining("b8:27:eb:00:00:01"), expect.stringContaining("Raspberry Pi Foundation"), null, null]
    ]);
  });
});

describe("the services of a host", () => {
  it("are those that were accepted; ports that refused or never answered are one line", async () => {
    const rows = async (question: RecordQuestion, host: string) =>
      (await engine.query(recordQuestionSql(question, {host}, gridFor(span, 60), {model}))).rows;
    const line = (row: readonly unknown[]) => row.slice(0, 5);
    expect((await rows(hostUses, "10.9.9.9")).map(line)).toEqual([["not accepted on 13 ports", null, 27n, 0n, 16n]]);
    expect((await rows(hostUses, "10.9.9.8")).map(line)).toEqual([["tcp/8443", 8443, 12n, 12n, 1n]]);
    expect(line((await rows(hostOffers, "192.0.2.100")).at(-1) ?? [])).toEqual([
      "not accepted on 1 port",
      445,
      1n,
      0n,
      1n
    ]);
    expect((await rows(hostPeers, "10.9.9.8")).map((row) => row[5])).toEqual(["tcp/8443"]);
    expect((await rows(hostPeers, "192.0.2.250")).map((row) => row[5])).toEqual(["none accepted"]);
  });
});

describe("the services of a peer", () => {
  const told = async (...services: readonly [name: string, refused: boolean][]) => {
    const values = services.map(([name, refused]) => `('${name}', ${refused})`).join(", ");
    const {rows} = await engine.query(`SELECT ${peerServices} FROM (VALUES ${values}) AS t(service_name, refused)`);
    return rows[0][0];
  };

  it("are eight at most, each once, with how many more there are", async () => {
    const ports = Array.from({length: 11}, (_, k): [string, boolean] => [`tcp/${8010 + k}`, false]);
    const first = "tcp/8010, tcp/8011, tcp/8012, tcp/8013, tcp/8014, tcp/8015, tcp/8016, tcp/8017";
    expect(await told(...ports)).toBe(`${first}, and 3 more`);
    expect(await told(...ports.slice(0, 8))).toBe(first);
    expect(await told(["http", false], ["http", false], ["tcp/1", true])).toBe("http");
    expect(await told(["tcp/1", true])).toBe("none accepted");
  });
});

describe("figures of scans and beacons", () => {
  const answerOf = async (question: RecordQuestion, filter = {}) =>
    (await engine.query(recordQuestionSql(question, filter, gridFor(span, 60), {model}))).rows;

  it("count the hosts that probe, what they probed, and what returns by the clock", async () => {
    expect(await answerOf(scans.scanFigures)).toEqual([[1n, 1n, 1n, 27n, 1n, 1n]]);
    // Two hosts that did neither.
    expect(await answerOf(scans.scanFigures, {host: "192.0.2.251"})).toEqual([[0n, 0n, 0n, 0n, 1n, 1n]]);
    expect(await answerOf(scans.scanFigures, {host: "10.0.0.1"})).toEqual([[0n, 0n, 0n, 0n, 0n, 0n]]);
  });

  it("show each probe of the matrix with its best answer, and each connection of a beacon", async () => {
    const cells = await answerOf(scans.scanMatrix);
    expect(cells.length).toBe(27);
    expect(
      cells.filter(([, , , , outcome]) => outcome === "refused").map(([, target, , port]) => [target, Number(port)])
    ).toEqual([
      ["192.0.2.250", 1],
      ["192.0.2.250", 2]
    ]);
    expect(cells[0].slice(6)).toEqual([16n, 13n]);
    const [[source, target, , port, connections, every, jitter, regular]] = await answerOf(scans.beaconList);
    expect([source, target, Number(port), connections, every, jitter, regular]).toEqual([
      "10.9.9.8",
      "192.0.2.251",
      8443,
      12n,
      60e6,
      0,
      1
    ]);
    const times = (await answerOf(scans.beaconTimes)).map((row) => Number(row[5]));
    expect(times).toEqual(Array.from({length: 12}, (_, i) => 1_763_719_260_000_000 + i * 60e6));
  });
});

describe("a comparison", () => {
  const answerOf = async (question: RecordQuestion, filter = {}) =>
    (await engine.query(recordQuestionSql(question, filter, gridFor(span, 60), {model}))).rows;
  it("counts flows where they began, whatever the filter's window, and tells chance from change", async () => {
    // The scans began then.
    const scan = 1_763_719_260_000_000;
    const sides = {before: {label: "all before", to: scan}, after: {label: "the scans", from: scan, to: scan + 20e6}};
    const {rows} = await engine.query("SELECT epoch_us(ts_start), dst_port, proto FROM flows ORDER BY 1");
    const sideOf = (ts: unknown) => (Number(ts) < scan ? 0 : Number(ts) < scan + 20e6 ? 1 : null);
    const [before, after] = [0, 1].map((side) => rows.filter(([ts]) => sideOf(ts) === side).length);
    const [figures] = await answerOf(compareFigures(sides), {from: scan, to: scan + 1});
    expect(figures.slice(0, 2).map(Number)).toEqual([before, after]);
    const counts = new Map<string, [number, number]>();
    for (const [ts, port, proto] of rows) {
      const side = sideOf(ts);
      if (side === null || ![6, 17].includes(Number(proto))) continue;
      const key = `${Number(proto) === 6 ? "tcp" : "udp"}/${port}`;
      const count = counts.get(key) ?? [0, 0];
      count[side]++;
      counts.set(key, count);
    }
    const p = after / (before + after);
    const expected = [...counts].flatMap(([key, [a, b]]) => {
      const deviations = (b - (a + b) * p) / Math.sqrt((a + b) * p * (1 - p));
      const [x, y] = [a / before, b / after];
      const isAlike = Math.abs(deviations) <= 3 || Math.max(x, y) < 1.25 * Math.min(x, y);
      const change = a === 0 ? "new" : b === 0 ? "gone" : isAlike ? "alike" : deviations > 0 ? "grew" : "shrank";
      return change === "alike" ? [] : [`${key} ${change} ${a} ${b} ${Math.abs(deviations) <= 3 ? "may be" : "no"}`];
    });
    const found = await answerOf(differences("port", sides));
    expect(found.map(([key, change, a, b, , , , , chance]) => `${key} ${change} ${a} ${b} ${chance}`).sort()).toEqual(
      expected.sort()
    );
    expect(expected.filter((line) => line.startsWith("tcp/445 "))).toEqual(["tcp/445 new 0 15 no"]);
    expect(expected.some((line) => line.endsWith("may be"))).toBe(true);
  });

  it("of something with itself finds nothing", async () => {
    for (const by of comparedBy) {
      const all = {before: {label: "all"}, after: {label: "all"}};
      expect(await answerOf(differences(by, all))).toEqual([]);
    }
  });

  it("offers halves without a window, the window and what was before it with one, and each capture", () => {
    const extent = {from: 0, to: 100};
    const named = (filter: object) => [...sidesToChoose([], filter, extent, () => "").entries()];
    expect(named({})).toEqual([
      ["first", {label: "the first half", from: 0, to: 50}],
      ["second", {label: "the second half", from: 50, to: 100}]
    ]);
    const choice = sidesToChoose([], {from: 60, to: 80}, extent, () => "");
    expect(choice.get("before")).toEqual({label: "as long before it", from: 40, to: 60});
    expect(chosenSides(choice, null, "no such").names).toEqual(["before", "window"]);
    expect(chosenSides(choice, "rest-before", null).before).toEqual({label: "all before it", to: 60});
  });
});

describe("records that pass a filter", () => {
  for (const source of sources)
    it(`${source.name}: as many as flows of the filter have in the window, and each page goes on where the last ended`, async () => {
      const random = randomFrom(seed);
      const all = await number(`SELECT count(*) FROM ${source.name}`);
      expect(all).toBeGreaterThan(records / 2);
      expect(await number(recordCountSql(source, {}, "", {model}))).toBe(all);
      for (let n = 0; n < filters; n++) {
        const filter = randomFilter(flows, span, random);
        const {from, to, ...ofFlows} = filter;
        // Independent of the pages' SQL: a record at a time, by the ids of flows that pass.
        const passing = new Set(await passingFlows(ofFlows));
        const {rows} = await engine.query(`SELECT flow_id, epoch_us(ts) FROM ${source.name}`);
        const expected = rows.filter(
          ([id, ts]) => passing.has(String(id)) && Number(ts) >= (from ?? -Infinity) && Number(ts) < (to ?? Infinity)
        ).length;
        expect([filter, await number(recordCountSql(source, filter, "", {model}))]).toEqual([filter, expected]);
        await expectPages(source, filter);
      }
    });

  it("are found by a text in whatever case, and by an address of who spoke", async () => {
    const [source] = sources;
    const all = (await engine.query(`${recordsSql(source, {}, {model})} SELECT * FROM records`)) as Rows;
    for (const search of ["EXAMPLE.co", "o'neil", "192.0.2.7", "no such text", "%"]) {
      const searched = [
        "originator",
        "responder",
        ...source.columns.filter(({kind}) => ["text", "list", "host"].includes(kind)).map(({name}) => name)
      ];
      const at = searched.map((name) => all.columns.findIndex((column) => column.name === name));
      const expected = all.rows.filter((row) =>
        at.some((k) =>
          String(row[k] ?? "")
            .toLowerCase()
            .includes(search.toLowerCase())
        )
      );
      expect([search, await number(recordCountSql(source, {}, search, {model}))]).toEqual([search, expected.length]);
    }
  });

  it("lead to their flow", async () => {
    const {columns, rows} = await engine.query(recordFlowSql("7", String(await captureOf(7)), {model}));
    expect(rows.map((row) => String(row[columns.findIndex(({name}) => name === "flow_id")]))).toEqual(["7"]);
  });
});

type Rows = {columns: readonly {name: string}[]; rows: readonly (readonly unknown[])[]};

async function captureOf(flow: number) {
  return (await engine.query(`SELECT capture_sha256 FROM flows WHERE flow_id = ${flow}`)).rows[0][0];
}

async function passingFlows(filter: object): Promise<string[]> {
  return Array.from(select(flows, filter).rows, (row) => String(flows.ids[row]));
}

async function expectPages(source: RecordSource, filter: object): Promise<void> {
  const asked = {filter, search: "", order: source.columns[0].name, down: true};
  const whole = (await engine.query(recordRowsSql(source, {...asked, limit: 1000, offset: 0}, {model}))).rows;
  const pages = [];
  for (let offset = 0; offset < whole.length; offset += 100)
    pages.push(...(await engine.query(recordRowsSql(source, {...asked, limit: 100, offset}, {model}))).rows);
  const keyOf = (row: readonly unknown[]) => row.slice(0, 3).join(" ");
  expect(new Set(pages.map(keyOf)).size).toBe(new Set(whole.map(keyOf)).size);
  expect(pages.length).toBe(whole.length);
}
