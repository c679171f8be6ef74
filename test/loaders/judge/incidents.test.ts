import {cpSync, mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {joinIncidents, judgeLake} from "../../../loaders/judge/incidents.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";

const demo = resolve(import.meta.dirname, "../../../data/demo/demo.pcap");
const localNets = ["10.0.0.0/8", "192.168.0.0/16"];
const clock = () => 1_790_000_000_000;

async function ask(lake: string, sql: string): Promise<unknown[][]> {
  const engine = await openLake(lake);
  try {
    return (await engine.query(sql)).rows.map((row) =>
      row.map((value) => (typeof value === "bigint" ? Number(value) : value))
    );
  } finally {
    await engine.close();
  }
}

const incidentsSql =
  "SELECT incident_id, class, severity, state, src_ip, dst_ip, dst_port, flows, attack_technique FROM incidents WHERE severity <> 'low' ORDER BY ts_start";

describe("incidents of the demo capture", {timeout: 120_000}, () => {
  let folder: string;
  let lake: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "flowbook-incidents-"));
    lake = join(folder, "lake");
    await importCaptures([demo], {lake, clock});
    await judgeLake({lake, clock, localNets});
  }, 120_000);
  afterAll(() => rmSync(folder, {recursive: true, force: true}));

  it("are the beacon, the port scan and the guessing, of rules alone while nothing is scored", async () => {
    expect(await ask(lake, incidentsSql.replace("severity <> 'low'", "TRUE"))).toEqual([
      ["5a515a568aff2f96", "Botnet", "medium", "closed", "192.168.10.24", "203.0.113.66", 80, 27, "T1071.001"],
      ["2e36ebf39d35c3d5", "PortScan", "medium", "closed", "192.168.10.77", "192.168.10.5", null, 302, "T1046"],
      ["211f7e82e5db781a", "BruteForce", "high", "closed", "192.168.10.77", "192.168.10.5", 22, 17, "T1110"]
    ]);
  });

  it("have flows whose shares add up to 1, each flow with one main incident", async () => {
    expect(
      await ask(
        lake,
        "SELECT count(*), round(sum(contribution), 6), count(DISTINCT flow_id) FROM incident_flows GROUP BY incident_id ORDER BY 1"
      )
    ).toEqual([
      [17, 1, 17],
      [27, 1, 27],
      [302, 1, 302]
    ]);
    expect(
      await ask(
        lake,
        "SELECT count(*) FROM (SELECT flow_id FROM incident_flows WHERE is_main GROUP BY ALL HAVING count(*) > 1)"
      )
    ).toEqual([[0]]);
  });

  it("make flows suspicious, and nothing else does; they keep their ids when verdicts come", async () => {
    await classifyNewFlows(lake, {clock});
    await joinIncidents({lake, clock});
    expect((await ask(lake, incidentsSql)).map(([id, , , , , , , flows]) => [id, flows])).toEqual([
      ["5a515a568aff2f96", 28],
      ["2e36ebf39d35c3d5", 302],
      ["211f7e82e5db781a", 17]
    ]);
    const states = await ask(
      lake,
      "SELECT state, suspicious, count(*) FROM verdicts WHERE state = 'suspicious' OR suspicious GROUP BY ALL"
    );
    expect(states).toEqual([["suspicious", true, 347]]);
    expect(
      await ask(
        lake,
        "SELECT count(*) FROM verdicts v JOIN incidents i USING (incident_id) WHERE (v.state = 'suspicious') <> (i.severity IN ('medium', 'high'))"
      )
    ).toEqual([[0]]);
    expect(
      await ask(lake, "SELECT DISTINCT state FROM verdicts WHERE is_anomaly AND state NOT IN ('suspicious', 'unusual')")
    ).toEqual([]);
    // Written once: a second time there is nothing to do.
    expect(await joinIncidents({lake, clock})).toEqual({captures: 0, incidents: 0, running: null});
  });

  it("are joined anew where their files are gone, with the same ids", async () => {
    const copy = join(folder, "copy");
    cpSync(lake, copy, {recursive: true});
    const before = await ask(copy, incidentsSql);
    for (const table of ["incidents", "incident_flows"]) rmSync(join(copy, table), {recursive: true});
    expect((await joinIncidents({lake: copy, clock})).captures).toBe(1);
    expect(await ask(copy, incidentsSql)).toEqual(before);
    expect(readdirSync(join(copy, "incidents")).length).toBe(1);
  });

  it("say why: the findings with their figures and limits", async () => {
    const [[reasons]] = (await ask(lake, "SELECT reasons FROM incidents WHERE class = 'BruteForce'")) as [[string]];
    const [finding] = JSON.parse(reasons) as {source: string; name: string; id: string; reasons: {text: string}[]}[];
    expect([finding.source, finding.name, finding.id]).toEqual([
      "rule",
      "brute_force",
      expect.stringMatching(/^[0-9a-f]{16}$/)
    ]);
    expect(finding.reasons[0].text).toMatch(/^connections: 17 connections \(limit: at least \d+\)$/);
  });
});
