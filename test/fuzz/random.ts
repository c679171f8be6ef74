import {randomNumbers} from "../capture/meter/random-packets.ts";

/** Numbers that break parsers: limits of fields, and their neighbours. */
const edges = [0, 1, 2, 3, 4, 7, 8, 15, 16, 19, 20, 21, 39, 40, 63, 64, 127, 128, 191, 192, 254, 255, 256, 1500, 4095];
const wideEdges = [...edges, 0x7fff, 0x8000, 0xfffe, 0xffff];

/** A seed's random decisions: the same seed gives the same packets. */
export class Random {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = randomNumbers(seed);
  }

  /** A whole number from 0 to `n` - 1. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** A byte, mostly one of the limits. */
  byte(): number {
    return this.chance(0.5) ? this.of(edges) & 255 : this.below(256);
  }

  /** A 16-bit number, mostly one of the limits. */
  word(): number {
    return this.chance(0.7) ? this.of(wideEdges) : this.below(65_536);
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }

  /** A short length mostly, seldom a long one. */
  length(usual: number, most: number): number {
    return this.below(this.chance(0.01) ? most : usual);
  }
}
