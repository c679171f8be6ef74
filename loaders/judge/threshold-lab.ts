import {writeFileSync} from "node:fs";
import {loadModel} from "../../models/model.ts";
import {grouped} from "../../models/rules/merge.ts";
import {type ActivityRow, activityColumns} from "../../schema/activities.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {type IncidentRow, incidentColumns, severities, suspiciousFrom} from "../../schema/incidents.ts";
import type {LabIncident, ThresholdLab} from "../../src/lib/threshold-lab.js";
import {openLake} from "../lake/duckdb.ts";
import {defaultModels} from "./classify.ts";
import {currentModel} from "./current-model.ts";
import {activityEvidence, type Evidence, faintFrom} from "./evidence.ts";
import {buildIncidents, type Incident} from "./incident-builder.ts";
import {evidenceBesideActivities, rowsOf} from "./incident-evidence.ts";
import {recordsOfActivities} from "./incident-ordinary.ts";

/** Thresholds that are tried beside the card's: an activity below `faintFrom` is no evidence at all. */
const tried = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.999];

/** What each threshold would bring in the lake that `FLOWBOOK_LAKE` names; null where no activity model judged it. */
export async function thresholdLab(models = defaultModels): Promise<ThresholdLab | null> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  const records = ["databases", "ftp", "http", "kerberos", "ldap", "mail", "mqtt", "ntlm", "ssh"];
  if (reads)
    writeFileSync(reads, JSON.stringify(["flows", "verdicts", "activities", "notices", "incidents", ...records]));
  const {model} = await loadModel(models);
  const threshold = model?.activity?.card.thresholds.suspicious;
  const hash = model?.hash;
  await model?.close();
  if (threshold === undefined || hash === undefined) return null;
  const engine = await openLake(lake, {timeoutMs: 240_000, maxRows: 5_000_000});
  try {
    return (await currentModel(engine, hash)) === hash ? await labOf(engine, hash, threshold) : null;
  } finally {
    await engine.close();
  }
}

/** Joins the evidence of the lake to incidents once for each threshold, as `joinIncidents` does it for the card's. */
export async function labOf(
  engine: QueryEngine,
  model: string,
  threshold: number,
  others: readonly number[] = tried
): Promise<ThresholdLab | null> {
  const thresholds = [...new Set([...others, threshold])].sort((a, b) => a - b);
  const ofModel = `FROM activities WHERE model = ${literal(model)}`;
  // The card's is judged before scores are rounded to 32 bits.
  const counts = thresholds.map((least) =>
    least === threshold
      ? "count(*) FILTER (WHERE suspicious)"
      : `count(*) FILTER (WHERE score >= CAST(${least} AS REAL))`
  );
  const [[activities, ...suspicious]] = (await engine.query(`SELECT count(*), ${counts.join(", ")} ${ofModel}`)).rows;
  if (Number(activities) === 0) return null;
  const captures = (await engine.query("SELECT DISTINCT capture_sha256 FROM captures ORDER BY 1")).rows.map(([c]) =>
    String(c)
  );
  const elsewhere = await evidenceBesideActivities(engine, captures, model);
  const acts = await rowsOf<ActivityRow>(
    engine,
    activityColumns,
    `${ofModel} AND score >= ${faintFrom} ORDER BY window_start, src_ip`
  );
  const told = await rowsOf<IncidentRow>(engine, incidentColumns, "FROM incidents ORDER BY ts_start, incident_id");
  const known = new Set(told.map(({incident_id}) => incident_id));
  const {isOrdinary, isExplained} = await recordsOfActivities(engine, captures, model, faintFrom);
  const variants = acts
    .filter((activity) => !isOrdinary(activity))
    .map((activity) => variantsOf(activity, isExplained(activity)));
  const at = thresholds.map((least) => {
    const found = variants.map(({score, asJudged, above, below}) =>
      least === threshold ? asJudged : score >= Math.fround(least) ? above : below
    );
    return incidentsAt([...elsewhere, ...found], told);
  });
  const first = new Map(at.flat().map((incident) => [incident.incident_id, incident]));
  // As the card's threshold has it, where it does.
  for (const incident of at[thresholds.indexOf(threshold)]) first.set(incident.incident_id, incident);
  const grave = at.map((incidents) => new Set(incidents.filter(isGrave).map(({incident_id}) => incident_id)));
  const incidents = [...first.values()]
    .filter(({incident_id}) => grave.some((ids) => ids.has(incident_id)))
    .sort((a, b) => a.ts_start - b.ts_start || (a.incident_id < b.incident_id ? -1 : 1))
    .map((one) =>
      labIncident(one, {isKnown: known.has(one.incident_id), isGrave: grave.map((ids) => ids.has(one.incident_id))})
    );
  return {
    thresholds,
    current: thresholds.indexOf(threshold),
    activities: Number(activities),
    suspicious: suspicious.map(Number),
    incidents
  };
}

const isGrave = ({severity, state}: Incident) =>
  state !== "merged" && severities.indexOf(severity) >= severities.indexOf(suspiciousFrom);

/** What an activity says as the card has it, and above and below another threshold: below it has no class. */
function variantsOf(activity: ActivityRow, isExplained: boolean) {
  return {
    score: activity.score,
    asJudged: activityEvidence(activity, isExplained),
    above: activityEvidence({...activity, suspicious: true}, isExplained),
    below: activityEvidence({...activity, suspicious: false, class: null})
  };
}

function incidentsAt(evidence: readonly Evidence[], told: readonly IncidentRow[]): Incident[] {
  const toldOf = grouped(told, ({capture_sha256}) => capture_sha256);
  return [...grouped(evidence, ({capture_sha256}) => capture_sha256)].flatMap(([capture, found]) =>
    buildIncidents(found, {nowUs: null, told: toldOf.get(capture) ?? []})
  );
}

function labIncident(one: Incident, more: Pick<LabIncident, "isKnown" | "isGrave">): LabIncident {
  const {incident_id, capture_sha256, severity, probability, src_ip, dst_ip, ts_start, ts_end, summary} = one;
  const facts = {
    id: incident_id,
    capture: capture_sha256,
    class: one.class,
    severity,
    probability,
    src: src_ip,
    dst: dst_ip
  };
  return {...facts, from: ts_start, to: ts_end, summary, ...more};
}
