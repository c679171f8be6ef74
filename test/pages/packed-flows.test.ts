import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {gunzipSync} from "node:zlib";
import {afterAll, beforeAll, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {flowDetailsData, flowsData, incidentFlowsData} from "../../loaders/results/page-data.ts";
import {type Evidence, ofFewerFlows} from "../../server/notebook/evidence.ts";
import {packedColumns} from "../../server/notebook/pack-columns.ts";
import {type FlowFiles, type PackedFlows, packFlows} from "../../server/notebook/packed-flows.ts";
import {detailsIn, incidentFlowsIn} from "../../src/lib/carried-answers.ts";
import {communityId} from "../../src/lib/community-id.ts";
import {type FlowTable, flowTable, numberColumns, textColumns} from "../../src/lib/flow-table.ts";
import {PackedColumns} from "../../src/lib/packed-columns.ts";
import {
  isStandIn,
  packedDetails,
  packedFlowTable,
  packedIncidentFlows,
  packedNames
} from "../../src/lib/packed-flows.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {randomFrom} from "./random-filter.ts";
import {readParquet} from "./read-parquet.ts";

const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_261_129);
const folder = mkdtempSync(join(tmpdir(), "flowbook-packed-"));
const files: FlowFiles = {
  flows: join(folder, "flows.parquet"),
  details: join(folder, "details.parquet"),
  incidentFlows: join(folder, "incident-flows.parquet")
};
let engine: LakeEngine;
let plain: FlowTable;

beforeAll(async () => {
  const {model} = await makeLake(join(folder, "lake"), 1500);
  engine = await openLake(join(folder, "lake"), {exportFolder: folder, tableFolders: [folder], threads: 1});
  await engine.copyToParquet(flowsData.sql(model), files.flows);
  await engine.copyToParquet(flowDetailsData.sql(model), files.details);
  await engine.copyToParquet(incidentFlowsData.sql(model), files.incidentFlows);
  plain = flowTable(readParquet(files.flows));
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, {recursive: true, force: true});
});

const columnsOf = (packed: PackedFlows, name: keyof typeof packedNames) =>
  new PackedColumns(gunzipSync(packed.files[packedNames[name]]));
const textsOf = ({texts}: FlowTable, name: (typeof textColumns)[number]) =>
  Array.from(texts[name].codes, (code) => (code < 0 ? null : texts[name].values[code]));

let whole: PackedFlows;

it("packed flows, their details and those of incidents are the ones of the Parquet files", async () => {
  const packed = await packFlows(engine, files, 1e9);
  whole = packed;
  const flows = packedFlowTable(columnsOf(packed, "flows"));
  expect([packed.flows, packed.ofFlows]).toEqual([1500, 1500]);
  for (const name of numberColumns) expect([name, flows.numbers[name]]).toEqual([name, plain.numbers[name]]);
  for (const name of textColumns) expect([name, textsOf(flows, name)]).toEqual([name, textsOf(plain, name)]);
  const own = [...flows.ids].map((id, row) => (isStandIn(id) ? plain.ids[row] : id));
  expect(own).toEqual([...plain.ids]);
  const [details, expected] = [
    packedDetails(columnsOf(packed, "details"), flows),
    detailsIn(readParquet(files.details), plain)
  ];
  for (let row = 0; row < 1500; row += 7) expect(details(row)).toEqual(expected(row));
  const [incidents, known] = [
    packedIncidentFlows(columnsOf(packed, "incidents")),
    incidentFlowsIn(readParquet(files.incidentFlows), plain)
  ];
  const {rows} = await engine.query("SELECT DISTINCT incident_id FROM incident_flows");
  expect(rows.length).toBeGreaterThan(1);
  for (const [id] of rows) {
    expect(incidents(String(id), 12)).toEqual(known(String(id), 12));
    for (const row of incidents(String(id), 12).rows) expect(flows.ids[row]).toBe(plain.ids[row]);
  }
});

