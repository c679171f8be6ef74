import {type ActivityFlows, scopes} from "./flows.ts";
import {cv, entropyShare, mean, quantile, Scratch, std, Tally} from "./statistics.ts";

/** A number that says something of what a source did in a window. */
export interface ActivityFeature {
  readonly name: string;
  readonly doc: string;
}

const log = "natural logarithm of 1 + it";

/**
 * What an activity is described by, in the order of a model's input. No feature tells an address, a port or a time of
 * day; counts are logarithms, and most features are shares of the window's flows. "Endpoint" is a responder with
 * protocol and port; the top endpoint is the one with most flows.
 */
const described = {
  flows: `Flows, ${log}.`,
  hosts: `Distinct responders, ${log}.`,
  ports: `Distinct responder ports with their protocol, ${log}.`,
  endpoints: `Distinct endpoints, ${log}.`,
  host_share: "Distinct responders / flows.",
  port_share: "Distinct ports / flows.",
  endpoint_share: "Distinct endpoints / flows.",
  top_host_share: "Share of the responder with most flows.",
  top_port_share: "Share of the port with most flows.",
  top_endpoint_share: "Share of the top endpoint.",
  top_endpoint_flows: `Flows to the top endpoint, ${log}.`,
  most_ports_of_host: `Most distinct ports of one responder, ${log}.`,
  most_hosts_of_port: `Most distinct responders of one port, ${log}.`,
  host_entropy: "Entropy of responders / its greatest value for so many flows.",
  port_entropy: "Entropy of ports / its greatest value for so many flows.",
  tcp_share: "Share of TCP.",
  udp_share: "Share of UDP.",
  icmp_share: "Share of ICMP and ICMPv6.",
  many_share: "Share of flows to multicast and broadcast addresses.",
  local_share: "Share of flows to private, link-local and loopback addresses.",
  low_port_share: "Share of responder ports below 1024.",
  high_port_share: "Share of responder ports from 32768 on.",
  s0_share: "Share of S0: a SYN without answer.",
  rej_share: "Share of REJ: refused.",
  sf_share: "Share of SF: ended as it should (UDP: answered).",
  reset_share: "Share of RSTO and RSTR: aborted.",
  half_share: "Share of half open and half closed connections.",
  oth_share: "Share of OTH: seen in the middle, or no connection.",
  unanswered_share: "Share of flows without a packet from the responder.",
  failed_share: "Share of flows unanswered or refused.",
  failed_host_share: "Share of responders of which no flow succeeded.",
  failed_endpoint_share: "Share of endpoints of which no flow succeeded.",
  empty_share: "Share of flows without payload.",
  single_packet_share: "Share of flows of one packet.",
  packets_mean: `Packets of a flow, ${log}; mean.`,
  packets_std: `Packets of a flow, ${log}; standard deviation.`,
  sent_mean: `Payload sent in a flow, ${log}; mean.`,
  sent_std: `Payload sent in a flow, ${log}; standard deviation.`,
  received_mean: `Payload received in a flow, ${log}; mean.`,
  received_std: `Payload received in a flow, ${log}; standard deviation.`,
  sent_sizes_share: "Distinct sizes sent / flows.",
  reply_sizes_share: "Distinct reply sizes / flows.",
  top_sent_share: "Share of the size sent that is most frequent.",
  top_reply_share: "Share of the reply size that is most frequent.",
  sent_total: `Payload sent in all, ${log}.`,
  received_total: `Payload received in all, ${log}.`,
  upload_share: "Payload sent / payload both ways; 0.5 without any.",
  most_sent: `Most payload sent in one flow, ${log}.`,
  most_received: `Most payload received in one flow, ${log}.`,
  balance_mean: "ln((1 + sent) / (1 + received)) of a flow; mean.",
  balance_std: "The same; standard deviation.",
  span_share: "Time between the first and the last start / 60 s.",
  rate: `Flows per second of that time (1 s at least), ${log}.`,
  interval_mean: "Interval between starts in s, ln(0.001 + it); of the mean.",
  interval_median: "The same of the median.",
  interval_cv: "Coefficient of variation of the intervals between starts.",
  burst_share: "Share of intervals below 10 ms.",
  slow_share: "Share of intervals above 1 s.",
  busiest_second_share: "Share of flows that start in the second with most.",
  active_seconds: "Seconds of the window in which a flow starts / 60.",
  duration_mean: "Duration of a flow in s, ln(0.001 + it); mean.",
  duration_std: "The same; standard deviation.",
  short_share: "Share of flows shorter than 50 ms.",
  long_share: "Share of flows longer than 10 s.",
  overlap: `Durations together / time from the first start to the last end (1 s at least), ${log}.`,
  top_endpoint_interval_mean: "Mean interval between starts at the top endpoint in s, ln(0.001 + it).",
  top_endpoint_interval_cv: "Coefficient of variation of those intervals.",
  top_endpoint_sent_cv: "Coefficient of variation of the payload sent to it.",
  top_endpoint_received_cv: "Coefficient of variation of the payload received from it.",
  top_endpoint_reply_sizes_share: "Distinct reply sizes of it / its flows.",
  top_endpoint_duration_cv: "Coefficient of variation of the durations of its flows.",
  top_endpoint_failed_share: "Share of its flows unanswered or refused.",
  source_port_share: "Distinct source ports / flows.",
  source_port_step_share: "Share of flows whose source port is 1 to 8 above that of the flow before.",
  odds_mean: "Log-odds of the flow classifier against Normal, within ±9; mean of the flows it judges, 0 without any.",
  odds_std: "Their standard deviation.",
  odds_min: "Their least.",
  odds_p10: "Their 10th percentile.",
  odds_median: "Their median.",
  odds_p90: "Their 90th percentile.",
  odds_max: "Their greatest.",
  odds_positive_share: "Share of flows that are likelier an attack than Normal.",
  odds_sure_share: "Share of flows with log-odds above 3.",
  top_endpoint_odds: "Mean log-odds at the top endpoint."
} as const satisfies Readonly<Record<string, string>>;

