import {expect, it} from "vitest";
import {memoryLake} from "../../../loaders/lake/memory-lake.ts";
import {flow} from "../../../models/rules/fixtures/rows/flow-rows.ts";
import {isSuspicious, severities} from "../../../schema/incidents.ts";
import {flowState, flowWord} from "../../../schema/verdicts.ts";
import {stateSql} from "../../../src/lib/flow-state.ts";
import {measures} from "../../../src/lib/measures.ts";

/** Flows with each severity of an incident, or none, each outcome of the anomaly score, with a class and without. */
const combinations = [null, ...severities].flatMap((severity) =>
  [true, false, null].flatMap((is_anomaly) =>
    ["Normal", "PortScan", null].map((label) => ({severity, is_anomaly, label}))
  )
);

it("a flow has the same one of the four words in the view, on pages, in counts, and as it is said live", async () => {
  const flows = combinations.map((_, i) => flow({at: i}));
  const verdicts = combinations.map(({is_anomaly, label}, i) => ({
    flow_id: flows[i].flow_id,
    capture_sha256: flows[i].capture_sha256,
    model: "m",
    label,
    is_anomaly
  }));
  const inIncident = combinations.flatMap(({severity}, i) => (severity === null ? [] : [{severity, of: flows[i]}]));
  const engine = await memoryLake({
    flows,
    verdicts,
    incidents: inIncident.map(({severity, of}, i) => ({
      incident_id: `i${i}`,
      capture_sha256: of.capture_sha256,
      ts_start: 0,
      ts_end: 0,
      state: "closed",
      class: "PortScan",
      probability: 1,
      severity,
      flows: 1,
      summary: "",
      reasons: "[]"
    })),
    incident_flows: inIncident.map(({of}, i) => ({
      incident_id: `i${i}`,
      flow_id: of.flow_id,
      capture_sha256: of.capture_sha256,
      contribution: 1,
      is_main: true
    }))
  });
  try {
    const {rows} = await engine.query(
      `SELECT w.state, w.suspicious, ${stateSql}, ${flowState("i.severity", "v.is_anomaly", "v.label")}
       FROM verdict_rows v JOIN verdicts w ON w.flow_id = v.flow_id LEFT JOIN flow_incidents i ON i.flow_id = v.flow_id ORDER BY v.flow_id`
    );
    const said = combinations.map(({severity, is_anomaly, label}) =>
      flowWord(severity !== null && isSuspicious(severity), is_anomaly, label !== null)
    );
    expect(new Set(said)).toEqual(new Set(["suspicious", "unusual", "normal", "not_judged"]));
    expect(rows.map(([view]) => view)).toEqual(said);
    for (const [view, suspicious, page, schema] of rows) {
      expect([page, schema]).toEqual([view, view]);
      expect(suspicious).toBe(view === "not_judged" ? null : view === "suspicious");
    }
    const counted = ["suspicious", "judged", "not_judged"] as const;
    const counts = await engine.query(
      `SELECT ${counted.map((name) => `CAST(sum(${measures[name].sql}) AS INTEGER)`).join(", ")}
       FROM (SELECT ${stateSql} AS state, i.severity FROM verdict_rows v LEFT JOIN flow_incidents i ON i.flow_id = v.flow_id) f`
    );
    const number = (word: string) => said.filter((one) => one === word).length;
    expect(counts.rows[0]).toEqual([number("suspicious"), said.length - number("not_judged"), number("not_judged")]);
  } finally {
    await engine.close();
  }
});
