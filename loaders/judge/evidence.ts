import {featureSentence} from "../../models/activity/features/words.ts";
import {classOfRule, kindOf} from "../../models/rules/classes.ts";
import {rules as allRules} from "../../models/rules/index.ts";
import type {Reason, Rule} from "../../models/rules/rule.ts";
import {amount, counted, span} from "../../models/rules/wording.ts";
import {type ActivityRow, activityWindowUs, type Contribution} from "../../schema/activities.ts";
import type {Severity} from "../../schema/incidents.ts";
import type {NoticeRow} from "../../schema/notices.ts";

/** Who says it: a rule, the model of activities, or the classifier by its votes over flows. */
export type EvidenceSource = "rule" | "activity" | "classifier";

/** What one detector says of one source, or of one target of many, in a stretch of a capture. Times in µs since 1970. */
export interface Evidence {
  readonly source: EvidenceSource;
  /** The rule's name, else the class, else `activity`. */
  readonly name: string;
  /** `notice_id` of a rule's finding; null for models. */
  readonly id: string | null;
  readonly capture_sha256: string;
  readonly ts_start: number;
  readonly ts_end: number;
  /** Flows that belong to it began at this time at the latest. */
  readonly flowsUntil: number;
  /** Null where the model cannot name it. */
  readonly class: string | null;
  readonly severity: Severity;
  readonly probability: number;
  readonly attack_technique: string | null;
  readonly src_ip: string | null;
  readonly dst_ip: string | null;
  readonly dst_port: number | null;
  readonly flows: number;
  readonly summary: string;
  readonly reasons: readonly Reason[];
  /** True of what a suspicious activity did to one service of one target, apart from the rest. */
  readonly part?: boolean;
}

/** Votes of the classifier over the flows of one source in a window of a minute. */
export interface Votes {
  readonly capture_sha256: string;
  readonly src_ip: string;
  readonly label: string;
  readonly ts_start: number;
  readonly ts_end: number;
  /** The last start of a flow that voted. */
  readonly lastStart: number;
  readonly flows: number;
  /** All flows of the source in the window. */
  readonly ofFlows: number;
  /** Mean probability of the class over the flows that voted. */
  readonly probability: number;
  readonly dst_ip: string | null;
  readonly dst_port: number | null;
}

/** What a source did to one service of one target in a window of a minute, most of which the classifier takes for one attack. */
export interface Part extends Omit<Votes, "ofFlows"> {
  readonly window_start: number;
  readonly dst_ip: string;
  readonly dst_port: number;
}

/**
 * How sure a rule's finding is by its severity: of captures of other networks in which rules of that severity spoke, the
 * share with an attack, (k + 1) / (n + 2). Nothing was measured for `low`; docs/decisions/incidents.md has the counts.
 */
export const ruleProbability: Readonly<Record<Severity, number>> = {info: 0.2, low: 0.3, medium: 0.89, high: 0.89};
/** Votes of the classifier alone, which spoke in none of those captures, count as little as a rule of low severity. */
const voteProbability = ruleProbability.low;

/** What a rule found. A rule that is no longer there leaves its notice as it is. */
export function noticeEvidence(notice: NoticeRow, rules: readonly Rule[] = allRules): Evidence {
  const {rule: name, attack_technique, ts_end} = notice;
  const severity = notice.severity as Severity;
  const rule = rules.find((one) => one.name === name);
  const named = classOfRule({name, attackTechnique: attack_technique ?? rule?.attackTechnique ?? null});
  return {
    source: "rule",
    name,
    id: notice.notice_id,
    capture_sha256: notice.capture_sha256,
    ts_start: notice.ts_start,
    ts_end,
    flowsUntil: ts_end,
    class: named === "DoS" && notice.src_ip === null ? "DDoS" : named,
    severity,
    probability: ruleProbability[severity],
    attack_technique,
    src_ip: notice.src_ip,
    dst_ip: notice.dst_ip,
    dst_port: notice.dst_port,
    flows: Number(notice.flows),
    summary: notice.summary,
    reasons: JSON.parse(notice.reasons) as Reason[]
  };
}

/** Features told of an activity at most, those that moved it most. */
const toldFeatures = 5;

/**
 * An activity that is likelier suspicious than not, and below the model's threshold: by itself it is no evidence, and with
 * what a rule of low severity found of the same source both are (`incident-builder.ts`).
 */
