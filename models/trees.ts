import {coreBytes} from "../capture/cores.ts";
import type {TreeEnsemble} from "./tree-ensemble.ts";

/** What `core/index.ts` exports. Addresses are offsets in its memory. */
interface Core {
  readonly memory: WebAssembly.Memory;
  begin(): number;
  reserve(end: number): void;
  run(
    roots: number,
    trees: number,
    values: number,
    divisor: number,
    input: number,
    features: number,
    output: number,
    rows: number,
    sure: number
  ): void;
}

/** Rows that are in the core's memory at once. */
const rowsAtOnce = 2048;
const nodeBytes = 16;
/** Levels that rows go down unasked at most: of eight rows in a deeper tree one seldom stops before. */
const mostSure = 8;

let loading: Promise<Core> | null = null;
/** Whose trees lie in the core's memory. */
let present: Trees | null = null;

/** Runs an ensemble of trees in WebAssembly: several rows go down a tree at once (docs/decisions/trees-in-wasm.md). */
export class Trees {
  readonly targets: number;
  readonly #core: Core;
  readonly #features: number;
  readonly #divisor: number;
  readonly #trees: number;
  /** Values of a row in the core: 1, or a multiple of 4. */
  readonly #width: number;
  /** Nodes, their values, the roots. */
  readonly #bytes: Uint8Array;
  readonly #roots: number;
  readonly #sure: number;

  private constructor(core: Core, ensemble: TreeEnsemble, features: number) {
    this.#core = core;
    this.targets = ensemble.targets;
    this.#features = features;
    this.#divisor = ensemble.divisor;
    this.#trees = ensemble.roots.length;
    this.#width = ensemble.targets === 1 ? 1 : (ensemble.targets + 3) & ~3;
    const placed = placedNodes(ensemble, core.begin(), this.#width);
    this.#bytes = placed.bytes;
    this.#roots = placed.roots;
    this.#sure = placed.sure;
  }

  /** Ready to run over rows of so many features; null where a node asks for more. */
  static async load(ensemble: TreeEnsemble, features: number): Promise<Trees | null> {
    if (ensemble.feature.some((k) => k >= features)) return null;
    loading ??= coreBytes("trees").then(
      async (bytes) =>
        (await WebAssembly.instantiate(bytes, {env: {abort: outOfMemory}})).instance.exports as unknown as Core
    );
    return new Trees(await loading, ensemble, features);
  }

  /** `rows` × features in, row-major; rows × targets out: sums, or means, of the leaves' values. */
  run(matrix: Float32Array, rows: number): Float32Array {
    const {targets} = this;
    const result = new Float32Array(rows * targets);
    const begin = this.#core.begin();
    const input = (begin + this.#bytes.length + 63) & ~63;
    const output = input + rowsAtOnce * this.#features * 4;
    this.#core.reserve(output + rowsAtOnce * this.#width * 4);
    const memory = new Uint8Array(this.#core.memory.buffer);
    if (present !== this) memory.set(this.#bytes, begin);
    present = this;
    const floats = new Float32Array(this.#core.memory.buffer);
    for (let from = 0; from < rows; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - from);
      // What lies behind the last row is worked on, too, up to eight, and left there.
      floats.set(matrix.subarray(from * this.#features, (from + count) * this.#features), input >> 2);
      const [width, eights] = [this.#width, (count + 7) & ~7];
      this.#core.run(this.#roots, this.#trees, width, this.#divisor, input, this.#features, output, eights, this.#sure);
      const sums = floats.subarray(output >> 2, (output >> 2) + count * width);
      if (width === targets) result.set(sums, from * targets);
      else
        for (let i = 0, to = from * targets, at = 0; i < count; i++, at += width)
          for (let k = 0; k < targets; k++) result[to++] = sums[at + k];
    }
    return result;
  }
}

/** The nodes as the core reads them, from address `begin` on, two children side by side; behind them the leaves' values. */
function placedNodes(
  {threshold, feature, yes, no, roots, values, targets}: TreeEnsemble,
  begin: number,
  width: number
): {bytes: Uint8Array; roots: number; sure: number} {
  const order: number[] = [];
  const child: number[] = [];
  const depth: number[] = [];
  let deepest = 0;
  const first: number[] = [];
  for (const root of roots) {
    first.push(order.length);
    depth[order.push(root) - 1] = 0;
    for (let k = first[first.length - 1]; k < order.length; k++) {
      deepest = Math.max(deepest, depth[k]);
      child[k] = feature[order[k]] < 0 ? k : order.push(no[order[k]], yes[order[k]]) - 2;
      if (child[k] > k) depth[child[k]] = depth[child[k] + 1] = depth[k] + 1;
    }
  }
  const valuesAt = begin + order.length * nodeBytes;
  const rootsAt = valuesAt + order.filter((node) => feature[node] < 0).length * width * 4;
  const bytes = new Uint8Array(rootsAt + roots.length * 4 - begin);
  const [words, floats] = [new Uint32Array(bytes.buffer), new Float32Array(bytes.buffer)];
  let ownValues = valuesAt;
  for (const [k, node] of order.entries()) {
    const at = (k * nodeBytes) >> 2;
    words[at + 2] = begin + child[k] * nodeBytes;
    if (feature[node] >= 0) {
      floats[at] = threshold[node];
      words[at + 1] = feature[node] * 4;
    } else {
      floats[at] = Number.NaN;
      words[at + 3] = ownValues;
      floats.set(values.subarray(node * targets, (node + 1) * targets), (ownValues - begin) >> 2);
      ownValues += width * 4;
    }
  }
  for (const [k, place] of first.entries()) words[((rootsAt - begin) >> 2) + k] = begin + place * nodeBytes;
  return {bytes, roots: rootsAt, sure: Math.min(deepest, mostSure)};
}

function outOfMemory(): never {
  throw new Error("out of memory for an ensemble of trees");
}
