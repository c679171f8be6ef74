import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {labelCapture} from "../../../cli/training/labelled-lake.ts";
import {classifyNewFlows, defaultModels} from "../../../loaders/judge/classify.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";

const demo = resolve(import.meta.dirname, "../../../data/demo/demo.pcap");
const clock = () => 1_700_000_000_000;
let folder: string;
let lake: string;
let flows: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-classify-"));
  lake = join(folder, "lake");
  const {captures} = await importCaptures([demo], {lake, clock});
  flows = Number(captures[0].row.flows);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const verdictFiles = () => readdirSync(join(lake, "verdicts")).filter((name) => name.endsWith(".parquet"));

async function ask(sql: string) {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

describe("scoring a lake", () => {
  it("without a model writes no verdict, and says why and how many flows stay unscored", async () => {
    const result = await classifyNewFlows(lake, {clock, models: join(folder, "none")});
    expect(result).toEqual({
      model: null,
      reason: {
        code: "missing",
        message: `${join(folder, "none")} has no classifier and no Isolation Forest: no card with an ONNX file`
      },
      verdicts: 0,
      scored: 0,
      unscored: flows,
      without: null
    });
    expect(await ask("SELECT COUNT(*) FROM verdicts")).toEqual([[0n]]);
  });

  it("with a refused model writes none either", async () => {
    const models = join(folder, "refused");
    cpSync(defaultModels, models, {
      recursive: true,
      filter: (path) => !/train|rules|\.ts$/.test(path.slice(defaultModels.length))
    });
    writeFileSync(join(models, "classifier.onnx"), "no model");
    const {model, reason, verdicts} = await classifyNewFlows(lake, {clock, models});
    expect({model, code: reason?.code, verdicts}).toEqual({model: null, code: "refused", verdicts: 0});
  });

  it("gives every flow one verdict, and a second time does nothing", async () => {
    const first = await classifyNewFlows(lake, {clock});
    expect(first).toMatchObject({reason: null, verdicts: flows, scored: flows, unscored: 0});
    const before = verdictFiles().map((name) => [name, statSync(join(lake, "verdicts", name)).mtimeMs]);
    expect(before.length).toBe(1);
    const second = await classifyNewFlows(lake, {clock});
    expect(second).toEqual({...first, verdicts: 0});
    expect(verdictFiles().map((name) => [name, statSync(join(lake, "verdicts", name)).mtimeMs])).toEqual(before);
    expect(
      await ask(
        "SELECT COUNT(*), COUNT(DISTINCT v.flow_id) FROM verdicts v JOIN flows f ON f.flow_id = v.flow_id AND f.capture_sha256 = v.capture_sha256"
      )
    ).toEqual([[BigInt(flows), BigInt(flows)]]);
  });

  it("fills every column in its range", async () => {
    const {thresholds} = JSON.parse(readFileSync(join(defaultModels, "classifier.json"), "utf8"));
    const rows = await ask(
      `SELECT COUNT(*) FROM verdicts WHERE probability BETWEEN 0 AND 1 AND is_unknown = (probability < ${thresholds.unknown}::FLOAT)
       AND anomaly_score BETWEEN 0 AND 1 AND anomaly_p BETWEEN 0 AND 1 AND is_anomaly = (anomaly_p <= 0.01::FLOAT) AND suspicious = (state = 'suspicious') AND not_judged IS NULL`
    );
    expect(rows).toEqual([[BigInt(flows)]]);
  });

  it("another model scores anew, and the verdicts of the first stay", async () => {
    const models = join(folder, "other");
    cpSync(defaultModels, models, {
      recursive: true,
      filter: (path) => !/train|rules|activity|\.ts$/.test(path.slice(defaultModels.length))
    });
    const result = await classifyNewFlows(lake, {clock, models});
    expect(result).toMatchObject({reason: null, verdicts: flows, scored: flows, unscored: 0});
    expect(await ask("SELECT COUNT(*), COUNT(DISTINCT model), COUNT(anomaly_score) FROM verdicts")).toEqual([
      [BigInt(2 * flows), 2n, BigInt(2 * flows)]
    ]);
    rmSync(join(lake, "verdicts"), {recursive: true});
    await classifyNewFlows(lake, {clock});
  });
});

describe("an Isolation Forest alone", () => {
  it("gives every flow an anomaly score and no class, and says so", async () => {
    const models = join(folder, "forest");
    mkdirSync(models);
    cpSync(resolve(import.meta.dirname, "../../models/fixtures/forest"), models, {recursive: true});
    const other = join(folder, "forest-lake");
    await importCaptures([demo], {lake: other, clock});
    const result = await classifyNewFlows(other, {clock, models});
    expect(result).toMatchObject({
      reason: null,
      verdicts: flows,
      unscored: 0,
      without: "no classifier: flows get an anomaly score and no class"
    });
    const read = (path: string, sql: string) =>
      openLake(path, {threads: 1}).then((engine) => engine.query(sql).finally(() => engine.close()));
    const {rows} = await read(
      other,
      "SELECT count(*), count(label), count(p_normal), count(is_unknown), count(anomaly_score), count(anomaly_p), any_value(not_judged), string_agg(DISTINCT state, ' ' ORDER BY state) FROM verdicts"
    );
    // The forest has learnt TCP and UDP.
    const [[known]] = (await read(other, "SELECT count(*) FROM flows WHERE proto IN (6, 17)")).rows;
    expect(rows).toEqual([[BigInt(flows), 0n, 0n, 0n, known, 0n, "classifier", "not_judged unusual"]]);
  });
});

describeUnless(noSharedData)("flows of a protocol that the classifier has not learnt", () => {
  it("have no class, and the reason, beside flows of the same part that have one", async () => {
    const other = join(folder, "protocols");
    const files = ["pcap/community-id/rsvp.pcap", "pcap/ndpi/pgm.pcap", "pcap/ndpi/1kxun.pcap"];
    await importCaptures(
      files.map((file) => join(sharedData, file)),
      {lake: other, clock}
    );
    await classifyNewFlows(other, {clock});
    const engine = await openLake(other, {threads: 1});
    const {rows} = await engine.query(
      `SELECT proto, not_judged, label IS NULL, probability IS NULL, is_unknown IS NULL, suspicious IS NULL, count(*)
       FROM verdicts v JOIN flows f USING (flow_id) GROUP BY ALL ORDER BY ALL`
    );
    await engine.close();
    const judged = [null, false, false, false, false];
    const not = ["protocol", true, true, true, true];
    expect(rows).toEqual([
      [6, ...judged, 101n],
      [17, ...judged, 99n],
      [46, ...not, 1n],
      [113, ...not, 1n]
    ]);
  });
});

describe("the demo capture", () => {
  it("is scored as the truth beside it tells, as far as the model goes", async () => {
    const {flows: labelled} = await labelCapture(demo, lake, clock);
    const verdicts = new Map(
      (await ask("SELECT flow_id, label FROM verdicts")).map(([id, label]) => [id, String(label)])
    );
    const counts: Record<string, Record<string, number>> = {};
    for (const {flow_id, label} of labelled) {
      const row = (counts[label ?? "none"] ??= {});
      const verdict = verdicts.get(flow_id)!;
      row[verdict] = (row[verdict] ?? 0) + 1;
    }
    expect(counts).toEqual({
      Normal: {Normal: 479, Infiltration: 3, BruteForce: 1, WebAttack: 1},
      PortScan: {PortScan: 294, Infiltration: 6, Normal: 2},
      BruteForce: {BruteForce: 17},
      Botnet: {Botnet: 26, Normal: 1}
    });
  });
});
