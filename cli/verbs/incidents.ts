import {reviewedOf} from "../../alerts/incident.ts";
import {labelIncident, ReviewRefused, readReviews} from "../../alerts/reviews.ts";
import {type ListedIncident, listIncidents} from "../../loaders/judge/incident-list.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {type Severity, severities} from "../../schema/incidents.ts";
import {acknowledgementOf, type Reviews, suppressionOf} from "../../src/lib/reviews.ts";
import {printable} from "../progress.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

/** Flows of one incident that `show` lists, those that matter most. */
const shownFlows = 20;

export const verb: Verb = {
  name: "incidents",
  usage: "[list | show ID | label ID true|false|unknown|none]",
  options: {
    class: {type: "string"},
    severity: {type: "string"},
    "fail-on": {type: "string"},
    all: {type: "boolean"},
    note: {type: "string"}
  },
  help: {
    class: "list: only incidents of this class",
    severity: `list: only incidents of at least this severity (${severities.join(", ")})`,
    "fail-on": "list: exit code 7 if an incident of at least this severity is listed",
    all: "list: also acknowledged, suppressed and merged incidents",
    note: "label: note that explains the label"
  },
  async run(invocation) {
    const [action = "list", ...rest] = invocation.positionals;
    if (action === "list" && rest.length === 0) return list(invocation);
    if (action === "show" && rest.length === 1) return show(invocation, rest[0]);
    if (action === "label" && rest.length === 2) return label(invocation, rest[0], rest[1]);
    if (action === "show" || action === "label")
      throw new UserError(
        exit.usage,
        `incidents ${action}: expected ${action === "show" ? "ID" : "ID true|false|unknown|none"}, found ${JSON.stringify(rest.join(" "))}`,
        {
          hint: "flowbook incidents lists them with their IDs"
        }
      );
    throw new UserError(exit.usage, `incidents: cannot do ${[action, ...rest].join(" ")}`, {
      hint: `flowbook incidents ${verb.usage}`
    });
  }
};

async function list({lake, json, values}: Invocation): Promise<ExitCode> {
  const severity = severityOf("severity", values.severity as string | undefined);
  const failOn = severityOf("fail-on", values["fail-on"] as string | undefined);
  const all = values.all === true;
  const reviews = readReviews(lake);
  const found = (await incidentsIn(lake, {class: values.class as string | undefined, severity, merged: all})).map(
    (incident) => ({...incident, ...reviewOf(incident, reviews)})
  );
  const incidents = found.filter(({acknowledged, suppressed}) => all || !(acknowledged || suppressed));
  const hidden = found.length - incidents.length;
  if (json) console.log(JSON.stringify({incidents}));
  else {
    if (hidden > 0) console.error(`${hidden} acknowledged or suppressed, listed with --all`);
    console.log(incidents.length === 0 ? "no incidents" : incidents.map(lineOf).map(printable).join("\n"));
  }
  const rank = (one: Severity) => severities.indexOf(one);
  const isGrave = failOn !== undefined && incidents.some((incident) => rank(incident.severity) >= rank(failOn));
  return isGrave ? exit.findings : exit.ok;
}

async function show({lake, json}: Invocation, id: string): Promise<ExitCode> {
  const incident = await incidentOf(lake, id);
  const flows = await flowsOf(lake, id);
  const said = reviewOf(incident, readReviews(lake));
  if (json) console.log(JSON.stringify({incident: {...incident, ...said}, flows}));
  else console.log([...described({...incident, ...said}), ...flowLines(incident, flows)].map(printable).join("\n"));
  return exit.ok;
}

async function label({lake, json, values}: Invocation, id: string, word: string): Promise<ExitCode> {
  await incidentOf(lake, id);
  try {
    const note = (values.note as string | undefined) ?? "";
    const {labels} = await labelIncident(lake, id, word === "none" ? null : word, note, Date.now());
    const now = labels[id] ?? null;
    console.log(
      json
        ? JSON.stringify({incident_id: id, label: now})
        : now
          ? `${id} is labelled ${now.label}`
          : `${id} has no label`
    );
    return exit.ok;
  } catch (error) {
    if (!(error instanceof ReviewRefused)) throw error;
    throw new UserError(exit.usage, `incidents: ${error.message}`, {cause: error});
  }
}

async function incidentsIn(lake: string, filter: Parameters<typeof listIncidents>[1]): Promise<ListedIncident[]> {
  const engine = await openLake(lake);
  try {
    return await listIncidents(engine, filter);
  } finally {
    await engine.close();
  }
}

/** The incident of an id. Throws a UserError where the lake has none. */
async function incidentOf(lake: string, id: string): Promise<ListedIncident> {
  const found = (await incidentsIn(lake, {merged: true})).find(({incident_id}) => incident_id === id);
  if (!found) throw new UserError(exit.usage, `incidents: the lake has no incident ${id}`);
  return found;
}

