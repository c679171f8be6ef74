import type {Random} from "../random.ts";

/** Where something is asked or sent: `10.0.0.1:80`. */
export type Place = string;

/** Something that a host's programs do again and again, as the configuration decided it. */
export interface HabitPlan {
  readonly kind: string;
  /** Mean seconds between two times; of what stays, between two messages. */
  readonly everySeconds: number;
  /** By which share of it each pause may differ. */
  readonly jitter: number;
  readonly to?: readonly Place[];
  /** Bytes of a message, of a stream's piece or of a file; at least and at most. */
  readonly bytes?: readonly [number, number];
  /** How many at a time, or in a row; at least and at most. */
  readonly count?: readonly [number, number];
  /** Seconds that a connection or a call lasts; at least and at most. */
  readonly seconds?: readonly [number, number];
  readonly tls?: boolean;
  readonly port?: number;
}

/** Where a habit runs, and its dice. */
export interface Self {
  readonly address: string;
  readonly address6?: string;
  readonly random: Random;
}

/** One time of a habit; what goes wrong on the network is part of life, and ignored. */
export type Habit = (plan: HabitPlan, self: Self) => Promise<void>;

export function host(place: Place): string {
  return place.slice(0, place.lastIndexOf(":"));
}

export function port(place: Place): number {
  return Number(place.slice(place.lastIndexOf(":") + 1));
}

/** A number between the plan's two. */
export function within(random: Random, range: readonly [number, number] | undefined, without: number): number {
  return range ? random.integer(...range) : without;
}
