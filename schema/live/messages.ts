import type {CaptureIncident, EndNews, FlowVerdict} from "./news.ts";
import type {LiveExamples, LiveSecond} from "./seconds.ts";
import type {LiveStatus} from "./status.ts";

/** What the page of a live capture is told: what changed since its last message. Times in ms since 1970 unless said. */
export interface LiveMessage {
  /** True where it holds all there is: what was known before is to be forgotten. */
  readonly isWhole: boolean;
  /** The server's clock. */
  readonly nowMs: number;
  readonly state: LiveState;
  readonly seconds: readonly LiveSecond[];
  readonly losses: readonly LossSecond[];
  readonly scores: readonly ScoreStep[];
  readonly flows: LiveExamples["flows"];
  readonly packets: LiveExamples["packets"];
  readonly verdicts: readonly FlowVerdict[];
  /** The newest incidents of the capture; null where they are as before. */
  readonly incidents: readonly CaptureIncident[] | null;
}

export interface LiveState {
  readonly phase: "idle" | "starting" | "running" | "stopping";
  /** Runs of this server that the charts may still show, oldest first; the last is the one that runs, or ran last. */
  readonly runs: readonly LiveRun[];
  /** Of the last run, from its beginning. */
  readonly totals: LiveStatus | null;
  readonly scored: ScoredTotals;
  readonly incidentsTotal: number;
  /** Of medium severity or more. */
  readonly incidentsGrave: number;
  /** Why the last run did not begin, or ended otherwise than asked. */
  readonly problem: LiveProblemWords | null;
  /** The newest ones of the last run. */
  readonly warnings: readonly string[];
  /** How long the capture has said nothing, in s; it speaks every second. */
  readonly silentS: number;
  readonly end: EndNews | null;
}

export interface LiveRun {
  readonly request: CaptureWish;
  readonly askedAtMs: number;
  /** Null until packets are captured. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly interface: string | null;
  readonly program: string | null;
  /** What the program's counts of lost packets are worth, in words. */
  readonly loss: string | null;
  readonly localNets: readonly string[];
  /** Layers whose losses of the whole run are known: all seconds without any lost nothing there. */
  readonly told: {readonly kernel: boolean; readonly interface: boolean; readonly pipe: boolean};
  /** Drops of the whole run where they were told at its end only; null where they were told by the second, or are not known. */
  readonly lateDrops: {readonly kernel: number; readonly interface: number; readonly pipe: number} | null;
}

/** What was asked of a capture; null leaves it to the program. */
export interface CaptureWish {
  readonly interface: string | null;
  readonly filter: string;
  readonly promiscuous: boolean;
  readonly snaplen: number | null;
  readonly durationS: number | null;
  readonly packets: number | null;
  readonly program: string | null;
}

/** Losses told in one second of the clock; null where the layer does not tell. */
export interface LossSecond {
  /** Seconds since 1970. */
  readonly second: number;
  readonly kernel: number | null;
  readonly interface: number | null;
  readonly pipe: number | null;
  /** Flows that the meter had to end early. */
  readonly meter: number;
  /** Times the pipe was full, so that the program had to wait. */
  readonly stalls: number;
  readonly malformed: number;
  readonly cut: number;
}

/** What scoring one or more parts came to. */
export interface ScoreStep {
  readonly atMs: number;
  readonly scored: number;
  readonly suspicious: number;
  readonly anomalyScored: number;
  readonly anomalous: number;
}

export interface ScoredTotals extends Omit<ScoreStep, "atMs"> {
  /** 95th percentile from a flow's last packet so far to a verdict that counts it, in ms; null where flows are scored at their end only. */
  readonly packetToVerdictP95Ms: number | null;
  /** Why flows get no verdicts; null where they do. */
  readonly reason: string | null;
}

export interface LiveProblemWords {
  /** Kind of the problem: `permission`, `filter` …, `died` where the capture ended without a word. */
  readonly kind: string;
  readonly message: string;
  /** What can be done about it: for a missing permission the command that grants it. */
  readonly hint: string | null;
}
