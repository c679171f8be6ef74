import {type ActivityRow, activityWindowUs} from "../../schema/activities.ts";
import {literal} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {type ActivityFact, activityFacts, type FactName, type Judged} from "./activity-facts.ts";

/** Least share of an activity's flows that show a fact for the activity to be judged by it. */
const leastShare = 0.8;

/** By the class that the model gives an activity (null: none): facts of its flows that contradict the model. */
const contradictions: readonly (readonly [classes: readonly (string | null)[], facts: readonly FactName[]])[] = [
  [["BruteForce"], ["let_in", "got"]],
  [["Exfiltration"], ["named", "stored"]],
  [["PortScan", "Probe"], ["traced"]],
  [["Infiltration", "LateralMovement", "BruteForce", "WebAttack", "Exfiltration"], ["void"]],
  [["DoS", "DDoS"], ["closed"]],
  [["DoS", "DDoS", "PortScan", "Probe", null], ["absent"]],
  [["Botnet"], ["paged"]],
  [[null], ["paged", "served", "asked", "read", "called"]]
];

/** By class, the fact that explains an activity: orders are answered in the clear, from outside. All other classes: `clear`. */
const explanations: ReadonlyMap<string | null, FactName> = new Map<string | null, FactName>([
  [null, "plain"],
  ["BruteForce", "open"],
  ["Botnet", "near"]
]);

/** What records say of activities. */
export interface RecordsOfActivities {
  /** True where they contradict the model, so that the activity is no evidence. */
  isOrdinary(activity: ActivityRow): boolean;
  /**
   * True where nothing in them is out of the ordinary: nearly every flow was answered (or went to a host that answered
   * others), its content recognised, and its server is of the own network or known by name; of an activity with a class also
   * that it was in the clear and nothing was refused. What the model says then rests on times and sizes alone.
   */
  isExplained(activity: ActivityRow): boolean;
}

/** Tells of activities that records contradict or explain. The models see sizes and times alone. */
export async function recordsOfActivities(
  engine: QueryEngine,
  captures: readonly string[],
  model: string,
  least: number
): Promise<RecordsOfActivities> {
  const judged = {isOne: `IN (${captures.map(literal).join(", ")})`, model: literal(model)};
  const {rows} = await engine.query(
    sharesOfFacts(judged, engine.dialect.bucket("f.ts_start", activityWindowUs), least)
  );
  const shares = new Map(
    rows.map(([capture, src, at, flows, ...counts]) => [
      `${capture} ${src} ${Number(at)}`,
      new Map(activityFacts.map(({name}, k) => [name, Number(counts[k]) / Number(flows)]))
    ])
  );
  const shows = ({capture_sha256, src_ip, window_start}: ActivityRow, fact: FactName) =>
    (shares.get(`${capture_sha256} ${src_ip} ${window_start}`)?.get(fact) ?? 0) >= leastShare;
  return {
    isOrdinary: (activity) =>
      contradictions.some(
        ([classes, facts]) => classes.includes(activity.class) && facts.some((fact) => shows(activity, fact))
      ) ||
      // One closed port of one host that is tried again is no scan.
      (activity.class === "PortScan" &&
        activity.dst_ip !== null &&
        activity.dst_port !== null &&
        shows(activity, "closed")),
    isExplained: (activity) => shows(activity, explanations.get(activity.class) ?? "clear")
  };
}

/** Statement: capture, source, window and flows of each activity, then for each fact how many of its flows show it. */
function sharesOfFacts(judged: Judged, window: string, least: number): string {
  const facts: readonly ActivityFact[] = activityFacts;
  const ofRecords = facts.filter(({records}) => records !== undefined);
  const ofPairs = facts.filter(({pairs}) => pairs !== undefined);
  /** Condition under which the flow shows a fact. */
  const is = (name: string): string => {
    const fact = facts.find((one) => one.name === name);
    if (fact === undefined) throw new Error(`Activity facts: there is no fact ${name}.`);
    return `(${[
      ...(fact.records === undefined ? [] : [`r.${name} IS NOT NULL`]),
      ...(fact.pairs === undefined ? [] : [`p.${name} IS NOT NULL`]),
      ...(fact.flow === undefined ? [] : [`(${fact.flow(is)})`])
    ].join(" AND ")})`;
  };
  const count = ({name, different}: ActivityFact) =>
    different === undefined
      ? `sum(CASE WHEN ${is(name)} THEN 1 ELSE 0 END)`
      : `count(DISTINCT CASE WHEN ${is(name)} THEN r.${name} END)`;
  const shown = ofRecords.flatMap(({name, records, different = "''"}) =>
    Object.entries(records ?? {}).map(
      ([table, condition]) =>
        `SELECT capture_sha256, flow_id, '${name}' AS fact, ${different} AS what FROM ${table} WHERE capture_sha256 ${judged.isOne} AND (${condition})`
    )
  );
  const paired = ofPairs.map(
    ({name, pairs}) => `SELECT DISTINCT *, '${name}' AS fact FROM (${pairs?.(judged)}) AS ${name}`
  );
  const columns = (of: readonly ActivityFact[], value: string) =>
    of.map(({name}) => `min(CASE WHEN fact = '${name}' THEN ${value} END) AS ${name}`).join(", ");
  return `WITH
    recorded AS (SELECT capture_sha256, flow_id, ${columns(ofRecords, "what")}
      FROM (${shown.join("\n        UNION ALL ")}) AS s GROUP BY capture_sha256, flow_id),
    paired AS (SELECT capture_sha256, src_ip, dst_ip, ${columns(ofPairs, "''")}
      FROM (${paired.join("\n        UNION ALL ")}) AS s GROUP BY capture_sha256, src_ip, dst_ip)
    SELECT f.capture_sha256, f.src_ip, ${window} AS time_window, count(*) AS flows,
      ${facts.map(count).join(",\n      ")}
    FROM flows AS f JOIN activities AS a ON a.capture_sha256 = f.capture_sha256 AND a.src_ip = f.src_ip AND a.window_start = ${window}
      LEFT JOIN recorded AS r ON r.capture_sha256 = f.capture_sha256 AND r.flow_id = f.flow_id
      LEFT JOIN paired AS p ON p.capture_sha256 = f.capture_sha256 AND p.src_ip = f.src_ip AND p.dst_ip = f.dst_ip
    WHERE f.capture_sha256 ${judged.isOne} AND a.model = ${judged.model} AND (a.suspicious OR a.score >= ${least})
    GROUP BY f.capture_sha256, f.src_ip, ${window}`;
}
