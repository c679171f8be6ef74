import {sum} from "../statistics.ts";
import {type FeatureGroup, hasFailed} from "./group.ts";

const described = {
  s0_share: "Share of S0: a SYN without answer.",
  rej_share: "Share of REJ: refused.",
  sf_share: "Share of SF: ended as it should (UDP: answered).",
  reset_share: "Share of RSTO and RSTR: aborted.",
  half_share: "Share of half open and half closed connections.",
  oth_share: "Share of OTH: seen in the middle, or no connection.",
  unanswered_share: "Share of flows without a packet from the responder.",
  failed_share: "Share of flows unanswered or refused.",
  failed_host_share: "Share of responders of which no flow succeeded.",
  failed_endpoint_share: "Share of endpoints of which no flow succeeded."
};

/** How the flows ended. */
export const outcomes: FeatureGroup<keyof typeof described> = {
  described,
  compute({flows, rows, hosts, endpoints, scratch}) {
    const n = rows.length;
    const states = scratch.take(7);
    const hostWorks = scratch.take(hosts.size);
    const endpointWorks = scratch.take(endpoints.size);
    let unanswered = 0;
    let failed = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i];
      states[flows.state[row]]++;
      if (flows.dstPackets[row] === 0) unanswered++;
      if (hasFailed(flows, row)) failed++;
      else {
        hostWorks[hosts.group[i]] = 1;
        endpointWorks[endpoints.group[i]] = 1;
      }
    }
    return {
      s0_share: states[1] / n,
      rej_share: states[2] / n,
      sf_share: states[3] / n,
      reset_share: states[4] / n,
      half_share: states[5] / n,
      oth_share: states[6] / n,
      unanswered_share: unanswered / n,
      failed_share: failed / n,
      failed_host_share: 1 - sum(hostWorks) / hosts.size,
      failed_endpoint_share: 1 - sum(endpointWorks) / endpoints.size
    };
  }
};
