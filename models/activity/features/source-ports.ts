import {type FeatureGroup, tallyOf} from "./group.ts";

const described = {
  source_port_share: "Distinct source ports / flows.",
  source_port_step_share: "Share of flows whose source port is 1 to 8 above that of the flow before."
};

/** How the source chose its own ports. */
export const sourcePorts: FeatureGroup<keyof typeof described> = {
  described,
  compute({flows: {srcPort}, rows, scratch}) {
    const n = rows.length;
    let steps = 0;
    for (let i = 1; i < n; i++) {
      const step = srcPort[rows[i]] - srcPort[rows[i - 1]];
      if (step >= 1 && step <= 8) steps++;
    }
    return {
      source_port_share: tallyOf(rows, srcPort, scratch).size / n,
      source_port_step_share: steps / n
    };
  }
};