it("with less room there are fewer flows, the same every time, and always those that matter to incidents", async () => {
  const bytes = Object.values(whole.files).reduce((sum, {length}) => sum + Math.ceil(length / 3) * 4, 0);
  const most = Math.round(bytes * 0.6);
  const [packed, again] = [await packFlows(engine, files, most), await packFlows(engine, files, most)];
  const taken = Object.values(packed.files).reduce((sum, {length}) => sum + Math.ceil(length / 3) * 4, 0);
  expect([taken < most, taken > 0.95 * most]).toEqual([true, true]);
  expect(packed.flows).toBeGreaterThan(400);
  expect(packed).toEqual(again);
  const flows = packedFlowTable(columnsOf(packed, "flows"));
  const known = incidentFlowsIn(readParquet(files.incidentFlows), plain);
  const incidents = packedIncidentFlows(columnsOf(packed, "incidents"));
  const {rows} = await engine.query("SELECT DISTINCT incident_id FROM incident_flows");
  for (const [id] of rows)
    expect(incidents(String(id), 12).rows.map((row) => flows.ids[row])).toEqual(
      known(String(id), 12).rows.map((row) => plain.ids[row])
    );
});

it("evidence of fewer flows keeps the packets of those that matter most to each incident", async () => {
  const ranked = await engine.query(
    `SELECT capture_sha256 || '/' || flow_id, min(place) = 1 FROM (SELECT *, row_number() OVER (
       PARTITION BY incident_id ORDER BY contribution DESC, flow_id) AS place FROM incident_flows) WHERE place <= 3 GROUP BY 1`
  );
  const held = {packets: [{}], kept: 1, had: 1, reason: null} as unknown as Evidence[string];
  const less = await ofFewerFlows(engine, Object.fromEntries(ranked.rows.map(([key]) => [String(key), held])), 1);
  for (const [key, isFirst] of ranked.rows)
    expect(less[String(key)]).toEqual(
      isFirst ? held : {...held, packets: [], reason: "the report has room for no more"}
    );
  expect(new Set(ranked.rows.map(([, isFirst]) => isFirst)).size).toBe(2);
});

it(`columns of any numbers and texts come back as they were (seed ${seed})`, () => {
  const random = randomFrom(seed);
  const kinds: (() => number)[] = [
    () => Math.floor(random() * 5),
    () => Math.floor((random() - 0.5) * 2 ** 51),
    () => 1.7e15 + Math.floor(random() * 1e9),
    () => Math.fround(random()),
    () => random() / 3,
    () => (random() < 0.5 ? Number.NaN : Math.floor(random() * 300)),
    () => (random() < 0.5 ? Number.NaN : 7)
  ];
  for (const rows of [0, 1, 300, 70_000]) {
    const chosen = rows > 1000 ? kinds.slice(1, 3) : kinds;
    const numbers = Object.fromEntries(chosen.map((make, k) => [`n${k}`, Float64Array.from({length: rows}, make)]));
    const text = () => (random() < 0.1 ? null : `t${Math.floor(random() * rows)}\n"<`);
    const texts = {a: Array.from({length: rows}, text), b: Array.from({length: rows}, text)};
    const read = new PackedColumns(packedColumns({rows, numbers, texts, shared: {both: ["a", "b"]}}));
    for (const [name, values] of Object.entries(numbers)) expect(read.numbers(name)).toEqual(values);
    expect(read.texts("a").values).toBe(read.texts("b").values);
    for (const [name, values] of Object.entries(texts)) {
      const {codes, values: list} = read.texts(name);
      expect(Array.from(codes, (code) => (code < 0 ? null : list[code]))).toEqual(values);
    }
  }
});

it("Community IDs are those that the specification publishes", () => {
  const tcp = {src: "128.232.110.120", dst: "66.35.250.204", srcPort: 34855, dstPort: 80, proto: 6};
  expect(communityId(tcp)).toBe("1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  const back = {src: tcp.dst, dst: tcp.src, srcPort: tcp.dstPort, dstPort: tcp.srcPort, proto: 6};
  expect(communityId(back)).toBe("1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  expect(communityId({src: "192.168.1.52", dst: "8.8.8.8", srcPort: 54585, dstPort: 53, proto: 17})).toBe(
    "1:d/FP5EW3wiY1vCndhwleRRKHowQ="
  );
});
