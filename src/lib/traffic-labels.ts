/** What a reader says traffic is: a host's, a stretch's, or a host's in a stretch. */
export interface TrafficLabel {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** One of the classes that verdicts have. */
  readonly class: string;
  /** The flows that this address began; null: of all hosts. */
  readonly host: string | null;
  /** Flows that began from then on, µs since 1970 (packet time); null: from the first on. */
  readonly fromUs: number | null;
  /** Flows that began before then; null: to the last. */
  readonly toUs: number | null;
  readonly note: string;
  /** Wall clock in ms since 1970. */
  readonly atMs: number;
}

/** A label in words: `PortScan: flows of 10.0.0.5 from … to …`. */
export function trafficLabelWords({class: named, host, fromUs, toUs, note}: TrafficLabel): string {
  const time = (us: number) => new Date(us / 1000).toISOString();
  const stretch = [fromUs === null ? "" : ` from ${time(fromUs)}`, toUs === null ? "" : ` to ${time(toUs)}`].join("");
  return `${named}: flows that ${host ?? "any host"} began${stretch}${note ? ` (${note})` : ""}`;
}

/** Classes that traffic can be labelled with: those of verdicts, in their order. */
export const trafficClasses = [
  "Normal",
  "PortScan",
  "Probe",
  "BruteForce",
  "WebAttack",
  "DoS",
  "DDoS",
  "Botnet",
  "Infiltration",
  "Exfiltration"
] as const;
