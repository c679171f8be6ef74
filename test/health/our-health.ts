import type {FlowObject} from "../capture/meter/metered.ts";
import {type Counts, counts, noCounts} from "./tshark-health.ts";

/** Counts of metered flows, by sender and receiver; a conversation that is several flows is added up. */
export function ourHealth(flows: readonly FlowObject[]): Map<string, Counts> {
  const found = new Map<string, Counts>();
  for (const flow of flows) {
    if (flow.proto !== 6) continue;
    for (const [side, other] of [
      ["src", "dst"],
      ["dst", "src"]
    ] as const) {
      const key = `${flow[`${side}_ip`]}|${flow[`${side}_port`]}>${flow[`${other}_ip`]}|${flow[`${other}_port`]}`;
      const sums = found.get(key) ?? noCounts();
      for (const name of counts) sums[name] += flow[`${side}_${name}`];
      found.set(key, sums);
    }
  }
  return found;
}
