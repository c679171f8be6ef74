import {mkdtempSync, readdirSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {judgeNewActivities} from "../../../loaders/judge/activities.ts";
import {classifyNewFlows, defaultModels} from "../../../loaders/judge/classify.ts";
import {driftOf} from "../../../loaders/judge/drift.ts";
import {judgeLake} from "../../../loaders/judge/incidents.ts";
import {labOf} from "../../../loaders/judge/threshold-lab.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {loadModel, type Model} from "../../../models/model.ts";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";

const demo = resolve(import.meta.dirname, "../../../data/demo/demo.pcap");
const clock = () => 1_700_000_000_000;
let lake: string;
let model: Model;

beforeAll(async () => {
  lake = join(mkdtempSync(join(tmpdir(), "flowbook-activities-")), "lake");
  model = (await loadModel(defaultModels)).model!;
  await importCaptures([demo], {lake, clock});
});
afterAll(async () => {
  await model.close();
  rmSync(resolve(lake, ".."), {recursive: true, force: true});
});

/** The lab of a model whose threshold is another one. */
async function relab(threshold: number, other: number) {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await labOf(engine, model.hash, threshold, [other]))!;
  } finally {
    await engine.close();
  }
}

async function ask(sql: string) {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

describe("activities of the demo capture", () => {
  it("are told once flows have verdicts, and only when something is new", async () => {
    expect(await judgeNewActivities(lake, model, clock)).toMatchObject({activities: 0});
    const {verdicts} = await classifyNewFlows(lake, {clock});
    const [[activities, flows, least, models]] = await ask(
      `SELECT count(*), CAST(sum(flows) AS BIGINT), min(flows), count(DISTINCT model) FROM activities`
    );
    expect([least, models]).toEqual([3n, 1n]);
    expect(Number(activities)).toBeGreaterThan(20);
    expect(Number(flows)).toBeLessThanOrEqual(verdicts);
    const files = () =>
      readdirSync(join(lake, "activities")).map((name) => statSync(join(lake, "activities", name)).mtimeMs);
    const before = files();
    expect(await judgeNewActivities(lake, model, clock)).toEqual({captures: 0, activities: 0, suspicious: 0});
    expect(files()).toEqual(before);
  });

  it("are the same of flows that were just scored and of flows read from the lake", async () => {
    const all = () => ask("SELECT * FROM activities ORDER BY window_start, src_ip");
    const kept = await all();
    rmSync(join(lake, "activities"), {recursive: true});
    expect(await judgeNewActivities(lake, model, clock)).toMatchObject({captures: 1, activities: kept.length});
    expect(await all()).toEqual(kept);
  });

  it("have exactly the flows that their source began in their minute", async () => {
    expect(
      await ask(
        `SELECT count(*) FROM activities a WHERE a.flows <> (SELECT count(*) FROM flows f WHERE f.capture_sha256 = a.capture_sha256
           AND f.src_ip = a.src_ip AND f.ts_start >= a.window_start AND f.ts_start < a.window_start + INTERVAL 60 SECOND)`
      )
    ).toEqual([[0n]]);
  });

  it("are suspicious where the port scan is, which is named", async () => {
    const scans = await ask("SELECT DISTINCT src_ip, class FROM activities WHERE suspicious AND flows > 100");
    const [[scanner]] = await ask(
      "SELECT src_ip FROM flows WHERE conn_state = 'REJ' GROUP BY src_ip ORDER BY count(*) DESC LIMIT 1"
    );
    expect(scans).toEqual([[scanner, "PortScan"]]);
  });

  it("tell what adds up to their score", async () => {
    const rows = await ask("SELECT score, contributions FROM activities WHERE contributions IS NOT NULL");
    expect(rows.length).toBeGreaterThan(0);
    for (const [score, contributions] of rows) {
      const told = JSON.parse(String(contributions)) as {feature: string; amount: number}[];
      const logOdds = told.reduce((sum, {amount}) => sum + amount, 0);
      expect(1 / (1 + Math.exp(-logOdds))).toBeCloseTo(Number(score), 5);
    }
  });

  it("give each threshold its incidents: at the card's those that the lake has, at others what is joined again", async () => {
    await judgeLake({lake, clock, localNets: []});
    const threshold = model.activity!.card.thresholds.suspicious;
    const engine = await openLake(lake, {threads: 1});
    const lab = (await labOf(engine, model.hash, threshold))!;
    await engine.close();
    const graveOf = (at: number) => lab.incidents.filter(({isGrave}) => isGrave[at]).map(({id}) => id);
    const grave = await ask(
      "SELECT incident_id FROM incidents WHERE severity IN ('medium', 'high') AND state <> 'merged' ORDER BY ts_start, incident_id"
    );
    expect(lab.thresholds[lab.current]).toBe(threshold);
    expect(graveOf(lab.current)).toEqual(grave.map(([id]) => id));
    expect(lab.incidents.every(({isKnown}) => isKnown)).toBe(true);
    for (const [at, least] of lab.thresholds.entries())
      expect([[lab.suspicious[at]]]).toEqual(
        (
          await ask(
            `SELECT count(*) FROM activities WHERE ${at === lab.current ? "suspicious" : `score >= CAST(${least} AS FLOAT)`}`
          )
        ).map((row) => row.map(Number))
      );
    // What rules found stays whatever the model says; what it alone found goes with the highest threshold of all.
    const rules = await ask('SELECT DISTINCT i.incident_id FROM incidents i WHERE reasons LIKE \'%"source":"rule"%\'');
    const never = (await relab(threshold, 1.01)).incidents.filter(({isGrave}) => isGrave.at(-1)).map(({id}) => id);
    expect(never.every((id) => rules.some(([rule]) => rule === id))).toBe(true);
  });

  it("are told from training feature by feature, with counts that are what SQL says", async () => {
    const engine = await openLake(lake, {threads: 1});
    const drift = await driftOf(engine, lake, defaultModels);
    await engine.close();
    const judged = `FROM features JOIN verdicts USING (flow_id, capture_sha256) WHERE state IN ('normal', 'unusual')`;
    expect(drift.flows).toBe(Number((await ask(`SELECT count(*) ${judged}`))[0][0]));
    expect(drift.pasts.map(({name}) => name)).toEqual(["training", "lake"]);
    for (const {features} of drift.pasts)
      for (const {name, edges, counts, byTime} of features) {
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(drift.flows);
        expect(byTime.length).toBe(drift.stretches.length);
        if (name !== "turns") continue;
        expect(counts[0]).toBe(Number((await ask(`SELECT count(*) ${judged} AND turns <= ${edges[0]}`))[0][0]));
      }
  });
});

describeUnless(noSharedData)("activities on other networks", () => {
  it("find the scans and the password guessing, and leave ordinary life alone", async () => {
    const other = join(lake, "../others");
    const files = [
      "pcap/ndpi/synscan.pcap",
      "pcap/slips/test19-malicious-ssh/malicious-ssh-bruteforce.pcap",
      "pcap/ndpi/1kxun.pcap",
      "pcap/ndpi/teams.pcap",
      "pcap/ndpi/instagram.pcap"
    ];
    await importCaptures(
      files.map((file) => join(sharedData, file)),
      {lake: other, clock}
    );
    await classifyNewFlows(other, {clock});
    const engine = await openLake(other, {threads: 1});
    const {rows} = await engine.query(
      "SELECT parse_filename(c.path), max(CASE WHEN a.score > 0.9 THEN 1 ELSE 0 END) FROM captures c LEFT JOIN activities a USING (capture_sha256) GROUP BY 1 ORDER BY 1"
    );
    await engine.close();
    expect(rows).toEqual([
      ["1kxun.pcap", 0],
      ["instagram.pcap", 0],
      ["malicious-ssh-bruteforce.pcap", 1],
      ["synscan.pcap", 1],
      ["teams.pcap", 0]
    ]);
  });
});
