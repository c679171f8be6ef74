import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {gunzipSync, gzipSync} from "node:zlib";
import {afterAll, beforeAll, expect, it} from "vitest";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {ColumnPacker} from "../../loaders/results/pack-columns.ts";
import {
  packed,
  packedFlowDetails,
  packedFlows,
  packedIncidentFlows as packedIncidents
} from "../../loaders/results/packed-data.ts";
import {flowsData} from "../../loaders/results/page-data.ts";
import {type Evidence, ofFewerFlows} from "../../server/notebook/evidence.ts";
import {type FlowFiles, type PackedFlows, packFlows} from "../../server/notebook/packed-flows.ts";
import {communityId} from "../../src/lib/community-id.ts";
import {type FlowTable, flowRows, numberColumns, textColumns} from "../../src/lib/flow-table.ts";
import {PackedColumns} from "../../src/lib/packed-columns.ts";
import {
  isStandIn,
  packedDetailNumbers,
  packedDetails,
  packedDetailTexts,
  packedFlowTable,
  packedIncidentFlows,
  packedNames
} from "../../src/lib/packed-flows.ts";
import {makeLake} from "../fixtures/make-lake.ts";
import {randomFrom} from "./random-filter.ts";

const seed = Number(process.env.FLOWBOOK_TEST_SEED ?? 20_261_129);
const folder = mkdtempSync(join(tmpdir(), "flowbook-packed-"));
const files: FlowFiles = {
  flows: join(folder, "flows.packed"),
  details: join(folder, "details.packed"),
  incidentFlows: join(folder, "incident-flows.packed")
};
let engine: LakeEngine;
/** The same by SQL, in the same order. */
let plain: FlowTable;