export const faintFrom = 0.5;
/** With fewer flows a suspicious activity is one nearly: a login, or a page with its pictures, has as many. */
const leastFlows = 6;

/**
 * What the model says of an activity that it takes for suspicious, or nearly; of one whose records explain it only nearly.
 */
export function activityEvidence(activity: ActivityRow, isExplained = false): Evidence {
  const {src_ip, dst_ip, dst_port, ts_start, ts_end, window_start, score, class: named} = activity;
  const flows = Number(activity.flows);
  const to = dst_ip === null ? "several hosts" : `${dst_ip}${dst_port === null ? "" : ` port ${dst_port}`}`;
  const took = span(Math.max(0, Math.min(ts_end, window_start + activityWindowUs) - ts_start));
  return {
    source: "activity",
    name: named ?? "activity",
    id: null,
    capture_sha256: activity.capture_sha256,
    ts_start,
    ts_end,
    flowsUntil: window_start + activityWindowUs - 1,
    class: named,
    severity: activity.suspicious && flows >= leastFlows && !isExplained ? "medium" : "low",
    probability: score,
    attack_technique: null,
    src_ip,
    dst_ip,
    dst_port,
    flows,
    summary: `${src_ip} behaved ${named === null ? "suspiciously" : `as in ${named}`}: ${counted(flows, "flow")} to ${to} in ${took}.`,
    reasons: contributionReasons(activity.contributions)
  };
}

/**
 * What a suspicious activity did besides: the model says one thing of all that a source did in a minute, the classifier
 * what it did to each service. A part is of another kind of attack than the activity and not most of it, so that no
 * activity is renamed by votes.
 */
export function partEvidence(activity: ActivityRow, parts: readonly Part[]): Evidence[] {
  const whole = activityEvidence(activity);
  if (whole.severity === "low") return [];
  return parts
    .filter(({label, flows}) => {
      if (whole.class === null) return true;
      return kindOf(label) !== kindOf(whole.class) && flows < whole.flows / 2;
    })
    .map(({src_ip, label, flows, dst_ip, dst_port, ts_start, ts_end, lastStart, probability}) => ({
      ...whole,
      name: label,
      ts_start,
      ts_end,
      flowsUntil: lastStart,
      class: label,
      probability: whole.probability * probability,
      dst_ip,
      dst_port,
      flows,
      part: true,
      summary: `${src_ip} behaved suspiciously, and the classifier takes ${counted(flows, "flow")} to ${dst_ip} port ${dst_port} for ${label}.`,
      reasons: [voteReason(label, flows, probability)]
    }));
}

function contributionReasons(json: string | null): Reason[] {
  if (json === null) return [];
  return (JSON.parse(json) as Contribution[])
    .filter((one): one is Contribution & {value: number} => one.value !== null)
    .slice(0, toldFeatures)
    .map(({feature, value, amount: added}) => ({
      text: `${featureSentence(feature, value)} (${added < 0 ? "−" : "+"}${amount(Math.abs(added))} to the log-odds of an attack)`,
      figure: feature,
      value,
      limit: null,
      unit: null
    }));
}

/** What the classifier says of a source by most of its flows; by itself it weighs little. */
export function voteEvidence(votes: Votes): Evidence {
  const {src_ip, label, flows, ofFlows, probability, lastStart} = votes;
  const {capture_sha256, ts_start, ts_end, dst_ip, dst_port} = votes;
  return {
    source: "classifier",
    name: label,
    id: null,
    capture_sha256,
    ts_start,
    ts_end,
    flowsUntil: lastStart,
    class: label,
    severity: "low",
    probability: voteProbability * probability,
    attack_technique: null,
    src_ip,
    dst_ip,
    dst_port,
    flows,
    summary: `The classifier takes ${amount(flows)} of ${counted(ofFlows, "flow")} of ${src_ip} for ${label}.`,
    reasons: [voteReason(label, flows, probability, ` of ${amount(ofFlows)}`)]
  };
}

function voteReason(label: string, flows: number, probability: number, of = ""): Reason {
  return {
    text: `flows taken for ${label}: ${amount(flows)}${of}, mean probability ${amount(probability)}`,
    figure: `flows taken for ${label}`,
    value: flows,
    limit: null,
    unit: "flows"
  };
}
