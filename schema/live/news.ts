import type {FlowState, IncidentState} from "../incidents.ts";
import type {ProblemKind} from "./problem-kind.ts";
import type {RecentFlow} from "./recent-flow.ts";

/** What a line of a capture's events says beside its own (`LiveEvent`): that parts were scored, or rules judged it. */
export type ScoringNews =
  | {
      readonly kind: "scored";
      /** Wall clock, in ms since 1970. */
      readonly atMs: number;
      /** Why there are no verdicts; null where there are. */
      readonly reason: string | null;
      readonly scored: number;
      readonly suspicious: number;
      /** Flows with an anomaly score, and those of them that are anomalous. */
      readonly anomalyScored: number;
      readonly anomalous: number;
      readonly verdicts: readonly FlowVerdict[];
      /** The most anomalous of the suspicious flows, whether they were told of before or not; `verdicts` has theirs, too. */
      readonly suspects: readonly RecentFlow[];
    }
  | {
      /** Flows judged while they go on, or as soon as they ended; what is sealed is scored once more (`scored`). */
      readonly kind: "verdicts";
      readonly atMs: number;
      /** Flows scored now, those under way among them, and the suspicious ones of all. */
      readonly scored: number;
      readonly provisional: number;
      readonly suspicious: number;
      readonly verdicts: readonly FlowVerdict[];
      readonly suspects: readonly RecentFlow[];
      /** Of the capture so far, in ms; null without verdicts: from a flow's last packet so far to a verdict that counts it. */
      readonly packetToVerdictP50Ms: number | null;
      readonly packetToVerdictP95Ms: number | null;
      /** From a flow's first packet to its first verdict. */
      readonly firstVerdictP95Ms: number | null;
      /** Flows and records that were too many to be judged at once; they are, when they are sealed. */
      readonly left: number;
      /** What it cost, in ms; null where rules rested. */
      readonly scoreMs: number;
      readonly rulesMs: number | null;
    }
  | {
      /** Whenever incidents came, grew or went. */
      readonly kind: "incidents";
      readonly total: number;
      /** Of medium severity or more. */
      readonly grave: number;
      /** The newest ones. */
      readonly incidents: readonly CaptureIncident[];
    };

/** The verdict of a flow that was told of before. */
export interface FlowVerdict {
  /** `flow_id` as text. */
  readonly flow: string;
  /** The likeliest class; null where the classifier does not judge the flow. */
  readonly label: string | null;
  /** 0 to 1; null without a class. */
  readonly probability: number | null;
  readonly isUnknown: boolean;
  /** What is said of it so far. */
  readonly state: FlowState;
  /** Null without a model of anomalies. */
  readonly isAnomaly: boolean | null;
}

/** An incident as a list shows it; texts from strangers in `summary`. Times in µs since 1970. */
export interface CaptureIncident {
  readonly id: string;
  readonly class: string;
  /** Names of its findings, gravest first. */
  readonly rules: readonly string[];
  readonly state: IncidentState;
  readonly probability: number;
  readonly technique: string | null;
  readonly severity: string;
  readonly src: string | null;
  readonly dst: string | null;
  readonly from: number;
  readonly to: number;
  readonly flows: number;
  readonly summary: string;
}

/** That a capture could not begin or go on, and what can be done about it. */
export interface ProblemNews {
  readonly kind: "failed";
  readonly problem: ProblemKind;
  readonly message: string;
  readonly hint: string | null;
  /** The command's exit code. */
  readonly exit: number;
}

/** The summary of a capture that ended, the last line of its events; drops are null where they are unknown. */
export interface EndNews {
  readonly kind: "ended";
  readonly capture: string;
  readonly interface: string;
  readonly program: string;
  readonly seconds: number;
  readonly packets: number;
  readonly wire_bytes: number;
  readonly malformed: number;
  readonly cut_packets: number;
  readonly kernel_drops: number | null;
  readonly interface_drops: number | null;
  readonly pipe_drops: number | null;
  readonly flows: number;
  readonly evicted_flows: number;
  readonly parts: number;
  readonly verdicts: number;
  readonly notices: number;
  readonly incidents: number;
  /** Why it ended otherwise than asked; null where it ended as asked. */
  readonly problem: string | null;
}
