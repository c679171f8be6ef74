import {type FlowNumbers, type FlowTexts, flowNumbers, type NumberedFlows, numberedFlows} from "./activity-flows.ts";
import type {FeatureBatch} from "./classify-features.ts";
import {emptyNumbers} from "./flow-columns.ts";

/** Flows with what the classifier says of them, as activities are made of them. */
export type JudgedFlows = Pick<NumberedFlows, "flows" | "capture" | "captures" | "addresses"> & {
  /** rows × classes of the classifier, row-major; NaN where it did not judge the flow. */
  readonly probabilities: Float32Array;
};

/** Flows that are kept at most, of some 120 bytes each. */
const mostFlows = 1_500_000;

interface Piece {
  readonly flows: FlowNumbers;
  readonly texts: FlowTexts;
  readonly probabilities: Float32Array;
}

/**
 * Flows that were scored just now, kept for their activities: to read them and their verdicts from the lake again takes
 * as long as to score them. Beyond a number of flows the later ones are not kept.
 */
export class ScoredFlows {
  #pieces: Piece[] = [];
  #rows = 0;
  readonly #counts = new Map<string, number>();

  /** `probabilities`: rows × classes, kept as they are. */
  add({flows, texts}: Pick<FeatureBatch, "flows" | "texts">, probabilities: Float32Array): void {
    if (this.#rows + flows.rows > mostFlows) return;
    this.#pieces.push({flows, texts, probabilities});
    this.#rows += flows.rows;
    const counts = new Float64Array(texts.captures.length);
    for (let i = 0; i < flows.rows; i++) counts[flows.capture[i]]++;
    for (const [k, count] of counts.entries())
      if (count > 0) this.#counts.set(texts.captures[k], (this.#counts.get(texts.captures[k]) ?? 0) + count);
  }

  /** Flows of a capture that are kept. */
  count(capture: string): number {
    return this.#counts.get(capture) ?? 0;
  }

  /** The flows of those captures, in any order; after it none are kept any more. */
  take(captures: ReadonlySet<string>, classes: number): JudgedFlows {
    const texts = {
      captures: unionOf(this.#pieces.map((piece) => piece.texts.captures))
        .filter((capture) => captures.has(capture))
        .sort(),
      // A hundred thousand of them are not sorted: their order is looked at where it decides.
      addresses: unionOf(this.#pieces.map((piece) => piece.texts.addresses))
    };
    const rows = texts.captures.reduce((sum, capture) => sum + this.count(capture), 0);
    const all = emptyNumbers(rows);
    const probabilities = new Float32Array(rows * classes);
    const places = new Places(texts);
    let to = 0;
    for (let piece = this.#pieces.shift(); piece; piece = this.#pieces.shift())
      to = appended(all, probabilities, piece, places, classes, to);
    this.#rows = 0;
    this.#counts.clear();
    return {...numberedFlows(all, texts), probabilities};
  }
}

/** Writes the rows of wanted captures from row `to` on; returns the row behind them. */
function appended(
  all: FlowNumbers,
  probabilities: Float32Array,
  piece: Piece,
  places: Places,
  classes: number,
  to: number
): number {
  const {flows, texts} = piece;
  const {captures, addresses} = places.of(texts);
  const own = !captures?.includes(-1)
    ? null
    : Int32Array.from({length: flows.rows}, (_, i) => i).filter((i) => captures![flows.capture[i]] >= 0);
  const rows = own?.length ?? flows.rows;
  for (const name of Object.keys(flowNumbers) as (keyof typeof flowNumbers)[]) {
    const [from, into] = [flows[name] as Float64Array, all[name] as Float64Array];
    const place = name === "capture" ? captures : name === "source" || name === "responder" ? addresses : null;
    if (!own && !place) into.set(from, to);
    else
      for (let i = 0; i < rows; i++) {
        const value = from[own ? own[i] : i];
        into[to + i] = place ? place[value] : value;
      }
  }
  if (!own) probabilities.set(piece.probabilities, to * classes);
  else
    for (let i = 0; i < rows; i++)
      probabilities.set(piece.probabilities.subarray(own[i] * classes, (own[i] + 1) * classes), (to + i) * classes);
  return to + rows;
}

/** Where the texts of a part stand among all; those of one part are looked up once. */
class Places {
  readonly #all: FlowTexts;
  readonly #captures: ReadonlyMap<string, number>;
  #addresses: ReadonlyMap<string, number> | null = null;
  /** Null where each stands at its own place. */
  readonly #known = new Map<FlowTexts, {readonly captures: Int32Array | null; readonly addresses: Int32Array | null}>();

  constructor(all: FlowTexts) {
    this.#all = all;
    this.#captures = new Map(all.captures.map((text, k) => [text, k]));
  }

  of(texts: FlowTexts) {
    let known = this.#known.get(texts);
    if (!known) {
      const captures = Int32Array.from(texts.captures, (text) => this.#captures.get(text) ?? -1);
      known = {captures: isCount(captures) ? null : captures, addresses: this.#placesOfAddresses(texts)};
      this.#known.set(texts, known);
    }
    return known;
  }

  /** Where all flows are of one part, its list is that of all. */
  #placesOfAddresses({addresses}: FlowTexts): Int32Array | null {
    if (addresses === this.#all.addresses) return null;
    this.#addresses ??= new Map(this.#all.addresses.map((text, k) => [text, k]));
    const all = this.#addresses;
    return Int32Array.from(addresses, (text) => all.get(text)!);
  }
}

/** Whether each place stands at its own. */
function isCount(places: Int32Array): boolean {
  return places.every((place, k) => place === k);
}

/** The distinct texts of lists. */
function unionOf(lists: readonly (readonly string[])[]): readonly string[] {
  const distinct = [...new Set(lists)];
  return distinct.length === 1 ? distinct[0] : [...new Set(distinct.flat())];
}
