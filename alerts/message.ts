import {formatFilter, formatIso} from "../src/lib/filter.ts";
import {formatCount, formatDuration} from "../src/lib/format.ts";
import {anomalyRule} from "./anomaly-rate.ts";
import type {Incident} from "./incident.ts";

/** One message to everybody who is told, with incidents from the gravest on. */
export interface Message {
  /** The same at every try, so that a receiver can tell a repetition. */
  readonly id: string;
  /** Wall clock, in ms since 1970. */
  readonly createdMs: number;
  readonly incidents: readonly Incident[];
  /** Incidents that found no place in the message. */
  readonly more: number;
  /** Where readers reach the notebook; null where nobody knows. */
  readonly link: string | null;
}

/** A message without incidents is a test. */
export function isTest({incidents}: Message): boolean {
  return incidents.length === 0;
}

/** The subject of a mail: one line of at most 150 characters. */
export function subjectOf(message: Message): string {
  const {incidents, more} = message;
  if (isTest(message)) return "flowbook: test message";
  const [{severity, rule, src, dst}] = incidents;
  const count = incidents.length + more;
  const text =
    count === 1
      ? `flowbook: ${rule.replaceAll("_", " ")}, ${severity}${src || dst ? `: ${src ?? "many"} → ${dst ?? "many"}` : ""}`
      : `flowbook: ${formatCount(count)} incidents, the gravest ${severity}: ${rule.replaceAll("_", " ")}`;
  return text.slice(0, 150);
}

/** The message as text: incident, hosts, times, figures, technique and link of each. */
export function textOf(message: Message): string {
  const {incidents, more, createdMs, link} = message;
  if (isTest(message))
    return [
      `This is a test of flowbook's alerts, sent ${formatIso(createdMs * 1000)}.`,
      "Incidents will be reported like this, several in one message.",
      ...(link === null ? [] : ["", `Notebook: ${link}/`]),
      ""
    ].join("\n");
  const parts = incidents.map((incident, k) => incidentText(incident, k + 1, link));
  if (more > 0)
    parts.push(`${formatCount(more)} more ${more === 1 ? "incident is" : "incidents are"} in the notebook.\n`);
  return `${parts.join("\n")}\nTimes are those of the packets, in UTC. Sent ${formatIso(createdMs * 1000)} by flowbook.\n`;
}

function incidentText(incident: Incident, number: number, link: string | null): string {
  const {
    rule,
    class: named,
    probability,
    severity,
    summary,
    from,
    to,
    src,
    dst,
    port,
    flows,
    technique,
    reasons,
    capture
  } = incident;
  const lines: [string, string][] = [
    ["time", `${formatIso(from)} – ${formatIso(to)} (${formatDuration(to - from)})`],
    ["hosts", `${src ?? "many"} → ${dst ?? "many"}${port === null ? "" : `, port ${port}`}`],
    ["flows", formatCount(flows)],
    ...(rule === anomalyRule
      ? []
      : ([["class", `${named}, probability ${probability.toFixed(2)}`]] as [string, string][])),
    ...reasons.map((reason): [string, string] => ["why", reason]),
    ...(technique === null ? [] : ([["ATT&CK", `${technique}, ${techniqueLink(technique)}`]] as [string, string][])),
    ["capture", capture],
    ...(link === null ? [] : ([["notebook", linkOf(incident, link)]] as [string, string][]))
  ];
  const head = `${number}. ${rule.replaceAll("_", " ")} (${severity}): ${summary}`;
  return [head, ...lines.map(([name, value]) => `   ${`${name}:`.padEnd(10)}${value}`), ""].join("\n");
}

/** The technique's page in ATT&CK, named and never fetched: T1110.001 lies below T1110. */
export function techniqueLink(technique: string): string {
  return `https://attack.mitre.org/techniques/${technique.replace(".", "/")}/`;
}

/** The incident's page; of a raised anomaly rate, which has none, the page of notices in its time. */
export function linkOf({id, rule, from, to, src, dst, captureSha256}: Incident, link: string): string {
  if (rule !== anomalyRule) return `${link}/incident.html#${formatFilter({incident: id})}`;
  return `${link}/notices.html#${formatFilter({from, to: to + 1, host: src ?? dst ?? undefined, captures: [captureSha256]})}`;
}

/** Chat services take `<!channel>` for a call and `<http://…|words>` for a link, wherever a name had them from. */
const forChats = (text: string) => text.replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The message as JSON for programs; `text` is what chat services show of it. */
export function jsonOf(message: Message): Record<string, unknown> {
  const {id, createdMs, incidents, more, link} = message;
  return {
    source: "flowbook",
    id,
    sent_at: formatIso(createdMs * 1000),
    test: isTest(message),
    text: forChats(`${subjectOf(message)}\n\n${textOf(message)}`),
    more,
    incidents: incidents.map((incident) => ({
      incident_id: incident.id,
      class: incident.class,
      probability: incident.probability,
      rule: incident.rule,
      severity: incident.severity,
      attack_technique: incident.technique,
      ts_start: formatIso(incident.from),
      ts_end: formatIso(incident.to),
      src_ip: incident.src,
      dst_ip: incident.dst,
      dst_port: incident.port,
      flows: incident.flows,
      summary: incident.summary,
      reasons: incident.reasons,
      capture: incident.capture,
      capture_sha256: incident.captureSha256,
      link: link === null ? null : linkOf(incident, link)
    }))
  };
}
