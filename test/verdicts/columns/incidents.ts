import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {listIncidents} from "../../../loaders/judge/incident-list.ts";
import {judgeLake} from "../../../loaders/judge/incidents.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import type {Column, Verdict} from "../column.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];

/** Incidents of medium severity or more, of rules and models together; also says how many benign flows are suspicious. */
export const incidentsColumn: Column = {
  name: "incidents",
  async judge({lake, captures, hashes}) {
    const clock = () => Date.now();
    await classifyNewFlows(lake, {clock});
    const began = process.cpuUsage();
    await judgeLake({lake, clock, localNets});
    const {user, system} = process.cpuUsage(began);
    const engine = await openLake(lake);
    try {
      const found = new Map<string, Verdict[]>();
      for (const {capture_sha256, class: named, summary, findings} of await listIncidents(engine, {
        severity: "medium"
      })) {
        const by = [...new Set(findings.map(({source, name}) => (source === "rule" ? name : source)))].join("+");
        found.set(capture_sha256, [...(found.get(capture_sha256) ?? []), {name: `${named} (${by})`, why: summary}]);
      }
      const benign = captures.filter(({attack}) => attack === null).map(({file}) => `'${hashes.get(file)}'`);
      const {rows} = await engine.query(
        `SELECT count(*), count(*) FILTER (WHERE i.severity IN ('medium', 'high')), (SELECT count(*) FROM flows)
        FROM flows f LEFT JOIN flow_incidents i ON i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256
        WHERE f.capture_sha256 IN (${benign.join(", ")})`
      );
      const [flows, suspicious, all] = rows[0].map(Number);
      console.log(
        `benign flows suspicious: ${suspicious} of ${flows} (${((100 * suspicious) / flows).toFixed(2)} %); rules and incidents of ${all} flows took ${((user + system) / 1e6).toFixed(1)} CPU s`
      );
      return found;
    } finally {
      await engine.close();
    }
  }
};
