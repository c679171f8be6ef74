import {mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join, resolve} from "node:path";
import {labelCapture} from "../../cli/training/labelled-lake.ts";
import type {Truth} from "../../lab/truth.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {incidentGapUs} from "../../loaders/judge/incident-builder.ts";
import {listIncidents} from "../../loaders/judge/incident-list.ts";
import {judgeLake} from "../../loaders/judge/incidents.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {labReportOf, type ToldLabIncident, type TrueIncident} from "./lab-report.ts";

const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];

/** Imports runs of the lab (folders with a capture and its truth), judges them, and prints what became of each attack. */
export async function measureLab(folders: readonly string[], models?: string): Promise<void> {
  const lake = mkdtempSync(join(tmpdir(), "flowbook-verdicts-"));
  const clock = () => Date.now();
  try {
    const truth: TrueIncident[] = [];
    const networks = new Map<string, string>();
    for (const folder of folders.map((path) => resolve(path))) {
      const file = readdirSync(folder).find((name) => name.endsWith(".truth.json"));
      if (!file) throw new Error(`${folder}: no truth`);
      const network = basename(folder);
      const {truth: told, flows} = await labelCapture(
        join(folder, file.replace(/\.truth\.json$/, ".pcap")),
        lake,
        clock
      );
      networks.set(told.capture_sha256, network);
      const byEvent = new Map<number, bigint[]>();
      for (const {event, label, flow_id} of flows)
        if (event !== undefined && label !== null) byEvent.set(event, [...(byEvent.get(event) ?? []), flow_id]);
      truth.push(...trueIncidents(network, told, byEvent));
    }
    await classifyNewFlows(lake, {clock, ...(models ? {models: resolve(models)} : {})});
    await judgeLake({lake, clock, localNets, ...(models ? {models: resolve(models)} : {})});
    const engine = await openLake(lake, {maxRows: 10_000_000});
    try {
      const {rows} = await engine.query("SELECT incident_id, flow_id FROM incident_flows");
      const flowsOf = new Map<string, Set<bigint>>();
      for (const [id, flow] of rows) {
        const own = flowsOf.get(String(id)) ?? new Set();
        flowsOf.set(String(id), own.add(flow as bigint));
      }
      const told = (await listIncidents(engine, {severity: "medium"})).map(
        ({incident_id, capture_sha256, class: named, summary}): ToldLabIncident => ({
          class: named,
          network: networks.get(capture_sha256)!,
          summary,
          flows: flowsOf.get(incident_id) ?? new Set()
        })
      );
      console.log(`# lab: ${[...networks.values()].join(", ")}\n`);
      console.log(labReportOf(truth, told).join("\n"));
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(lake, {recursive: true, force: true});
  }
}

/** Runs of one class by one source (DDoS: against one target) that follow each other as incidents do are one. */
function trueIncidents(
  network: string,
  {events}: Truth,
  byEvent: ReadonlyMap<number, readonly bigint[]>
): TrueIncident[] {
  const bySubject = new Map<
    string,
    {until: number; tools: Set<string>; flows: Set<bigint>; label: TrueIncident["label"]}[]
  >();
  for (const [i, event] of [...events.entries()].sort(([, a], [, b]) => a.t0 - b.t0)) {
    const flows = byEvent.get(i);
    if (!flows) continue;
    const subject = `${event.label} ${(event.label === "DDoS" ? event.dst : event.src).join(" ")}`;
    const own = bySubject.get(subject) ?? [];
    bySubject.set(subject, own);
    let last = own[own.length - 1];
    if (!last || event.t0 > last.until + incidentGapUs) {
      last = {until: event.t1, tools: new Set(), flows: new Set(), label: event.label};
      own.push(last);
    }
    last.until = Math.max(last.until, event.t1);
    last.tools.add(event.tool);
    for (const flow of flows) last.flows.add(flow);
  }
  return [...bySubject.values()].flat().map(({tools, ...one}) => ({...one, network, tools: [...tools]}));
}
