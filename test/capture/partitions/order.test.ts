import {beforeAll, describe, expect, it} from "vitest";
import {ColumnEncoder} from "../../../capture/partitions/encoder/encoder.ts";
import {FixedTextBuffer} from "../../../capture/partitions/fixed-text.ts";
import {formFor, NumberBuffer} from "../../../capture/partitions/numbers.ts";
import {randomFrom} from "./random-batches.ts";

const seed = Number(process.env.SEED ?? 20261121);
type Numbers = Float64Array | Float32Array | BigInt64Array;

let encoder: ColumnEncoder;
beforeAll(async () => {
  encoder = await ColumnEncoder.load();
});

/** The rows' numbers in the order that the encoder brings them to, told by a column of texts. */
function sorted(columns: readonly Numbers[]): number[] {
  const rows = columns[0].length;
  encoder.prepare(rows, rows * 8, 0, 0);
  for (const values of columns) {
    const type = values instanceof Float32Array ? "FLOAT" : values instanceof BigInt64Array ? "BIGINT" : "DOUBLE";
    const buffer = new NumberBuffer("x", type, formFor(type, values));
    const cut = rows >> 1;
    buffer.append(values.subarray(0, cut), cut);
    buffer.append(values.subarray(cut), rows - cut);
    if (!buffer.sort(encoder)) break;
  }
  const texts = new FixedTextBuffer("row", 8);
  texts.append({width: 8, bytes: Buffer.from(Array.from({length: rows}, (_, i) => `${i + 1e7}`).join(""))}, rows);
  texts.encode(encoder, {from: 0, count: rows});
  // Texts of one width stand behind their lengths.
  const page = Buffer.from(encoder.column.data).subarray(-rows * 8);
  return Array.from({length: rows}, (_, i) => Number(page.toString("latin1", i * 8, i * 8 + 8)) - 1e7);
}

function expected(columns: readonly Numbers[]): number[] {
  const key = (value: number | bigint) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
  return Array.from({length: columns[0].length}, (_, i) => i).sort((a, b) => {
    for (const values of columns) {
      const [one, other] = [key(values[a]), key(values[b])];
      if (one !== other) return one < other ? -1 : 1;
    }
    return a - b;
  });
}

describe(`rows are sorted by one column after another, NULL last, equal ones as they came (SEED=${seed})`, () => {
  const random = randomFrom(seed);
  const edges = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 0.5, 5e-324, -5e-324];
  const word = () => BigInt(Math.floor(random() * 2 ** 32));
  const wide = [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n];
  const firsts: Record<string, (rows: number) => Numbers> = {
    "values of all kinds": (rows) =>
      Float64Array.from({length: rows}, () => edges[Math.floor(random() * edges.length)]),
    "times far apart": (rows) => Float64Array.from({length: rows}, () => Math.floor(random() * 1.8e15)),
    "times close by": (rows) => Float64Array.from({length: rows}, () => 1.79e15 + Math.floor(random() * 3000)),
    "times in order": (rows) => Float64Array.from({length: rows}, (_, i) => 1.79e15 + (i >> 1)),
    "times in reverse": (rows) => Float64Array.from({length: rows}, (_, i) => 1.79e15 - Math.floor(i / 70)),
    "one time": (rows) => new Float64Array(rows).fill(1.79e15),
    "numbers of four bytes": (rows) =>
      Float32Array.from({length: rows}, () => (random() - 0.5) * 10 ** (random() * 60)),
    identifiers: (rows) =>
      BigInt64Array.from({length: rows}, () =>
        random() < 0.2 ? wide[Math.floor(random() * wide.length)] : BigInt.asIntN(64, (word() << 32n) | word())
      )
  };
  for (const [name, first] of Object.entries(firsts))
    it(name, () => {
      for (const rows of [1, 2, 3, 63, 64, 65, 66, 700, 20_000]) {
        const one = first(rows);
        expect(sorted([one])).toEqual(expected([one]));
        const other = firsts.identifiers(rows);
        expect(sorted([one, other])).toEqual(expected([one, other]));
        const few = Float64Array.from({length: rows}, () => Math.floor(random() * 3));
        expect(sorted([few, one, other])).toEqual(expected([few, one, other]));
      }
    });
});