beforeAll(async () => {
  const {model} = await makeLake(join(folder, "lake"), 1500);
  engine = await openLake(join(folder, "lake"), {exportFolder: folder, tableFolders: [folder], threads: 1});
  for (const [file, data] of [
    [files.flows, packedFlows],
    [files.details, packedFlowDetails],
    [files.incidentFlows, packedIncidents]
  ] as const)
    writeFileSync(file, gzipSync(await packed(engine, data, model, folder)));
  const {columns, rows} = await engine.query(flowsData.sql(model));
  plain = flowRows(
    columns.map(({name}) => name),
    rows.map((row) => row.map((cell) => (typeof cell === "boolean" ? Number(cell) : cell)))
  );
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

it("a site's flows, their details and those of incidents are the lake's, and so are those of a single file with room", async () => {
  whole = packFlows(files, 1e9);
  expect([whole.flows, whole.ofFlows]).toEqual([1500, 1500]);
  const details = await engine.query(
    `SELECT ${detailColumns.join(", ")} FROM flows ORDER BY ts_start, flow_id, capture_sha256`
  );
  const {rows: incidents} = await engine.query(
    `SELECT incident_id, flow_id, CAST(contribution AS DOUBLE) FROM incident_flows ORDER BY 1, 3 DESC, 2`
  );
  expect(new Set(incidents.map(([id]) => id)).size).toBeGreaterThan(1);
  const read = (file: string) => new PackedColumns(gunzipSync(readFileSync(file)));
  for (const isSite of [true, false]) {
    const [ofFlows, ofDetails, ofIncidents] = isSite
      ? [read(files.flows), read(files.details), read(files.incidentFlows)]
      : (["flows", "details", "incidents"] as const).map((name) => columnsOf(whole, name));
    const flows = packedFlowTable(ofFlows);
    for (const name of numberColumns)
      expect([name, Array.from(flows.numbers[name])]).toEqual([name, Array.from(plain.numbers[name])]);
    for (const name of textColumns)
      expect([name, textsOf(flows, name)]).toEqual([name, textsOf(plain, name).map((text) => shortened(name, text))]);
    const own = [...flows.ids].map((id, row) => (!isSite && isStandIn(id) ? plain.ids[row] : id));
    expect(own).toEqual([...plain.ids]);
    const detailsOf = packedDetails(ofDetails, flows);
    for (let row = 0; row < 1500; row += 7)
      expect(detailsOf(row)).toMatchObject(
        Object.fromEntries(detailColumns.map((name, k) => [name, plainCell(details.rows[row][k])]))
      );
    const incidentFlows = packedIncidentFlows(ofIncidents);
    for (const id of new Set(incidents.map(([id]) => String(id)))) {
      const known = incidents.filter(([of]) => of === id).slice(0, 12);
      const {rows, shares} = incidentFlows(id, 12);
      expect(Array.from(rows, (row) => flows.ids[row])).toEqual(known.map(([, flow]) => BigInt(flow as bigint)));
      expect(shares).toEqual(known.map(([, , share]) => share));
    }
  }
});

const detailColumns = [...packedDetailNumbers, ...packedDetailTexts];
const plainCell = (cell: unknown) => (typeof cell === "bigint" ? Number(cell) : cell);
/** Of the activity a site has its first six lists. */
const shortened = (name: string, text: string | null) =>
  name === "activity" ? (text?.split(";").slice(0, 6).join(";") ?? null) : text;

it("with less room there are fewer flows, the same every time, and always those that matter to incidents", async () => {
  const bytes = Object.values(whole.files).reduce((sum, {length}) => sum + Math.ceil(length / 3) * 4, 0);
  const most = Math.round(bytes * 0.6);
  const [packed, again] = [packFlows(files, most), packFlows(files, most)];
  const taken = Object.values(packed.files).reduce((sum, {length}) => sum + Math.ceil(length / 3) * 4, 0);
  expect([taken < most, taken > 0.95 * most]).toEqual([true, true]);
  expect(packed.flows).toBeGreaterThan(400);
  expect(packed).toEqual(again);
  const flows = packedFlowTable(columnsOf(packed, "flows"));
  const site = packedIncidentFlows(new PackedColumns(gunzipSync(readFileSync(files.incidentFlows))));
  const incidents = packedIncidentFlows(columnsOf(packed, "incidents"));
  const {rows} = await engine.query("SELECT DISTINCT incident_id FROM incident_flows");
  for (const [id] of rows)
    expect(incidents(String(id), 12).rows.map((row) => flows.ids[row])).toEqual(
      site(String(id), 12).rows.map((row) => plain.ids[row])
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
    const ids = BigInt64Array.from({length: rows}, () =>
      BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 52)) << 12n)
    );
    const packer = new ColumnPacker(rows);
    for (const [name, values] of Object.entries(numbers)) packer.numbers(name, values);
    for (const [name, values] of Object.entries(texts)) packer.texts(name, values, "both");
    packer.ids("id", ids);
    const read = new PackedColumns(packer.bytes());
    for (const [name, values] of Object.entries(numbers)) {
      expect([...read.numbers(name)]).toEqual([...values]);
      for (let row = 0; row < rows; row += 1 + Math.floor(random() * 20_000))
        expect(read.numberAt(name, row)).toBe(values[row]);
    }
    expect(read.ids("id")).toEqual(ids);
    expect(read.ids("a")).toBe(null);
    expect(read.texts("a").values).toBe(read.texts("b").values);
    for (const [name, values] of Object.entries(texts)) {
      const {codes, values: list} = read.texts(name);
      expect(Array.from(codes, (code) => (code < 0 ? null : list[code]))).toEqual(values);
      for (let row = 0; row < rows; row += 1 + Math.floor(random() * 20_000))
        expect(read.textAt(name, row)).toBe(values[row]);
    }
  }
});

it("a form that is chosen by a sample holds what lies beside it", () => {
  const rows = 200_000;
  const odd: readonly (readonly [string, (row: number) => number, number])[] = [
    ["steps", (row) => row * 1000, 0.5],
    ["whole", (row) => (row * 7919) % 100, Number.NaN],
    ["steps", (row) => 1.7e15 + row, -(2 ** 50)],
    ["listed", (row) => (row % 5) * 1e9, 2 ** 40 + 1],
    ["bytes", (row) => row % 3, 256],
    ["single", (row) => Math.fround((row * 7919) % 1000) / 4, 1 / 3]
  ];
  for (const [name, make, other] of odd) {
    const values = Float64Array.from({length: rows}, (_, row) => make(row));
    // Between two pieces of the sample.
    values[9000] = other;
    const packer = new ColumnPacker(rows);
    packer.numbers("n", values);
    const read = Float64Array.from(new PackedColumns(packer.bytes()).numbers("n"));
    expect([name, read[9000], Buffer.from(read.buffer).equals(Buffer.from(values.buffer))]).toEqual([
      name,
      other,
      true
    ]);
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