interface ShownFlow {
  readonly flow_id: string;
  readonly contribution: number;
  readonly ts_start: number;
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly service: string | null;
  readonly conn_state: string;
  readonly label: string | null;
}

async function flowsOf(lake: string, id: string): Promise<ShownFlow[]> {
  const engine = await openLake(lake);
  try {
    const {rows} = await engine.query(
      `SELECT CAST(f.flow_id AS VARCHAR), x.contribution, f.ts_start, f.src_ip, f.src_port, f.dst_ip, f.dst_port, f.proto, f.service, f.conn_state, v.label
      FROM incident_flows AS x JOIN flows AS f ON f.flow_id = x.flow_id AND f.capture_sha256 = x.capture_sha256
      LEFT JOIN (SELECT flow_id, capture_sha256, min(label) AS label FROM verdict_rows GROUP BY flow_id, capture_sha256) AS v
        ON v.flow_id = x.flow_id AND v.capture_sha256 = x.capture_sha256
      WHERE x.incident_id = ? ORDER BY x.contribution DESC, f.ts_start, f.flow_id LIMIT ${shownFlows}`,
      [id]
    );
    return rows.map(([flow, share, start, src, srcPort, dst, dstPort, proto, service, state, label]) => ({
      flow_id: String(flow),
      contribution: Number(share),
      ts_start: Number(start),
      src: `${src} ${srcPort}`,
      dst: `${dst} ${dstPort}`,
      proto: Number(proto),
      service: service === null ? null : String(service),
      conn_state: String(state),
      label: label === null ? null : String(label)
    }));
  } finally {
    await engine.close();
  }
}

/** What readers said of an incident: null where they did not. */
function reviewOf(incident: ListedIncident, reviews: Reviews) {
  const reviewed = reviewedOf(incident);
  return {
    label: reviews.labels[incident.incident_id]?.label ?? null,
    acknowledged: acknowledgementOf(reviews, reviewed) ?? null,
    suppressed: suppressionOf(reviews, reviewed, Date.now()) ?? null
  };
}

type Shown = ListedIncident & ReturnType<typeof reviewOf>;

function lineOf({
  incident_id,
  ts_start,
  severity,
  class: named,
  probability,
  state,
  flows,
  summary,
  label
}: Shown): string {
  const facts = [
    `${flows.toLocaleString("en")} flows`,
    state === "closed" ? null : state,
    label && `labelled ${label}`
  ];
  const time = new Date(ts_start / 1000).toISOString();
  return `${incident_id}  ${time}  ${severity.padEnd(6)}  ${named} ${probability.toFixed(2)}  ${summary}  (${facts.filter(Boolean).join(", ")})`;
}

function described(incident: Shown): string[] {
  const {ts_end, attack_technique, src_ip, dst_ip, dst_port, merged_into, capture, findings} = incident;
  return [
    lineOf(incident),
    `    until ${new Date(ts_end / 1000).toISOString()}, ${src_ip ?? "many"} → ${dst_ip ?? "many"}${dst_port === null ? "" : ` port ${dst_port}`}${attack_technique === null ? "" : `, ATT&CK ${attack_technique}`}, in ${capture}`,
    ...(merged_into === null ? [] : [`    merged into ${merged_into}`]),
    ...findings.flatMap(({source, name, severity, probability, summary, reasons}) => [
      `    ${source} ${name} (${severity}, ${probability.toFixed(2)}): ${summary}`,
      ...reasons.map(({text}) => `        ${text}`)
    ])
  ];
}

function flowLines({flows}: ListedIncident, shown: readonly ShownFlow[]): string[] {
  if (shown.length === 0) return ["    no flows: the evidence is packets without flows (ARP)"];
  const lines = shown.map(
    ({contribution, ts_start, src, dst, proto, service, conn_state, label}) =>
      `        ${(100 * contribution).toFixed(1).padStart(5)} %  ${new Date(ts_start / 1000).toISOString()}  ${src} → ${dst}  ${service ?? `protocol ${proto}`}  ${conn_state}${label === null ? "" : `  ${label}`}`
  );
  const which =
    flows > shown.length ? `the ${shown.length} that matter most of ${flows.toLocaleString("en")} flows` : "its flows";
  return [`    ${which}:`, ...lines];
}

function severityOf(option: string, text: string | undefined): Severity | undefined {
  if (text === undefined || (severities as readonly string[]).includes(text)) return text as Severity | undefined;
  throw new UserError(exit.usage, `incidents: --${option}: expected ${severities.join(", ")}, found ${text}`);
}
