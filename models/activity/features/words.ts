import {amount, span} from "../../rules/wording.ts";

/** How a feature's value is told where `{}` stands, by the scale that it is kept in. */
const scales = {
  /** A share, told in percent. */
  share: (value: number) => `${amount(Math.round(value * 1000) / 10)} %`,
  /** A count, kept as ln(1 + it). */
  count: (value: number) => amount(rounded(Math.expm1(value))),
  /** A time in s, kept as ln(0.001 + it). */
  time: (value: number) => span(Math.max(0, Math.exp(value) - 0.001) * 1e6),
  /** Log-odds of an attack against Normal. */
  odds: (value: number) => {
    const times = Math.exp(Math.abs(value));
    if (times < 1.1) return "about as likely an attack as normal";
    return `${amount(rounded(times))} times likelier ${value > 0 ? "an attack than normal" : "normal than an attack"}`;
  },
  /** Any other number. */
  plain: amount
} as const;

type Scale = keyof typeof scales;

/** Below ten to one digit behind the point, above to a whole number. */
function rounded(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}

const sentences: Readonly<Record<string, readonly [Scale, string]>> = {
  flows: ["count", "{} flows"],
  hosts: ["count", "{} responders"],
  ports: ["count", "{} ports of responders"],
  endpoints: ["count", "{} endpoints"],
  host_share: ["plain", "{} distinct responders per flow"],
  port_share: ["plain", "{} distinct ports per flow"],
  endpoint_share: ["plain", "{} distinct endpoints per flow"],
  top_host_share: ["share", "{} of flows go to the busiest responder"],
  top_port_share: ["share", "{} of flows go to the busiest port"],
  top_endpoint_share: ["share", "{} of flows go to the busiest endpoint"],
  top_endpoint_flows: ["count", "{} flows to the busiest endpoint"],
  most_ports_of_host: ["count", "{} ports of one responder at most"],
  most_hosts_of_port: ["count", "{} responders on one port at most"],
  host_entropy: ["share", "flows are spread evenly over responders to {}"],
  port_entropy: ["share", "flows are spread evenly over ports to {}"],
  tcp_share: ["share", "{} of flows are TCP"],
  udp_share: ["share", "{} of flows are UDP"],
  icmp_share: ["share", "{} of flows are ICMP"],
  many_share: ["share", "{} of flows go to multicast and broadcast addresses"],
  local_share: ["share", "{} of flows go to local addresses"],
  low_port_share: ["share", "{} of flows go to ports below 1024"],
  high_port_share: ["share", "{} of flows go to ports from 32768 on"],
  s0_share: ["share", "{} of flows are SYNs without answer"],
  rej_share: ["share", "{} of flows were refused"],
  sf_share: ["share", "{} of flows ended as they should"],
  reset_share: ["share", "{} of flows were reset"],
  half_share: ["share", "{} of flows stayed half open or half closed"],
  oth_share: ["share", "{} of flows were seen in the middle only"],
  unanswered_share: ["share", "{} of flows were unanswered"],
  failed_share: ["share", "{} of flows were unanswered or refused"],
  failed_host_share: ["share", "{} of responders answered no flow"],
  failed_endpoint_share: ["share", "{} of endpoints answered no flow"],
  empty_share: ["share", "{} of flows carry no payload"],
  single_packet_share: ["share", "{} of flows are a single packet"],
  packets_mean: ["count", "a usual flow has {} packets"],
  packets_std: ["plain", "packets of flows differ by {} (standard deviation of the logarithm)"],
  sent_mean: ["count", "a usual flow sends {} bytes of payload"],
  sent_std: ["plain", "payloads sent differ by {} (standard deviation of the logarithm)"],
  received_mean: ["count", "a usual flow receives {} bytes of payload"],
  received_std: ["plain", "payloads received differ by {} (standard deviation of the logarithm)"],
  sent_sizes_share: ["plain", "{} distinct sizes sent per flow"],
  reply_sizes_share: ["plain", "{} distinct reply sizes per flow"],
  top_sent_share: ["share", "{} of flows send the commonest size"],
  top_reply_share: ["share", "{} of flows get the commonest reply size"],
  sent_total: ["count", "{} bytes of payload sent"],
  received_total: ["count", "{} bytes of payload received"],
  upload_share: ["share", "{} of the payload was sent, not received"],
  most_sent: ["count", "{} bytes of payload sent in one flow at most"],
  most_received: ["count", "{} bytes of payload received in one flow at most"],
  balance_mean: ["plain", "sent against received of a usual flow: {} (logarithm)"],
  balance_std: ["plain", "sent against received differs by {} (standard deviation of the logarithm)"],
  span_share: ["share", "flows start over {} of a minute"],
  rate: ["count", "{} flows per second"],
  interval_mean: ["time", "a flow starts every {} on average"],
  interval_median: ["time", "half of the intervals between starts are below {}"],
  interval_cv: ["plain", "intervals between starts vary by {} of their mean"],
  burst_share: ["share", "{} of intervals between starts are below 10 ms"],
  slow_share: ["share", "{} of intervals between starts are above 1 s"],
  busiest_second_share: ["share", "{} of flows start in the busiest second"],
  active_seconds: ["share", "a flow starts in {} of the minute's seconds"],
  duration_mean: ["time", "a usual flow lasts {}"],
  duration_std: ["plain", "durations differ by {} (standard deviation of the logarithm)"],
  short_share: ["share", "{} of flows are shorter than 50 ms"],
  long_share: ["share", "{} of flows are longer than 10 s"],
  overlap: ["count", "{} flows at the same time"],
  top_endpoint_interval_mean: ["time", "a flow to the busiest endpoint starts every {} on average"],
  top_endpoint_interval_cv: ["plain", "intervals at the busiest endpoint vary by {} of their mean"],
  top_endpoint_sent_cv: ["plain", "payloads sent to the busiest endpoint vary by {} of their mean"],
  top_endpoint_received_cv: ["plain", "payloads received from the busiest endpoint vary by {} of their mean"],
  top_endpoint_reply_sizes_share: ["plain", "{} distinct reply sizes of the busiest endpoint per flow"],
  top_endpoint_duration_cv: ["plain", "durations at the busiest endpoint vary by {} of their mean"],
  top_endpoint_failed_share: ["share", "{} of flows to the busiest endpoint were unanswered or refused"],
  source_port_share: ["plain", "{} distinct source ports per flow"],
  source_port_step_share: ["share", "{} of flows have a source port that follows the one before"],
  odds_mean: ["odds", "to the classifier, a flow is on average {}"],
  odds_std: ["plain", "the classifier's log-odds of flows differ by {} (standard deviation)"],
  odds_min: ["odds", "to the classifier, the most harmless flow is {}"],
  odds_p10: ["odds", "to the classifier, the most harmless tenth of flows is {} or less suspicious still"],
  odds_median: ["odds", "to the classifier, the flow in the middle is {}"],
  odds_p90: ["odds", "to the classifier, the most suspicious tenth of flows is {} or more suspicious still"],
  odds_max: ["odds", "to the classifier, the most suspicious flow is {}"],
  odds_positive_share: ["share", "to the classifier, {} of flows are likelier an attack than normal"],
  odds_sure_share: ["share", "to the classifier, {} of flows are at least 20 times likelier an attack than normal"],
  top_endpoint_odds: ["odds", "to the classifier, a flow to the busiest endpoint is on average {}"]
};

/**
 * What a feature's value says, in words a reader needs no key for: "72 % of flows were unanswered". `mean_dos` is the
 * mean probability of the class DoS. A feature without words of its own is told by its name.
 */
export function featureSentence(name: string, value: number): string {
  const [, label] = /^mean_([a-z]+)$/.exec(name) ?? [];
  if (label) return `to the classifier, a flow is ${label} with a probability of ${scales.share(value)} on average`;
  const [scale, sentence] = Object.hasOwn(sentences, name)
    ? sentences[name]
    : (["plain", `${name.replaceAll("_", " ")} {}`] as const);
  return sentence.replace("{}", () => scales[scale](value));
}
