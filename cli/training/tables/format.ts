/** A format of flow tables that others published, and which features can be computed from it. */
export interface TableFormat {
  /** As the card and the command line name it. */
  readonly name: string;
  /** Columns that tell it apart, by their names as {@link plainName} gives them. */
  readonly marks: readonly string[];
  /** Names of the columns where the files have no head; their number tells the format apart, too. */
  readonly headless?: readonly string[];
  /** SQL over the columns by their plain names, DOUBLE each; a NULL is a value that is missing. */
  readonly features: Readonly<Record<string, string>>;
  /** SQL of the IP protocol's number; NULL where it is not known. */
  readonly protocol: string;
  /** SQL of the row's label as the table gives it. The first whose columns are there is taken. */
  readonly labels: readonly string[];
  /** Why features that the table seems to have are left out. */
  readonly leavesOut?: string;
}

/** A column's name without case, blanks and signs: `Flow Bytes/s` and ` flow_bytes_s` are `flow_bytes_s`. */
export function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
}

/** SQL of a quotient; 0 where the divisor is 0 or less. */
export const quotient = (over: string, below: string) =>
  `CASE WHEN (${below}) > 0 THEN (${over}) / (${below}) ELSE 0 END`;

/** Features that follow from packets and payload of both sides and the duration in seconds. */
export function sums(names: {
  readonly duration: string;
  readonly srcPackets: string;
  readonly dstPackets: string;
  readonly srcPayload?: string;
  readonly dstPayload?: string;
}): Record<string, string> {
  const {duration, srcPackets, dstPackets, srcPayload, dstPayload} = names;
  const packets = `${srcPackets} + ${dstPackets}`;
  const ofPackets = {
    duration_s: duration,
    packets_per_s: quotient(packets, duration),
    src_packets_per_s: quotient(srcPackets, duration),
    dst_packets_per_s: quotient(dstPackets, duration),
    dst_src_packets_ratio: quotient(dstPackets, srcPackets),
    src_packets: srcPackets,
    dst_packets: dstPackets,
    iat_mean_s: `CASE WHEN ${packets} > 1 THEN ${duration} / (${packets} - 1) ELSE 0 END`
  };
  if (!srcPayload || !dstPayload) return ofPackets;
  const payload = `${srcPayload} + ${dstPayload}`;
  return {
    ...ofPackets,
    ...payloadSums(duration, srcPayload, dstPayload),
    payload_mean_bytes: quotient(payload, packets),
    src_payload_mean_bytes: quotient(srcPayload, srcPackets),
    dst_payload_mean_bytes: quotient(dstPayload, dstPackets)
  };
}

/** Features that follow from the payload of both sides and the duration in seconds. */
export function payloadSums(duration: string, srcPayload: string, dstPayload: string): Record<string, string> {
  return {
    payload_bytes_per_s: quotient(`${srcPayload} + ${dstPayload}`, duration),
    dst_src_payload_ratio: quotient(dstPayload, srcPayload),
    src_payload_sum_bytes: srcPayload,
    dst_payload_sum_bytes: dstPayload
  };
}
