/** TCP connection states that activity features count, by the groups they are counted in. */
const stateGroups = {
  S0: 1,
  REJ: 2,
  SF: 3,
  RSTO: 4,
  RSTR: 4,
  S1: 5,
  S2: 5,
  S3: 5,
  SH: 5,
  SHR: 5,
  RSTOS0: 5,
  RSTRH: 5,
  OTH: 6
} as const;

/** Groups of `conn_state` as numbers: 1 S0, 2 REJ, 3 SF, 4 reset, 5 half open or half closed, 6 OTH, 0 unknown. */
export const stateGroup: ReadonlyMap<string, number> = new Map(Object.entries(stateGroups));

/** Where a responder's address lies. */
export const scopes = {global: 0, local: 1, many: 2} as const;

/**
 * Flows as columns of numbers, all that activities are computed from; the lake's rows and a live capture's batches
 * become the same. Row order does not matter.
 */
export interface ActivityFlows {
  readonly rows: number;
  /** First packet, µs since 1970. */
  readonly start: Float64Array;
  readonly durationUs: Float64Array;
  /** Addresses by their numbers, by which they are put in order; without them the numbers do that. */
  readonly addresses?: readonly string[];
  /** A number for each originator of a capture; where there are addresses, modulo their count it is that of the originator's. */
  readonly source: Float64Array;
  /** A number for each responder's address. */
  readonly responder: Int32Array;
  /** See {@link scopes}: of the responder. */
  readonly scope: Uint8Array;
  readonly protocol: Int16Array;
  readonly srcPort: Int32Array;
  readonly dstPort: Int32Array;
  /** See {@link stateGroup}. */
  readonly state: Uint8Array;
  readonly srcPackets: Float64Array;
  readonly dstPackets: Float64Array;
  /** Transport payload by the headers' lengths. */
  readonly srcPayload: Float64Array;
  readonly dstPayload: Float64Array;
  /** rows × classes, row-major, as the flow classifier's labels; NaN where it did not judge the flow. */
  readonly probabilities: Float32Array;
}

const privateV4 =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|127\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

/** Where an address lies: private, link-local and loopback addresses are local, multicast and broadcast are many. */
export function scopeOf(address: string): number {
  if (address.includes(":")) {
    if (address.startsWith("ff")) return scopes.many;
    return /^(fe[89ab]|f[cd]|::1$)/.test(address) ? scopes.local : scopes.global;
  }
  const first = Number.parseInt(address, 10);
  if ((first >= 224 && first <= 239) || address.endsWith(".255")) return scopes.many;
  return privateV4.test(address) ? scopes.local : scopes.global;
}
