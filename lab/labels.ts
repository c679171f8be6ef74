import type {Label, TruthEvent} from "./truth.ts";

/** What of a flow decides its label; times in µs since 1970. */
export interface FlowTuple {
  readonly ts_start: number;
  readonly ts_end: number;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dst_ip: string;
  readonly dst_port: number;
  readonly proto: number;
}

/**
 * `event` is the index of the attack's run; undefined for ordinary traffic. Label `null`: what an attacked host sent
 * back to the attacker in that time (an ICMP error, a late reset), which is neither the attack nor ordinary.
 */
export interface FlowLabel {
  readonly label: Label | null;
  readonly event?: number;
}

/** How long after its end an attack's packets may still arrive: the links' delay and queue. */
const lateUs = 800_000;
/** The capture's clock and the lab's are one, but a command starts a little before its time is read. */
const earlyUs = 50_000;

/** A function that labels flows of the capture that these events tell of. */
export function labeller(events: readonly TruthEvent[]): (flow: FlowTuple) => FlowLabel {
  const exact = new Map<string, number[]>();
  const bySource = new Map<string, number[]>();
  const byTarget = new Map<string, number[]>();
  const add = (index: Map<string, number[]>, key: string, event: number) => {
    const list = index.get(key);
    if (list) list.push(event);
    else index.set(key, [event]);
  };
  events.forEach((event, i) => {
    if (event.connections)
      for (const c of event.connections)
        for (const src of event.src) add(exact, `${c.proto} ${src} ${c.src_port} ${c.dst} ${c.dst_port}`, i);
    else for (const src of event.src) add(bySource, src, i);
    for (const dst of event.dst) add(byTarget, dst, i);
  });
  // An echo flow has no ports that tell two programs apart: a flood joins the ping before it, and outweighs it.
  const begins = ({proto, ts_start, ts_end}: FlowTuple) => (proto === 1 || proto === 58 ? ts_end : ts_start);
  const during = (flow: FlowTuple, {t0, t1}: TruthEvent) =>
    begins(flow) >= t0 - earlyUs && flow.ts_start <= t1 + lateUs;
  return (flow) => {
    const key = `${flow.proto} ${flow.src_ip} ${flow.src_port} ${flow.dst_ip} ${flow.dst_port}`;
    for (const i of exact.get(key) ?? []) if (during(flow, events[i])) return {label: events[i].label, event: i};
    for (const i of bySource.get(flow.src_ip) ?? []) {
      const event = events[i];
      const aimed = event.dst.includes(flow.dst_ip) && (!event.ports || event.ports.includes(flow.dst_port));
      if (aimed && during(flow, event)) return {label: event.label, event: i};
    }
    for (const i of byTarget.get(flow.src_ip) ?? []) {
      const event = events[i];
      const answers = event.src.includes(flow.dst_ip) && !event.connections;
      if (answers && during(flow, event)) return {label: null, event: i};
    }
    return {label: "Normal"};
  };
}

/** What became of a tool's runs in the capture. */
export interface ToolCount {
  readonly label: Label;
  readonly tool: string;
  runs: number;
  flows: number;
  /** Runs of which not one flow is in the capture: an attack that made nothing. */
  emptyRuns: number;
}

/** Counts flows by tool, so that an attack that silently made nothing shows. */
export function countTools(events: readonly TruthEvent[], found: Iterable<FlowLabel>): ToolCount[] {
  const flows = new Map<number, number>();
  for (const {label, event} of found)
    if (event !== undefined && label !== null) flows.set(event, (flows.get(event) ?? 0) + 1);
  const tools = new Map<string, ToolCount>();
  events.forEach(({label, tool}, i) => {
    const count = tools.get(tool) ?? {label, tool, runs: 0, flows: 0, emptyRuns: 0};
    count.runs++;
    count.flows += flows.get(i) ?? 0;
    if (!flows.has(i)) count.emptyRuns++;
    tools.set(tool, count);
  });
  return [...tools.values()].sort((a, b) => a.label.localeCompare(b.label) || a.tool.localeCompare(b.tool));
}
