/** Where a live capture stands; counts are from its beginning. */
export interface LiveStatus {
  readonly atMs: number;
  readonly seconds: number;
  readonly packets: number;
  readonly wireBytes: number;
  readonly capturedBytes: number;
  readonly malformed: number;
  readonly cutPackets: number;
  /** Flows under way, and finished. */
  readonly liveFlows: number;
  readonly flows: number;
  readonly evictedFlows: number;
  /** Null where the program has not told (yet). */
  readonly kernelDrops: number | null;
  readonly interfaceDrops: number | null;
  readonly pipeDrops: number | null;
  /** Bytes received and not metered yet, and how often there were too many. */
  readonly waitingBytes: number;
  readonly stalls: number;
}
