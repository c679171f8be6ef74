import {mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {metadataValue} from "../../../capture/partitions/parquet-metadata.ts";
import {main} from "../../../cli/flowbook.ts";
import {lakeHealth} from "../../../loaders/health/health.ts";
import {profileHash, profileSummary} from "../../../loaders/judge/anomaly-store.ts";
import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {judgeLake} from "../../../loaders/judge/incidents.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {partRollups} from "../../../loaders/lake/rollup-files.ts";
import {tableInputs} from "../../../loaders/results/freshness-inputs.ts";
import {projectModel, scoreIfStale, scoringInputs} from "../../../loaders/results/freshness-scoring.ts";
import {scoringGeneration} from "../../../schema/verdicts.ts";

const project = resolve(import.meta.dirname, "../../..");
const clock = () => 1_700_000_000_000;
const folder = mkdtempSync(join(tmpdir(), "flowbook-older-scores-"));
const lake = join(folder, "lake");
const model = projectModel(project);
let flows: number;
let right: Awaited<ReturnType<typeof everything>>;

beforeAll(async () => {
  const {captures} = await importCaptures([join(project, "data/demo/demo.pcap")], {lake, clock});
  flows = Number(captures[0].row.flows);
  await classifyNewFlows(lake, {clock});
  await judgeLake({lake, clock, localNets: []});
  right = await everything();
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function ask(sql: string) {
  const engine = await openLake(lake, {threads: 1, hasRollups: false});
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

/** All that is said of the lake's flows. */
async function everything() {
  return {
    verdicts: await ask("SELECT * EXCLUDE (state, incident_id) FROM verdicts ORDER BY flow_id"),
    activities: await ask("SELECT * FROM activities ORDER BY window_start, src_ip"),
    incidents: await ask(
      "SELECT incident_id, class, severity, src_ip, flows, reasons, state FROM incidents ORDER BY incident_id"
    ),
    profile: profileHash(lake)
  };
}

const filesOf = (table: string) =>
  readdirSync(join(lake, table))
    .filter((name) => name.endsWith(".parquet"))
    .map((name) => join(lake, table, name));

/** Writes the files of a table anew as an earlier program did: with other values, and naming the model alone. */
async function writeAsBefore(table: string, replaced: string, metadata = `'flowbook.model': '${model}'`) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  for (const path of filesOf(table)) {
    await connection.run(
      `COPY (SELECT * REPLACE (${replaced}) FROM '${path}') TO '${folder}/older.parquet' (FORMAT parquet, KV_METADATA {${metadata}})`
    );
    renameSync(join(folder, "older.parquet"), path);
  }
  connection.closeSync();
  instance.closeSync();
}

/** The lake as Node 22.15 left it: scores of features that were read from beside them, and all that follows from these. */
async function makeWrong() {
  const counts = metadataValue(filesOf("activities")[0], "flowbook.activity_flows");
  await writeAsBefore("verdicts", "'DoS' AS label, 1 AS probability, TRUE AS suspicious, 0.9 AS anomaly_score");
  await writeAsBefore(
    "activities",
    "TRUE AS suspicious, 0.99 AS score, 'DoS' AS class",
    `'flowbook.model': '${model}', 'flowbook.activity_flows': '${counts}'`
  );
  const profile = join(lake, ".anomaly", profileHash(lake) as string, "profile.json");
  const {scoring, ...older} = JSON.parse(readFileSync(profile, "utf8"));
  expect(scoring).toBe(scoringGeneration);
  writeFileSync(profile, JSON.stringify({...older, rareScores: []}));
  await judgeLake({lake, clock, localNets: []});
}

async function doctor() {
  const lines: string[] = [];
  const log = console.log;
  console.log = (text: string) => void lines.push(text);
  try {
    await main(["doctor", "--json", "--lake", lake]);
  } finally {
    console.log = log;
  }
  const {checks} = JSON.parse(lines.join("\n"));
  return checks.find(({name}: {name: string}) => name === "verdicts");
}

it("names in each file of verdicts and activities who made it: the generation, the program and Node", () => {
  const {version} = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  for (const path of [...filesOf("verdicts"), ...filesOf("activities")])
    expect(["model", "scoring", "version", "node"].map((key) => metadataValue(path, `flowbook.${key}`))).toEqual([
      model,
      String(scoringGeneration),
      version,
      process.version
    ]);
});

it("the demo capture's scores are those that stand beside this generation", async () => {
  const scores = `format('{} {} {} {}', flow_id, label, round(probability * 4096), is_anomaly)`;
  const sums = await ask(
    `SELECT md5(string_agg(${scores}, ',' ORDER BY flow_id)) FROM verdicts UNION ALL
     SELECT md5(string_agg(format('{} {} {:.3f} {}', window_start, src_ip, score, class), ',' ORDER BY window_start, src_ip)) FROM activities`
  );
  // Other scores by the same model: raise scoringGeneration, or lakes keep what was scored before.
  expect({scoringGeneration, model, scores: sums.flat()}).toEqual({
    scoringGeneration: 2,
    model: "9110b32bfaafc7195e8be53aa7712a4f3f19f0d729e561242ec8c6d7a86998ea",
    scores: ["6eeec4022e5d84d68f31e97aaa75138f", "d2543dbf9e7124b856a18c85ee2bc801"]
  });
});

it("tells nothing of a lake that was scored by this generation", async () => {
  expect(await doctor()).toEqual({
    name: "verdicts",
    state: "ok",
    found: "none of an earlier way of scoring",
    remedy: null
  });
});

it("a lake that was scored by wrong numbers is told by doctor and Health, and scored again once by a renewal", async () => {
  await makeWrong();
  const wrong = await everything();
  expect(wrong.verdicts.filter(([, , , label]) => label === "DoS")).toHaveLength(flows);
  expect(wrong.incidents).not.toEqual(right.incidents);
  const check = {
    name: "verdicts",
    state: "warn",
    found: "1 capture was scored by an earlier version, whose numbers may be wrong: demo.pcap",
    remedy: "flowbook score scores them again"
  };
  expect(await doctor()).toEqual(check);
  Object.assign(process.env, {FLOWBOOK_LAKE: lake, FLOWBOOK_SERVED: "false"});
  expect((await lakeHealth(clock)).checks).toEqual([check]);

  // What the ledger of an earlier program says was scored.
  const features = (await tableInputs(lake, {})).inputs["table features"];
  const before = {"table features": features, model};
  const rolled = partRollups(lake, [partOf()], model, 0)[0].base;
  const scored = await scoreIfStale({lake, project, features, before}, {clock});
  expect(scored).toEqual({
    inputs: scoringInputs(project, features),
    verdicts: flows,
    why: ["scoring is new"],
    error: null
  });
  const {incidents, ...again} = await everything();
  const {incidents: rightIncidents, ...rightScores} = right;
  expect(again).toEqual(rightScores);
  expect(incidents.filter(([, , , , , , state]) => state !== "merged")).toEqual(rightIncidents);
  expect(partRollups(lake, [partOf()], model, 0)[0].base).not.toBe(rolled);
  expect((await lakeHealth(clock)).checks).toEqual([]);
  expect((await doctor()).state).toBe("ok");

  const times = () => [...filesOf("verdicts"), ...filesOf("activities")].map((path) => statSync(path).mtimeMs);
  const made = times();
  expect(await scoreIfStale({lake, project, features, before: scored.inputs}, {clock})).toMatchObject({
    verdicts: 0,
    why: []
  });
  expect(await classifyNewFlows(lake, {clock})).toMatchObject({verdicts: 0, scored: flows, unscored: 0});
  expect(times()).toEqual(made);
});

const partOf = () => readdirSync(join(lake, "captures"))[0].replace(".parquet", "");

it("a new profile has the rate that was set for the older one", async () => {
  const path = join(lake, ".anomaly", profileHash(lake) as string, "profile.json");
  const {scoring, ...older} = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({...older, rate: 0.02}));
  for (const file of filesOf("verdicts")) rmSync(file);
  await classifyNewFlows(lake, {clock});
  expect([scoring, profileSummary(lake)?.rate]).toEqual([scoringGeneration, 0.02]);
});

it("verdicts of another model are told apart, since only that model can make them anew", async () => {
  const [path] = filesOf("verdicts");
  const other = path.replace(model.slice(0, 16), "0123456789abcdef");
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT * REPLACE ('0123456789abcdef01' AS model) FROM '${path}') TO '${other}' (FORMAT parquet, KV_METADATA {'flowbook.model': '0123456789abcdef01'})`
  );
  connection.closeSync();
  instance.closeSync();
  expect(await doctor()).toEqual({
    name: "verdicts",
    state: "warn",
    found:
      "1 capture was scored by an earlier version with the model 0123456789abcdef, whose numbers may be wrong: demo.pcap",
    remedy: "flowbook score --models DIR does so with another model; pages show the project's"
  });
  rmSync(other);
});
