import type {Random} from "../random.ts";

/** Takes a packet: its captured bytes, LINKTYPE_ number (Ethernet by default) and length on the wire. */
export type Add = (bytes: Uint8Array, link?: number, wire?: number) => void;

/** A frame of some link type that others are made of. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly link: number;
}

/** A way to make packets that a meter must bear: one file, one line in `kinds/index.ts`. */
export interface Kind {
  readonly name: string;
  /** Part of all fuzzed packets that are of this kind; all kinds make 1. */
  readonly share: number;
  /** A function that adds some packets at each call, seldom none. `valid`: frames of all kinds as they should be. */
  begin(random: Random, valid: readonly Frame[]): (add: Add) => void;
}
