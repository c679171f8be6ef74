import {type Incident, incidentOf} from "../../alerts/incident.ts";
import type {Message} from "../../alerts/message.ts";
import type {ListedIncident} from "../../loaders/judge/incident-list.ts";

/** 2026-11-21 09:30:00 UTC, in µs since 1970. */
export const startUs = 1_795_253_400_000_000;

/** An incident of one port scan, or of another rule, with fields replaced. */
export function listed({
  rule = "port_scan",
  ...fields
}: Partial<ListedIncident> & {readonly rule?: string} = {}): ListedIncident {
  const whole = {
    incident_id: "00112233445566aa",
    capture: "/var/captures/office.pcap",
    capture_sha256: "a".repeat(64),
    ts_start: startUs,
    ts_end: startUs + 3_900_000,
    state: "closed",
    merged_into: null,
    class: "PortScan",
    probability: 0.8,
    attack_technique: "T1046",
    severity: "medium",
    src_ip: "10.0.0.5",
    dst_ip: "192.0.2.10",
    dst_port: null,
    flows: 40,
    summary: "10.0.0.5 probed 40 TCP ports of 192.0.2.10 in 3.9 s, SYN.",
    ...fields
  } as const;
  const {severity, probability, ts_start, ts_end, summary} = whole;
  const reasons = [
    {
      text: "different ports probed: 40 ports (limit: at least 10)",
      figure: "different ports probed",
      value: 40,
      limit: 10,
      unit: "ports"
    }
  ];
  const finding = {source: "rule", name: rule, id: null, severity, probability, ts_start, ts_end, summary, reasons};
  return {findings: [finding], ...whole};
}

export const incident = (fields: Parameters<typeof listed>[0] = {}): Incident => incidentOf(listed(fields));

/** A message of these incidents, made at 2026-11-21 10:00:00 UTC. */
export function message(incidents: readonly Incident[], fields: Partial<Message> = {}): Message {
  return {
    id: "11111111-2222-3333-4444-555555555555",
    createdMs: 1_795_255_200_000,
    incidents,
    more: 0,
    link: "https://flowbook.example",
    ...fields
  };
}
