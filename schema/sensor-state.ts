/** What a sensor says of itself: kept in its store, and beside the lake that mirrors it. */
export interface SensorState {
  readonly sensor: string;
  /** Wall clock of the sensor, in ms since 1970, when it said so. */
  readonly atMs: number;
  /** Parts sealed and not yet in the store, and their bytes: the spool. */
  readonly pendingParts: number;
  readonly pendingBytes: number;
  /** When the last part was sent, in ms since 1970; null before the first. */
  readonly lastSentMs: number | null;
  /** Parts that the sensor's own limits removed before they were sent: their rows are lost. */
  readonly lostParts: number;
  /** Why the last attempt failed; null where it went well. */
  readonly problem: string | null;
}

const count = (value: unknown) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** Reads what a sensor said; null where it is none of that sensor's: a store may hold anything. */
export function sensorState(text: string, sensor: string): SensorState | null {
  let said: Partial<Record<keyof SensorState, unknown>>;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null || said.sensor !== sensor) return null;
  const {atMs, pendingParts, pendingBytes, lastSentMs, lostParts, problem} = said;
  if (![atMs, pendingParts, pendingBytes, lostParts].every(count)) return null;
  if (lastSentMs !== null && !count(lastSentMs)) return null;
  if (problem !== null && typeof problem !== "string") return null;
  return {
    sensor,
    atMs: atMs as number,
    pendingParts: pendingParts as number,
    pendingBytes: pendingBytes as number,
    lastSentMs: lastSentMs as number | null,
    lostParts: lostParts as number,
    problem: (problem as string | null)?.slice(0, 500) ?? null
  };
}
