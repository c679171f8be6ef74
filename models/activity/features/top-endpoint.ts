import {cv, mean} from "../statistics.ts";
import {type FeatureGroup, hasFailed, intervalsOf, tallyOf, valuesOf} from "./group.ts";

const described = {
  top_endpoint_interval_mean: "Mean interval between starts at the top endpoint in s, ln(0.001 + it).",
  top_endpoint_interval_cv: "Coefficient of variation of those intervals.",
  top_endpoint_sent_cv: "Coefficient of variation of the payload sent to it.",
  top_endpoint_received_cv: "Coefficient of variation of the payload received from it.",
  top_endpoint_reply_sizes_share: "Distinct reply sizes of it / its flows.",
  top_endpoint_duration_cv: "Coefficient of variation of the durations of its flows.",
  top_endpoint_failed_share: "Share of its flows unanswered or refused."
};

/** How alike the flows to the endpoint with most flows are. */
export const topEndpoint: FeatureGroup<keyof typeof described> = {
  described,
  compute({flows, topRows, scratch}) {
    const n = topRows.length;
    const intervals = intervalsOf(flows, topRows, scratch);
    let failed = 0;
    for (let i = 0; i < n; i++) if (hasFailed(flows, topRows[i])) failed++;
    return {
      top_endpoint_interval_mean: Math.log(0.001 + mean(intervals)),
      top_endpoint_interval_cv: cv(intervals),
      top_endpoint_sent_cv: cv(valuesOf(topRows, flows.srcPayload, scratch)),
      top_endpoint_received_cv: cv(valuesOf(topRows, flows.dstPayload, scratch)),
      top_endpoint_reply_sizes_share: tallyOf(topRows, flows.dstPayload, scratch).size / n,
      top_endpoint_duration_cv: cv(valuesOf(topRows, flows.durationUs, scratch)),
      top_endpoint_failed_share: failed / n
    };
  }
};
