import {copyFileSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {currentModel} from "../../../loaders/judge/current-model.ts";
import {type LakeEngine, openLake} from "../../../loaders/lake/duckdb.ts";
import {lakeFacts, modelOf} from "../../../loaders/results/part-facts.ts";
import {schemaVersion} from "../../../schema/tables.ts";
import {type MadeLake, makeLake} from "../../fixtures/make-lake.ts";

const lake = join(mkdtempSync(join(tmpdir(), "flowbook-part-facts-")), "lake");
let made: MadeLake;
let engine: LakeEngine;

/** A part of a later run, with the flows of some captures up to a number. */
async function importAgain(part: string, captures: readonly string[], most: number): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const of = `capture_sha256 IN ('${captures.join("', '")}')`;
  for (const table of ["flows", "verdicts", "captures"]) {
    const where = table === "captures" ? of : `${of} AND flow_id <= ${most}`;
    await connection.run(
      `COPY (SELECT * FROM '${lake}/${table}/made-1.parquet' WHERE ${where}) TO '${lake}/${table}/${part}.parquet' (FORMAT parquet, KV_METADATA {'flowbook.schema_version': '${schemaVersion}'})`
    );
  }
  instance.closeSync();
}

/** The same through the views. */
async function whole() {
  const {rows} = await engine.query(
    "SELECT count(*), min(epoch_us(ts_start)), max(epoch_us(ts_start) + duration_us) FROM flows"
  );
  const [flows, from, to] = rows[0].map(Number);
  const said = await engine.query(`SELECT model, count(*), to_json(list_sort(list(DISTINCT label))),
    max(anomaly_score) FILTER (NOT is_anomaly), min(anomaly_score) FILTER (is_anomaly) FROM verdict_rows GROUP BY model`);
  const models = said.rows.map(([model, verdicts, labels, below, above]) => [
    model,
    {verdicts: Number(verdicts), labels: JSON.parse(String(labels)), below, above}
  ]);
  return {flows, span: {from, to}, models: Object.fromEntries(models)};
}

beforeAll(async () => {
  made = await makeLake(lake, 600);
  engine = await openLake(lake, {threads: 1});
});
afterAll(async () => {
  await engine.close();
  rmSync(join(lake, ".."), {recursive: true, force: true});
});

describe("facts of a lake, file by file", () => {
  it("are those of all its rows, and name the model that scored most, or one's own", async () => {
    const facts = await lakeFacts(engine, lake);
    expect(facts).toEqual(await whole());
    expect(facts.flows).toBe(600);
    for (const own of ["", made.olderModel, "unknown"])
      expect(modelOf(facts, own)).toBe(await currentModel(engine, own));
  });

  it("leave out captures that were imported again", async () => {
    await importAgain("newer-1", [made.captures[0]], 30);
    await engine.refresh();
    const facts = await lakeFacts(engine, lake);
    expect(facts).toEqual(await whole());
    // A third is of the other capture; of the first one twenty came again.
    expect(facts.flows).toBe(200 + 20);
  });

  it("are found without reading again what was read", async () => {
    const path = join(lake, "flows", "made-1.parquet");
    const seconds = 1_700_000_000;
    utimesSync(path, seconds, seconds);
    const before = await lakeFacts(engine, lake);
    const {size} = statSync(path);
    copyFileSync(path, `${path}.kept`);
    writeFileSync(path, Buffer.alloc(size));
    utimesSync(path, seconds, seconds);
    expect(await lakeFacts(engine, lake)).toEqual(before);
    copyFileSync(`${path}.kept`, path);
  });
});
