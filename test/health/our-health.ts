import type {FlowObject} from "../capture/meter/metered.ts";
import {addRoundTrip, type Counts, counts, type Health, noCounts} from "./tshark-health.ts";

/** Health by metered flows; a conversation that is several flows is added up. */
export function ourHealth(flows: readonly FlowObject[]): Health {
  const found = new Map<string, Counts>();
  const handshakes = new Map<string, number[]>();
  for (const flow of flows) {
    if (flow.proto !== 6) continue;
    if (flow.rtt_us !== null)
      addRoundTrip(handshakes, `${flow.src_ip}|${flow.src_port}`, `${flow.dst_ip}|${flow.dst_port}`, flow.rtt_us);
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
  return {counts: found, handshakes};
}