/** Features of an activity where the flow classifier has these labels: a mean probability of each class at the end. */
export function activityFeatures(labels: readonly string[]): readonly ActivityFeature[] {
  return [
    ...Object.entries(described).map(([name, doc]) => ({name, doc})),
    ...labels.map((label) => ({
      name: `mean_${label.toLowerCase()}`,
      doc: `Mean probability of ${label} that the flow classifier gives.`
    }))
  ];
}

const mostOdds = 9;

/** Descriptions are made one after another. */
const scratch = new Scratch();

/** Log-odds against Normal of a flow whose probability of Normal is that. */
export function oddsAgainst(normal: number): number {
  return Math.max(-mostOdds, Math.min(mostOdds, Math.log((1 - normal) / normal)));
}

/**
 * Describes one activity: writes its features from `out[at]` on. `rows` are its flows in the order of their starts, one
 * at least; `labels` those of the flow classifier, of which one is Normal.
 */
export function describeActivity(
  flows: ActivityFlows,
  rows: Int32Array,
  labels: readonly string[],
  out: Float32Array,
  at: number
): void {
  const n = rows.length;
  scratch.clear();
  const {protocol, dstPort, srcPort, state, srcPackets, dstPackets, srcPayload, dstPayload, start, durationUs} = flows;
  const hosts = new Tally(n, scratch);
  const ports = new Tally(n, scratch);
  const sentSizes = new Tally(n, scratch);
  const replySizes = new Tally(n, scratch);
  const sourcePorts = new Tally(n, scratch);
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    hosts.add(flows.responder[row]);
    ports.add(protocol[row] * 65_536 + (hasPorts(protocol[row]) ? dstPort[row] : 0));
    sentSizes.add(srcPayload[row]);
    replySizes.add(dstPayload[row]);
    sourcePorts.add(srcPort[row]);
  }
  const endpoints = new Tally(n, scratch);
  for (let i = 0; i < n; i++) endpoints.add(hosts.group[i] * ports.size + ports.group[i]);
  const portsOfHost = scratch.take(hosts.size);
  const hostsOfPort = scratch.take(ports.size);
  const hostWorks = scratch.take(hosts.size);
  const endpointWorks = scratch.take(endpoints.size);
  const seen = scratch.take(endpoints.size);

  const count = {tcp: 0, udp: 0, icmp: 0, many: 0, local: 0, low: 0, high: 0, unanswered: 0, failed: 0};
  const size = {empty: 0, single: 0, short: 0, long: 0, steps: 0};
  const states = scratch.take(7);
  const packets = scratch.take(n);
  const sent = scratch.take(n);
  const received = scratch.take(n);
  const balance = scratch.take(n);
  const duration = scratch.take(n);
  const seconds = scratch.take(61);
  const total = {sent: 0, received: 0, mostSent: 0, mostReceived: 0, seconds: 0};
  const first = start[rows[0]];
  const last = start[rows[n - 1]];
  let end = 0;
  for (let i = 0; i < n; i++) {
    const row = rows[i];
    const proto = protocol[row];
    if (proto === 6) count.tcp++;
    else if (proto === 17) count.udp++;
    else if (proto === 1 || proto === 58) count.icmp++;
    if (flows.scope[row] === scopes.many) count.many++;
    else if (flows.scope[row] === scopes.local) count.local++;
    if (hasPorts(proto)) {
      if (dstPort[row] < 1024) count.low++;
      else if (dstPort[row] >= 32_768) count.high++;
    }
    states[state[row]]++;
    const isUnanswered = dstPackets[row] === 0;
    const isFailed = isUnanswered || state[row] === 2;
    if (isUnanswered) count.unanswered++;
    if (isFailed) count.failed++;
    else {
      hostWorks[hosts.group[i]] = 1;
      endpointWorks[endpoints.group[i]] = 1;
    }
    if (seen[endpoints.group[i]] === 0) {
      seen[endpoints.group[i]] = 1;
      portsOfHost[hosts.group[i]]++;
      hostsOfPort[ports.group[i]]++;
    }
    const all = srcPackets[row] + dstPackets[row];
    if (srcPayload[row] + dstPayload[row] === 0) size.empty++;
    if (all === 1) size.single++;
    packets[i] = Math.log(1 + all);
    sent[i] = Math.log(1 + srcPayload[row]);
    received[i] = Math.log(1 + dstPayload[row]);
    balance[i] = sent[i] - received[i];
    const s = durationUs[row] / 1e6;
    duration[i] = Math.log(0.001 + s);
    if (s < 0.05) size.short++;
    else if (s > 10) size.long++;
    total.sent += srcPayload[row];
    total.received += dstPayload[row];
    total.seconds += s;
    total.mostSent = Math.max(total.mostSent, srcPayload[row]);
    total.mostReceived = Math.max(total.mostReceived, dstPayload[row]);
    seconds[Math.min(60, Math.floor((start[row] - first) / 1e6))]++;
    end = Math.max(end, start[row] + durationUs[row]);
    if (i > 0) {
      const step = srcPort[row] - srcPort[rows[i - 1]];
      if (step >= 1 && step <= 8) size.steps++;
    }
  }
  const span = (last - first) / 1e6;
  const intervals = intervalsOf(flows, rows);
  const top = topRows(endpoints, rows);
  const topIntervals = intervalsOf(flows, top);
  const odds = oddsOf(flows, rows, labels);
  const sortedOdds = sorted(odds);
  const topFailed = countFailed(flows, top);

  const values: Record<keyof typeof described, number> = {
    flows: Math.log1p(n),
    hosts: Math.log1p(hosts.size),
    ports: Math.log1p(ports.size),
    endpoints: Math.log1p(endpoints.size),
    host_share: hosts.size / n,
    port_share: ports.size / n,
    endpoint_share: endpoints.size / n,
    top_host_share: hosts.most / n,
    top_port_share: ports.most / n,
    top_endpoint_share: endpoints.most / n,
    top_endpoint_flows: Math.log1p(endpoints.most),
    most_ports_of_host: Math.log1p(greatest(portsOfHost)),
    most_hosts_of_port: Math.log1p(greatest(hostsOfPort)),
    host_entropy: entropyShare(hosts),
    port_entropy: entropyShare(ports),
    tcp_share: count.tcp / n,
    udp_share: count.udp / n,
    icmp_share: count.icmp / n,
    many_share: count.many / n,
    local_share: count.local / n,
    low_port_share: count.low / n,
    high_port_share: count.high / n,
    s0_share: states[1] / n,
    rej_share: states[2] / n,
    sf_share: states[3] / n,
    reset_share: states[4] / n,
    half_share: states[5] / n,
    oth_share: states[6] / n,
    unanswered_share: count.unanswered / n,
    failed_share: count.failed / n,
    failed_host_share: 1 - sum(hostWorks) / hosts.size,
    failed_endpoint_share: 1 - sum(endpointWorks) / endpoints.size,
    empty_share: size.empty / n,
    single_packet_share: size.single / n,
    packets_mean: mean(packets),
    packets_std: std(packets),
    sent_mean: mean(sent),
    sent_std: std(sent),
    received_mean: mean(received),
    received_std: std(received),
    sent_sizes_share: sentSizes.size / n,
    reply_sizes_share: replySizes.size / n,
    top_sent_share: sentSizes.most / n,
    top_reply_share: replySizes.most / n,
    sent_total: Math.log1p(total.sent),
    received_total: Math.log1p(total.received),
    upload_share: total.sent + total.received > 0 ? total.sent / (total.sent + total.received) : 0.5,
    most_sent: Math.log1p(total.mostSent),
    most_received: Math.log1p(total.mostReceived),
    balance_mean: mean(balance),
    balance_std: std(balance),
    span_share: span / 60,
    rate: Math.log1p(n / Math.max(1, span)),
    interval_mean: Math.log(0.001 + mean(intervals)),
    interval_median: Math.log(0.001 + quantile(sorted(intervals), 0.5)),
    interval_cv: cv(intervals),
    burst_share: shareOf(intervals, (s) => s < 0.01),
    slow_share: shareOf(intervals, (s) => s > 1),
    busiest_second_share: greatest(seconds) / n,
    active_seconds: shareOf(seconds, (flowsThen) => flowsThen > 0) * (61 / 60),
    duration_mean: mean(duration),
    duration_std: std(duration),
    short_share: size.short / n,
    long_share: size.long / n,
    overlap: Math.log1p(total.seconds / Math.max(1, (end - first) / 1e6)),
    top_endpoint_interval_mean: Math.log(0.001 + mean(topIntervals)),
    top_endpoint_interval_cv: cv(topIntervals),
    top_endpoint_sent_cv: cv(valuesOf(top, srcPayload)),
    top_endpoint_received_cv: cv(valuesOf(top, dstPayload)),
    top_endpoint_reply_sizes_share: distinct(top, dstPayload) / top.length,
    top_endpoint_duration_cv: cv(valuesOf(top, durationUs)),
    top_endpoint_failed_share: topFailed / top.length,
    source_port_share: sourcePorts.size / n,
    source_port_step_share: size.steps / n,
    odds_mean: mean(odds),
    odds_std: std(odds),
    odds_min: sortedOdds.length > 0 ? sortedOdds[0] : 0,
    odds_p10: quantile(sortedOdds, 0.1),
    odds_median: quantile(sortedOdds, 0.5),
    odds_p90: quantile(sortedOdds, 0.9),
    odds_max: sortedOdds.length > 0 ? sortedOdds[sortedOdds.length - 1] : 0,
    odds_positive_share: shareOf(odds, (value) => value > 0),
    odds_sure_share: shareOf(odds, (value) => value > 3),
    top_endpoint_odds: mean(oddsOf(flows, top, labels))
  };
  let k = at;
  for (const name in values) out[k++] = values[name as keyof typeof described];
  meanProbabilities(flows, rows, labels.length, out, k);
}

