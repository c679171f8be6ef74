/** Classes of the lab's traffic; `Normal` is whatever no event claims. */
export const labels = [
  "Normal",
  "DoS",
  "DDoS",
  "PortScan",
  "BruteForce",
  "WebAttack",
  "Botnet",
  "Exfiltration",
  "Probe",
  "Infiltration"
] as const;

export type Label = (typeof labels)[number];

/** A connection that an attack's own program says it made. */
export interface Connection {
  /** IANA protocol number. */
  readonly proto: number;
  readonly src_port: number;
  readonly dst: string;
  readonly dst_port: number;
}

/** One run of one attack. Times are µs since 1970 by the clock that also stamps the packets. */
export interface TruthEvent {
  readonly label: Label;
  readonly tool: string;
  readonly t0: number;
  readonly t1: number;
  readonly src: readonly string[];
  readonly dst: readonly string[];
  /** Ports aimed at; without them any. */
  readonly ports?: readonly number[];
  /** Where present only these connections are the attack's, whatever else passed between the two. */
  readonly connections?: readonly Connection[];
  readonly commands: readonly string[];
}

/** Of which capture another was made, and how; the rest is the variation itself. */
export interface VariedTruth {
  readonly capture_sha256: string;
  /** Where that one was made of another: the captures before it, nearest first. */
  readonly made_of?: readonly string[];
  readonly [how: string]: unknown;
}

/** What the lab did, carried beside each of its captures as `<capture>.truth.json`. */
export interface Truth {
  readonly format: "flowbook-truth-1";
  readonly made_by: string;
  readonly licence: string;
  readonly configuration: string;
  readonly seed: number;
  readonly seconds: number;
  readonly varied?: VariedTruth;
  readonly capture: string;
  readonly capture_sha256: string;
  readonly started: string;
  /** Packets that the kernel could not hand to the capturing program. */
  readonly kernel_drops: number;
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly services: Readonly<Record<string, string>>;
  /** Versions of the programs that made the traffic. */
  readonly tools: Readonly<Record<string, string>>;
  readonly events: readonly TruthEvent[];
}
