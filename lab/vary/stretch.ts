import type {Parts} from "./frame.ts";

/** A conversation that was silent for so long goes on as if it began anew. */
const silenceUs = 5e6;

/** New times: conversations begin later in proportion, and pass within as they did. */
export class Stretch {
  readonly #factor: number;
  readonly #pieces = new Map<string, {begin: number; last: number}>();
  #zero = 0;

  constructor(factor: number) {
    this.#factor = factor;
  }

  /** A time between packets (an attack's begin or end) in proportion; packets come first, in order. */
  scaled(ts: number): number {
    return this.#zero + (ts - this.#zero) * this.#factor;
  }

  of(ts: number, {version, proto, src, dst, srcPort, dstPort}: Parts, frame: Buffer): number {
    this.#zero ||= ts;
    // An echo flow has no ports; IPv6's ends are read where they stand.
    const [a, b] =
      version === 6
        ? [
            frame.toString("latin1", 22, 38) + frame.toString("latin1", 54, 56),
            frame.toString("latin1", 38, 54) + frame.toString("latin1", 56, 58)
          ]
        : [`${src} ${proto === 1 ? 0 : srcPort}`, `${dst} ${proto === 1 ? 0 : dstPort}`];
    const ends = a < b ? `${a} ${b}` : `${b} ${a}`;
    const key = `${version} ${proto} ${ends}`;
    const piece = this.#pieces.get(key);
    if (piece && ts - piece.last < silenceUs) {
      piece.last = ts;
      return this.scaled(piece.begin) + (ts - piece.begin);
    }
    this.#pieces.set(key, {begin: ts, last: ts});
    return this.scaled(ts);
  }
}