function hasPorts(protocol: number): boolean {
  return protocol === 6 || protocol === 17 || protocol === 132;
}

/** Seconds between the starts of rows that follow each other. */
function intervalsOf({start}: ActivityFlows, rows: Int32Array): Float64Array {
  const intervals = scratch.take(Math.max(0, rows.length - 1));
  for (let i = 0; i < intervals.length; i++) intervals[i] = (start[rows[i + 1]] - start[rows[i]]) / 1e6;
  return intervals;
}

/** Rows of the endpoint with most flows; of several the one that was seen first. */
function topRows(endpoints: Tally, rows: Int32Array): Int32Array {
  const {mostGroup} = endpoints;
  return rows.filter((_, i) => endpoints.group[i] === mostGroup);
}

/** Log-odds against Normal of the rows that were judged. */
function oddsOf({probabilities}: ActivityFlows, rows: Int32Array, labels: readonly string[]): Float64Array {
  const normal = labels.indexOf("Normal");
  const odds = scratch.take(rows.length);
  let judged = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = probabilities[rows[i] * labels.length + normal];
    if (!Number.isNaN(value)) odds[judged++] = oddsAgainst(value);
  }
  return odds.subarray(0, judged);
}

/** Writes the mean probability of each class over the rows that were judged; zeros without any. */
function meanProbabilities(
  {probabilities}: ActivityFlows,
  rows: Int32Array,
  labels: number,
  out: Float32Array,
  at: number
): void {
  const totals = scratch.take(labels);
  let judged = 0;
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * labels;
    if (Number.isNaN(probabilities[from])) continue;
    for (let c = 0; c < labels; c++) totals[c] += probabilities[from + c];
    judged++;
  }
  for (let c = 0; c < labels; c++) out[at + c] = judged > 0 ? totals[c] / judged : 0;
}

function sorted(values: Float64Array): Float64Array {
  const copy = scratch.take(values.length);
  copy.set(values);
  return copy.sort();
}

function countFailed({dstPackets, state}: ActivityFlows, rows: Int32Array): number {
  let failed = 0;
  for (let i = 0; i < rows.length; i++) if (dstPackets[rows[i]] === 0 || state[rows[i]] === 2) failed++;
  return failed;
}

function valuesOf(rows: Int32Array, column: Float64Array): Float64Array {
  const values = scratch.take(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]];
  return values;
}

/** Distinct values of a column in those rows. */
function distinct(rows: Int32Array, column: Float64Array): number {
  const tally = new Tally(rows.length, scratch);
  for (let i = 0; i < rows.length; i++) tally.add(column[rows[i]]);
  return tally.size;
}

function greatest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function shareOf(values: Float64Array, holds: (value: number) => boolean): number {
  if (values.length === 0) return 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) if (holds(values[i])) count++;
  return count / values.length;
}
